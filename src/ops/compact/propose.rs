//! `compact --propose`: drafts of learnings, from the record of the session and its commits.

use std::collections::BTreeSet;
use std::path::Path;

use crate::context::Context;
use crate::domain::evidence::{Evidence, Subject};
use crate::domain::ids::IssueId;
use crate::domain::learning::draft::{Draft, Red, Seen, drafts};
use crate::domain::learning::rank::signature;
use crate::domain::learning::standing::Act;
use crate::domain::learning::{learning_id, parse_id};
use crate::domain::pattern::telling_line;
use crate::domain::session::Session;
use crate::domain::spec::{Answer, Check, parse};
use crate::domain::task::TaskState;
use crate::error::Error;
use crate::ops::learn::vote;
use crate::ops::record;
use crate::store::chain::Chain;
use crate::store::{chain, layout, ledger, redact, shown, working_copy};

/// What may be worth learning of the issue; what was given already is left out.
pub fn run(ctx: &Context, id: &IssueId) -> Result<Vec<Draft>, Error> {
    from(ctx, &record::require(ctx, id)?)
}

/// The same for a record that was read.
pub fn from(ctx: &Context, chain: &Chain) -> Result<Vec<Draft>, Error> {
    let session = &chain.session;
    let touched = touched(ctx, session);
    let spoken_of = spoken_of(session);
    let outside = touched.iter().filter(|path| !is_below(path, &spoken_of)).cloned().collect();
    let seen = Seen {
        reds: reds(ctx, chain)?,
        dropped: session.tasks.iter().filter_map(dropped).collect(),
        reopened: session
            .tasks
            .iter()
            .filter(|task| task.reopened > 0)
            .map(|task| (task.number, task.text.clone(), task.reopened))
            .collect(),
        spoken_of,
        outside,
        assumed: assumed(session),
        otherwise: otherwise(session)?,
        reverted: reverted(ctx, session)?,
        contradicted: contradicted(ctx, session)?,
    };
    let mut list = drafts(&seen);
    list.retain(|draft| !is_given(session, draft));
    Ok(list)
}

/// Whether a learning of the issue speaks of the same error, or for the same reason.
fn is_given(session: &Session, draft: &Draft) -> bool {
    let sign = draft.error.as_deref().map(signature);
    session.learnings.iter().any(|given| {
        let same_error = sign.is_some() && given.error.as_deref().map(signature) == sign;
        let same_thing = !draft.trigger.is_empty() && given.trigger == draft.trigger;
        same_error
            || same_thing
            || (sign.is_none() && !draft.evidence.is_empty() && given.evidence == draft.evidence)
    })
}

/// Each subject that was red, with what was changed until it was green.
fn reds(ctx: &Context, chain: &Chain) -> Result<Vec<Red>, Error> {
    let session = &chain.session;
    let mut subjects: Vec<&Subject> = Vec::new();
    for evidence in &session.evidence {
        if !subjects.contains(&&evidence.subject) {
            subjects.push(&evidence.subject);
        }
    }
    let mut list = Vec::new();
    for subject in subjects {
        let runs: Vec<&Evidence> =
            session.evidence.iter().filter(|e| e.subject == *subject).collect();
        let Some(first) = runs.iter().find(|e| !e.outcome.is_green()) else { continue };
        let green = runs.iter().find(|e| e.number > first.number && e.outcome.is_green());
        let file = layout::evidence_file(first.number);
        let output = chain::companion(&ctx.repo, &chain.tip, &file)?.unwrap_or_default();
        let output = String::from_utf8_lossy(&output).into_owned();
        let output = anstream::adapter::strip_str(&output).to_string();
        list.push(Red {
            subject: subject.to_string(),
            runs: runs.iter().filter(|e| !e.outcome.is_green()).map(|e| e.number).collect(),
            line: telling_line(&output).unwrap_or_default().to_owned(),
            green: green.map(|e| e.number),
            changed: green.map(|green| between(ctx, first, green)).unwrap_or_default(),
        });
    }
    Ok(list)
}

/// The files that differ between the trees of two runs: the trees say it exactly, uncommitted
/// changes included; where one of them was never written, the commits between them do.
fn between(ctx: &Context, red: &Evidence, green: &Evidence) -> Vec<String> {
    let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, None);
    let args = ["diff-tree", "-r", "-z", "--name-only", red.tree.as_str(), green.tree.as_str()];
    if let Ok(output) = call.args(args).run()
        && output.code == 0
    {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        return text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    }
    let tip = std::slice::from_ref(&green.commit);
    let Ok(commits) = ctx.repo.objects.history(tip, std::slice::from_ref(&red.commit)) else {
        return Vec::new();
    };
    paths_of(ctx, &commits)
}

fn paths_of(ctx: &Context, commits: &[crate::domain::ids::CommitId]) -> Vec<String> {
    let touched = crate::git::changes::touched(&ctx.repo, commits).unwrap_or_default();
    let paths: BTreeSet<String> = touched
        .into_values()
        .flatten()
        .map(|(path, _)| path)
        .filter(|path| !is_ours(path))
        .collect();
    paths.into_iter().collect()
}

/// Whether a path is one that git-orch itself commits.
fn is_ours(path: &str) -> bool {
    [layout::SESSIONS, layout::RECEIPTS].iter().any(|folder| path.starts_with(folder))
}

/// What the branch touches.
fn touched(ctx: &Context, session: &Session) -> Vec<String> {
    let tip = ctx.repo.branch_tip(session.branch.as_str()).ok().flatten();
    let fork = std::slice::from_ref(&session.fork);
    let commits = tip.and_then(|tip| ctx.repo.objects.history(&[tip], fork).ok());
    paths_of(ctx, &commits.unwrap_or_default())
}

/// Words of the specification and the tasks that look like paths.
fn spoken_of(session: &Session) -> Vec<String> {
    let mut text = String::new();
    for spec in session.spec.iter().map(|frozen| &frozen.spec) {
        text.push_str(&spec.goal);
        for criterion in &spec.criteria {
            text.push_str(&format!(" {}", criterion.text));
            if let Check::Command(command) = &criterion.check {
                text.push_str(&format!(" {command}"));
            }
        }
    }
    for task in &session.tasks {
        text.push_str(&format!(" {} {}", task.text, task.verify.as_deref().unwrap_or_default()));
    }
    let edge = |c: char| !(c.is_alphanumeric() || c == '_');
    let words = text.split_whitespace().map(|word| word.trim_matches(edge));
    let is_path = |word: &&str| {
        let (stem, end) = word.rsplit_once(['.', '/']).unwrap_or((word, ""));
        !stem.is_empty()
            && !end.is_empty()
            && !word.contains("://")
            && !stem.ends_with(' ')
            && stem.chars().any(char::is_alphabetic)
    };
    let set: BTreeSet<String> = words.filter(is_path).map(str::to_owned).collect();
    set.into_iter().collect()
}

/// Whether the path is one of `places`, below one, or beside one in the same folder.
fn is_below(path: &str, places: &[String]) -> bool {
    places.iter().any(|place| {
        let folder = place.rsplit_once('/').map(|(folder, _)| folder);
        path == place
            || path.ends_with(&format!("/{place}"))
            || path.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with('/'))
            || folder.is_some_and(|f| path.rsplit_once('/').is_some_and(|(own, _)| own == f))
    })
}

fn dropped(task: &crate::domain::task::Task) -> Option<(u32, String, String)> {
    match &task.state {
        TaskState::Dropped { reason, .. } => Some((task.number, task.text.clone(), reason.clone())),
        _ => None,
    }
}

fn assumed(session: &Session) -> Vec<(String, String)> {
    let questions = session.spec.iter().flat_map(|frozen| &frozen.spec.questions);
    questions
        .filter_map(|question| match &question.answer {
            Some(Answer::Assumed(text)) => Some((question.text.clone(), text.clone())),
            _ => None,
        })
        .collect()
}

/// Criteria that differ between the frozen specification and one that was edited by hand and set
/// aside.
fn otherwise(session: &Session) -> Result<Vec<(u32, String, String)>, Error> {
    let (Some(frozen), Some(folder)) =
        (&session.spec, working_copy::folder(Path::new(&session.worktree))?)
    else {
        return Ok(Vec::new());
    };
    let mut names = folder.names()?;
    names.retain(|name| name.starts_with(&format!("{}.edited-", layout::SPEC)));
    names.sort();
    let Some(bytes) = names.last().map(|name| folder.read(name)).transpose()?.flatten() else {
        return Ok(Vec::new());
    };
    // What was frozen is without secrets, and is compared with the like.
    let edited = parse::parse(&redact::text(&String::from_utf8_lossy(&bytes))).0;
    let pairs = frozen.spec.criteria.iter().zip(&edited.criteria);
    Ok(pairs
        .filter(|(was, wanted)| was.text != wanted.text)
        .map(|(was, wanted)| (was.number, was.text.clone(), wanted.text.clone()))
        .collect())
}

/// Commits of the branch that a later one of it reverts.
fn reverted(ctx: &Context, session: &Session) -> Result<Vec<(String, String)>, Error> {
    let Some(tip) = ctx.repo.branch_tip(session.branch.as_str())? else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for commit in ctx.repo.objects.history(&[tip], std::slice::from_ref(&session.fork))? {
        let message = ctx.repo.objects.commit(&commit)?.message;
        let Some(rest) = message.split("This reverts commit ").nth(1) else { continue };
        let word: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
        if word.len() >= 7
            && let Some(first) = ctx.repo.objects.resolve(&word)?
        {
            let text = ctx.repo.objects.commit(&first)?.message;
            let subject = text.lines().next().unwrap_or_default().to_owned();
            list.push((first.short().to_owned(), subject));
        }
    }
    Ok(list)
}

/// Learnings that were told to the issue and that it disputed.
fn contradicted(ctx: &Context, session: &Session) -> Result<Vec<(String, String, String)>, Error> {
    let mut list = Vec::new();
    let told = shown::told(&ctx.repo.own_folder(), &session.issue)?;
    let tip = ledger::tip(&ctx.repo)?;
    for name in told {
        let Ok((issue, number)) = parse_id(&name) else { continue };
        let marks = ledger::marks(&ctx.repo, tip.as_ref(), &issue)?;
        let own = |m: &&crate::domain::learning::standing::Mark| {
            m.learning == number
                && m.act == Act::Disputed
                && m.issue.as_ref() == Some(&session.issue)
        };
        let Some(mark) = marks.iter().rev().find(own) else { continue };
        let lesson = vote::find(ctx, &(issue.clone(), number))?.learning.lesson;
        let found = mark.reason.clone().unwrap_or_default();
        list.push((learning_id(&issue, number), lesson, found));
    }
    Ok(list)
}
