//! `catalog verify`: runs the verification commands of an issue and keeps what came of them.
//!
//! The commands come with the repository, so a person must have read them once. They run at the
//! top of the work tree, each in a shell of its own. What they said is written to
//! `.orchestration/reports/evidence/<LANE>/`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Place;
use crate::agent::{self, Check as Command, End, Ran};
use crate::clock;
use crate::context::Context;
use crate::domain::catalog::Entry;
use crate::domain::catalog::check::{Check, Decides, Shell, said};
use crate::domain::ids::IssueId;
use crate::domain::policy::Validator;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::ops::{Mark, Narrator, policy, record, trust};
use crate::store::atomic::Folder;
use crate::store::catalog::Catalog;
use crate::store::verification::{CheckResult, Verification};

/// Where evidence of verifications goes, from the top of the main worktree.
pub const EVIDENCE: &str = ".orchestration/reports/evidence";
/// How much of an output the evidence holds, in characters; the whole was on the terminal.
const KEPT: usize = 4_000;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The evidence.
    pub verification: Verification,
    /// Where it was written.
    pub file: PathBuf,
}

/// The issue `id` of a catalog that was read.
pub fn find<'a>(catalog: &'a Catalog, place: &Place, id: &IssueId) -> Result<&'a Entry, Error> {
    catalog.entries.get(id).ok_or_else(|| {
        Error::usage(
            format!("there is no file for issue {id} beside {}", place.page().display()),
            "git orch catalog check",
        )
    })
}

/// The commands of an issue as they are shown to a person and approved, all or none.
pub fn commands(entry: &Entry) -> Validator {
    let mut command = String::new();
    let mut setup = "";
    for check in &entry.checks {
        if check.setup != setup {
            command.push_str(check.setup.strip_prefix(setup).unwrap_or(&check.setup));
            setup = &check.setup;
        }
        if check.shell == Shell::Bash && !command.contains("# bash\n") {
            command.insert_str(0, "# bash\n");
        }
        command.push_str(&check.text);
        command.push('\n');
    }
    Validator { name: format!("catalog:{}", entry.id), command, timeout: 0 }
}

/// Refuses unless a person has approved the commands of each of these issues.
pub fn require_trust(
    ctx: &Context,
    place: &Place,
    entries: &[&Entry],
    what: &str,
) -> Result<(), Error> {
    let wanted = entries.iter().map(|entry| commands(entry)).collect();
    let open: Vec<_> = trust::judged(ctx, wanted)?.into_iter().filter(|s| !s.approved).collect();
    if open.is_empty() {
        return Ok(());
    }
    let name = |s: &trust::Standing| s.validator.name.trim_start_matches("catalog:").to_owned();
    let shown: Vec<String> = open.iter().take(5).map(name).collect();
    let more = if open.len() > 5 { format!(" and {} more", open.len() - 5) } else { String::new() };
    let why =
        format!("nobody here has read the verification commands of {}{more}", shown.join(", "));
    let page = quoted(&place.from_top(&place.name));
    let fix = format!("git orch trust --catalog {page}");
    Err(Refusal::many("untrusted", what, vec![Unmet::new("untrusted", why, fix)]).into())
}

/// Runs the checks of an issue in the work tree around us and keeps the evidence.
pub fn run(
    ctx: &Context,
    place: &Place,
    entry: &Entry,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let what = format!("verifying issue {}", entry.id);
    let top = ctx.repo.worktree.clone().ok_or_else(|| {
        Error::usage("there is no work tree here to verify anything in", "cd into a work tree")
    })?;
    if entry.checks.is_empty() {
        let why = format!("{} has no verification commands", place.from_top(&entry.file));
        return Err(Refusal::one("nothing-to-verify", what, why, "git orch catalog check").into());
    }
    require_trust(ctx, place, &[entry], &what)?;
    let limit = policy::in_force(ctx)?.check_timeout;
    let head = ctx.repo.objects.resolve("HEAD")?;
    let mut results = Vec::new();
    for check in &entry.checks {
        narrator.begin(&check.name);
        let result = one(&top, entry, check, limit, narrator);
        let mark = if result.passed { Mark::Good } else { Mark::Bad };
        narrator.end(&format!("{} {}", entry.id, check.name), &result.actual, mark);
        results.push(result);
    }
    let verification = Verification {
        issue_id: entry.id.to_string(),
        lane: entry.lane.to_string(),
        timestamp: clock::now().to_string(),
        commit: head.map(|commit| commit.to_string()),
        verification_pattern: entry.pattern.clone(),
        affected_paths: entry.paths.clone(),
        checks: results,
    };
    let file = keep(ctx, entry, &verification, narrator)?;
    Ok(Report { verification, file })
}

/// Runs one check at `top`.
fn one(
    top: &Path,
    entry: &Entry,
    check: &Check,
    limit: u64,
    narrator: &mut dyn Narrator,
) -> CheckResult {
    let command = check.command();
    let with = [("ORCH_ISSUE", entry.id.as_str().into()), ("GIT_TERMINAL_PROMPT", "0".into())];
    let ran = agent::check(
        &Command {
            command: &command,
            folder: top,
            without: local_variables(),
            with: &with,
            limit: Duration::from_secs(limit),
            held: None,
        },
        &mut |_| {},
    );
    if ran.left_running {
        narrator.say(&format!("{} left processes running; they were ended", check.name));
    }
    judged(check, &ran, limit)
}

fn judged(check: &Check, ran: &Ran, limit: u64) -> CheckResult {
    let output = String::from_utf8_lossy(&ran.output);
    let (passed, actual) = match &ran.end {
        End::Exited(0) if check.decides == Decides::Word => (true, "PASS".to_owned()),
        End::Exited(code) if check.decides == Decides::Word => match said(&output) {
            Some(false) => (false, "FAIL".to_owned()),
            Some(true) => (false, "PASS, and a non-zero exit code".to_owned()),
            None if *code == 1 => (false, "neither PASS nor FAIL".to_owned()),
            None => (false, format!("exit code {code}")),
        },
        End::Exited(code) => (*code == 0, format!("exit code {code}")),
        End::TimedOut => (false, format!("still running after {limit} s")),
        End::NotStarted(error) => (false, format!("could not start: {error}")),
    };
    let expected = if check.decides == Decides::Word { "PASS" } else { "exit code 0" };
    CheckResult {
        name: check.name.clone(),
        command: format!("{}{}", check.setup, check.text),
        expected: expected.to_owned(),
        actual,
        passed,
        output: output.chars().take(KEPT).collect(),
        duration_ms: u64::try_from(ran.took.as_millis()).unwrap_or(u64::MAX),
    }
}

fn keep(
    ctx: &Context,
    entry: &Entry,
    verification: &Verification,
    narrator: &mut dyn Narrator,
) -> Result<PathBuf, Error> {
    let (root, below) = match &ctx.repo.main_worktree {
        Some(main) => (main.clone(), EVIDENCE.to_owned()),
        None => (ctx.repo.own_folder(), "evidence".to_owned()),
    };
    let folder = Folder::create(&root, &format!("{below}/{}", entry.lane))?;
    let _lock = record::lock_repository(ctx, narrator)?;
    // What a killed run had begun to write: nobody else writes here while we hold the lock.
    let begun = format!(".{}_", entry.id);
    for name in folder.names()?.iter().filter(|name| name.starts_with(&begun)) {
        folder.remove(name)?;
    }
    let stamp = ctx.now.compact();
    let mut name = format!("{}_{stamp}.json", entry.id);
    let mut count = 1;
    while folder.has(&name) {
        count += 1;
        name = format!("{}_{stamp}-{count}.json", entry.id);
    }
    folder.write(&name, verification.json().as_bytes())?;
    Ok(folder.path().join(name))
}
