//! What is done with learnings after they were given: confirmed, disputed, reviewed, retired.

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::learning_id;
use crate::domain::learning::standing::{Act, Mark, Standing};
use crate::domain::names::{LEARNINGS, one_line};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::ops::heal;
use crate::ops::recall::{Ground, Known, index, known};
use crate::store::recall::Wanted;
use crate::store::{ledger, lock, redact};

/// A learning by the issue and its number there.
pub type Name = (IssueId, u32);

/// Who says it and why.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The issue whose work showed it.
    pub issue: Option<IssueId>,
    /// Why.
    pub reason: Option<String>,
    /// The learning that holds instead.
    pub successor: Option<Name>,
}

/// Records that `act` was done with a learning, and returns how it stands now. What was said
/// already by the same voice is not said again.
pub fn mark(ctx: &Context, name: &Name, act: Act, said: Said) -> Result<Known, Error> {
    let (id, number) = name;
    let there = find(ctx, name)?;
    let text = learning_id(id, *number);
    if act == Act::Confirmed && said.issue.as_ref() == Some(id) {
        return Err(Refusal::one(
            "learning-own",
            format!("confirming {text} by issue {id}"),
            "the issue that gave it cannot be the second one to agree",
            format!("git orch learn review --accept {text}"),
        )
        .into());
    }
    let reason = said.reason.as_deref().map(|text| redact::text(&one_line(text)));
    let reason = reason.filter(|reason| !reason.is_empty());
    if act == Act::Disputed && reason.as_deref().is_none_or(|r| r.chars().count() < 10) {
        return Err(Refusal::one(
            "reason-short",
            format!("disputing {text}"),
            "it is not said what was found instead",
            format!("git orch learn dispute {text} --reason 'what happens instead, and where'"),
        )
        .into());
    }
    let successor = said.successor.map(|(issue, number)| learning_id(&issue, number));
    if successor.as_deref() == Some(&text) {
        let fix = format!("git orch learn retire {text} --reason 'why it holds no more'");
        return Err(Error::usage(format!("{text} cannot supersede itself"), fix));
    }
    let author = crate::git::config::identity(&ctx.repo, &ctx.around.committer);
    let mark = Mark {
        learning: *number,
        act,
        at: ctx.now,
        by: author.clone(),
        issue: said.issue,
        reason,
        successor,
    };
    let voice = mark.voice();
    let said_already = |all: &[Mark]| {
        let mut of_it = all.iter().rev().filter(|m| m.learning == *number);
        match act {
            // The last word of this voice.
            Act::Confirmed | Act::Disputed => of_it
                .find(|m| m.voice() == voice && matches!(m.act, Act::Confirmed | Act::Disputed))
                .is_some_and(|m| m.act == act),
            // The last word of all.
            _ => of_it.next().is_some_and(|m| m.act == act && m.successor == mark.successor),
        }
    };
    let held = lock::ledger(&ctx.repo.own_folder(), &ctx.owner(), &mut |_| {})?;
    heal::own_ref(ctx, LEARNINGS)?;
    ledger::append(&ctx.repo, id, &mark, &author, &said_already)?;
    drop((held, there));
    find(ctx, name)
}

/// A learning as it stands today.
pub fn find(ctx: &Context, name: &Name) -> Result<Known, Error> {
    let (id, number) = name;
    let Some(found) = index(ctx, false)?.one(id, *number)? else {
        let text = learning_id(id, *number);
        return Err(Error::usage(
            format!("there is no learning {text} of an issue whose receipt is sealed"),
            "git orch learn review",
        ));
    };
    known(ctx, &Ground::find(ctx)?, found)
}

/// Learnings that wait for a person: proposed and suspect ones, the most agreed with first.
pub fn waiting(ctx: &Context) -> Result<Vec<Known>, Error> {
    let mut list = everything(ctx, &Wanted::default())?;
    list.retain(|known| matches!(known.tally.standing, Standing::Proposed | Standing::Suspect));
    list.sort_by_key(|known| {
        (known.tally.standing, std::cmp::Reverse(known.tally.confirmed), known.learning.at)
    });
    Ok(list)
}

/// Every learning that is wanted, as it stands today.
pub fn everything(ctx: &Context, wanted: &Wanted) -> Result<Vec<Known>, Error> {
    let ground = Ground::find(ctx)?;
    let found = index(ctx, false)?.all(wanted)?;
    found.into_iter().map(|one| known(ctx, &ground, one)).collect()
}
