//! `land`: brings a finished issue into its base, never in a work tree of the user's.
//!
//! One issue at a time a repository. What is to land is made on a bench, a throw-away worktree,
//! by merging or rebasing as the policy says; the checks run on exactly that; the gate is asked;
//! the base is moved by compare-and-swap. Killed before the move, nothing has happened; killed
//! after it, the next landing brings along what is missing. What does not go in parks the issue.

pub mod base;
pub mod bench;
mod parked;

use self::base::Moved;
use self::bench::Bench;
use super::gate::Gate;
use super::gate::permit::MergePermit;
use super::ground::{Ground, some_of};
use super::validate::{self, Checked};
use super::{Mark, Narrator, facts, policy, record, standing};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::one_line;
use crate::domain::phase::Phase;
use crate::domain::policy::Method;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::Git;
use crate::git::landing::{self, Made};
use crate::store::lock::{self, Lock};

/// How often a base that others move is tried again.
const TRIES: u32 = 10;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch that holds the work now.
    pub into: String,
    /// Where that stood before.
    pub from: Option<CommitId>,
    /// Where it stands.
    pub to: Option<CommitId>,
    /// How many checks were green on the result.
    pub checks: usize,
    /// Whether it had landed before.
    pub already: bool,
}

/// Brings the issue in.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Report, Error> {
    let own = ctx.repo.own_folder();
    let turn = lock::landing(&own, &ctx.owner(), &mut |line| narrator.say(line))?;
    let git = ctx.repo.git.holding(&turn.file);
    base::recover(ctx, &git)?;
    for _ in 0..TRIES {
        // Others may have changed anything since: while we waited, or while the checks ran.
        let ctx = &ctx.again()?;
        let (session, tip) = match ready(ctx, id, narrator)? {
            Standing::Landed(into) => {
                parked::clear(ctx, id)?;
                note(ctx, id, &into, narrator)?;
                return Ok(Report { into, from: None, to: None, checks: 0, already: true });
            }
            Standing::Ready(session, tip) => (session, tip),
        };
        let landing = Landing { ctx, session: &session, tip: &tip, git: &git, turn: &turn };
        if let Some(report) = landing.attempt(narrator)? {
            parked::clear(ctx, id)?;
            note(&ctx.again()?, id, &report.into, narrator)?;
            return Ok(report);
        }
        narrator.say(&format!("{} was moved meanwhile; beginning again", session.base));
    }
    Err(Refusal::one(
        "overtaken",
        format!("landing issue {id}"),
        format!("its base moved {TRIES} times while the checks ran"),
        format!("git orch land {id}"),
    )
    .into())
}

/// Puts the landing into the log of what was done; the base has moved already.
fn note(ctx: &Context, id: &IssueId, into: &str, narrator: &mut dyn Narrator) -> Result<(), Error> {
    record::hold(ctx, id, narrator)?.note(ctx, &format!("Land in {into}"))
}

/// What there is to land.
enum Standing {
    /// Nothing: this branch holds the work.
    Landed(String),
    /// This.
    Ready(Box<Session>, CommitId),
}

/// Whether the issue is ready: sealed, and not landed yet.
fn ready(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Standing, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let facts = facts::gather(ctx, &held.chain)?;
    if let Some(reason) = standing::settle(ctx, &mut held, &facts)? {
        narrator.say(&format!("back to {}: {reason}", held.session().phase));
    }
    let session = held.session();
    if let Some(into) = facts::known_landed(ctx, session, &facts)? {
        return Ok(Standing::Landed(into));
    }
    if session.phase != Phase::Complete {
        let fix = match session.phase {
            Phase::Compact => format!("git orch compact {id}"),
            _ => format!("git orch next {id}"),
        };
        let why = format!("it is in {}, compaction is missing", session.phase);
        return Err(Refusal::one("uncompacted", format!("landing issue {id}"), why, fix).into());
    }
    // What lands is the branch, with the receipt where that travels in the tree.
    let tip = facts::require_tip(ctx, session)?;
    Ok(Standing::Ready(Box::new(session.clone()), tip))
}

/// One issue on its way in.
struct Landing<'a> {
    ctx: &'a Context,
    session: &'a Session,
    tip: &'a CommitId,
    git: &'a Git,
    turn: &'a Lock,
}

impl Landing<'_> {
    /// One try; `None` when the base was moved by somebody else meanwhile.
    fn attempt(&self, narrator: &mut dyn Narrator) -> Result<Option<Report>, Error> {
        let (branch, from) = self.base()?;
        let _underway = base::prepare(self.ctx, &branch)?;
        let bench = self.bench(&from, narrator)?;
        let to = match self.make(&bench, &branch, &from)? {
            Made::Commit(to) => to,
            Made::Conflict(files) => return Err(self.conflict(&branch, &from, &files)?),
        };
        self.refuse_obstacles(&branch, &from, &to)?;
        let checks = self.check(&bench, &branch, &from, &to, narrator)?;
        drop(bench);
        let permit = self.permit(&branch, &from, &to, narrator)?;
        // Looked at again: minutes may have passed.
        self.refuse_obstacles(&branch, &from, &to)?;
        let why = format!("git orch land {}", self.session.issue);
        Ok(match base::bring(self.ctx, self.git, &permit, &why)? {
            Moved::Overtaken => None,
            Moved::Yes => Some(Report {
                into: branch,
                from: Some(from),
                to: Some(to),
                checks,
                already: false,
            }),
        })
    }

    /// The branch to land on and where it stands.
    fn base(&self) -> Result<(String, CommitId), Error> {
        let mut names = vec![self.session.base.clone()];
        names.extend(policy::base_branch(&self.ctx.repo)?);
        for name in names {
            if let Some(tip) = self.ctx.repo.branch_tip(&name)? {
                return Ok((name, tip));
            }
        }
        let base = &self.session.base;
        Err(Refusal::one(
            "base-missing",
            self.what(),
            format!("there is no branch {base} here"),
            format!("git branch {} {}", quoted(base), self.session.fork),
        )
        .into())
    }

    fn what(&self) -> String {
        format!("landing issue {}", self.session.issue)
    }

    fn bench(&self, from: &CommitId, narrator: &mut dyn Narrator) -> Result<Bench, Error> {
        let start = match policy::in_force(self.ctx)?.land {
            Method::Merge => from,
            Method::Rebase => self.tip,
        };
        Bench::set_up(self.ctx, self.git, self.session.issue.as_str(), start, narrator)
    }

    /// Makes what is to land.
    fn make(&self, bench: &Bench, branch: &str, from: &CommitId) -> Result<Made, Error> {
        let place = bench.place(self.git);
        Ok(match policy::in_force(self.ctx)?.land {
            Method::Merge => {
                let Session { issue, title, .. } = self.session;
                let message = one_line(&format!("Merge issue {issue} into {branch}: {title}"));
                let message = format!("{message}\n\nOrch-Issue: {issue}\n");
                landing::merge(place, self.tip, &message)?
            }
            Method::Rebase => landing::rebase(place, from)?,
        })
    }

    /// Runs the issue's criteria and the project's validators on the result.
    fn check(
        &self,
        bench: &Bench,
        branch: &str,
        from: &CommitId,
        to: &CommitId,
        narrator: &mut dyn Narrator,
    ) -> Result<usize, Error> {
        let Bench { folder, git_dir, .. } = bench;
        let ground = Ground { worktree: folder.clone(), git_dir: git_dir.clone(), tip: to.clone() };
        let report = validate::elsewhere(self.ctx, self.session, &ground, self.turn, narrator)?;
        let red: Vec<String> = report.red().into_iter().map(Checked::name).collect();
        if red.is_empty() {
            return Ok(report.checks.iter().filter(|check| check.is_green()).count());
        }
        let id = &self.session.issue;
        let why = format!(
            "red on {branch} {} with issue {id} at {}: {}",
            from.short(),
            self.tip.short(),
            red.join(", ")
        );
        let fix = self.go_on(branch);
        parked::note(self.ctx, self.session, &Unmet::new("red-together", &why, &fix))?;
        Err(Error::Red(format!("{why}; {branch} is untouched\n    fix: {fix}")))
    }

    /// The command that brings the base into the issue, where its agent or a person can mend it.
    fn go_on(&self, branch: &str) -> String {
        format!("git -C {} merge {}", quoted(&self.session.worktree), quoted(branch))
    }

    fn conflict(&self, branch: &str, from: &CommitId, files: &[String]) -> Result<Error, Error> {
        let why = format!(
            "{branch} {} and issue {} at {} conflict in {}",
            from.short(),
            self.session.issue,
            self.tip.short(),
            some_of(files)
        );
        let unmet = Unmet::new("conflict", why, self.go_on(branch));
        parked::note(self.ctx, self.session, &unmet)?;
        Ok(Refusal::many("conflict", self.what(), vec![unmet]).into())
    }

    fn refuse_obstacles(&self, branch: &str, from: &CommitId, to: &CommitId) -> Result<(), Error> {
        let unmet = base::obstacles(self.ctx, branch, from, to)?;
        match unmet.first().map(|first| first.code) {
            Some(code) => Err(Refusal::many(code, self.what(), unmet).into()),
            None => Ok(()),
        }
    }

    fn permit(
        &self,
        branch: &str,
        from: &CommitId,
        to: &CommitId,
        narrator: &mut dyn Narrator,
    ) -> Result<MergePermit, Error> {
        let permit = Gate::of(self.ctx.again()?.repo).permit(branch, from, to)?;
        if let Some(first) = permit.strays().first() {
            let words = format!("{} belongs to no issue", first.short());
            narrator.end(&self.what(), &words, Mark::Open);
        }
        Ok(permit)
    }
}
