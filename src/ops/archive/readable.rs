//! The part of an archive that people read: what, why, how long each phase took, what was hard, what
//! was learned, and which commits and files it was. Nothing secret that a rule knows is in it.

use crate::context::Context;
use crate::domain::evidence::Subject;
use crate::domain::ids::CommitId;
use crate::domain::names::counted;
use crate::domain::session::{Ending, Session};
use crate::domain::task::TaskState;
use crate::domain::time::span;
use crate::error::Error;
use crate::store::{chain, layout, redact, xml};

/// What a person wants to know first.
pub const SUMMARY: &str = "summary.md";

/// What was learned, as a document.
pub const LEARNINGS: &str = "learnings.xml";

/// A file by its name.
pub type Named = (&'static str, Vec<u8>);

/// The readable files of `session`, as its record stands at `state`: of these commits, up to `tip`.
pub fn files(
    ctx: &Context,
    session: &Session,
    state: &CommitId,
    (all, tip): (&[CommitId], Option<&CommitId>),
) -> Result<Vec<Named>, Error> {
    let session = &redact::session(session.clone());
    let learnings = xml::learnings::write(&session.issue, &session.learnings);
    let stat = tip.map(|tip| diffstat(ctx, session, tip)).transpose()?.unwrap_or_default();
    let mut files = vec![
        (LEARNINGS, learnings.into_bytes()),
        ("commits.txt", clean(&commits(ctx, all)?)),
        ("diffstat.txt", clean(&stat)),
        ("conflicts.txt", clean(&conflicts(ctx, all)?)),
        (SUMMARY, clean(&summary(session))),
    ];
    if let Some(spec) = chain::companion(&ctx.repo, state, layout::SPEC)? {
        files.push((layout::SPEC, redact::bytes(&spec).into_owned()));
    }
    Ok(files)
}

/// Those of a finished issue. What its branch carried and landed with it stays as it is: it is
/// tracked where the work is.
pub fn of_finished(ctx: &Context, session: &Session, last: &CommitId) -> Result<Vec<Named>, Error> {
    let all: Vec<CommitId> = session.births.iter().map(|birth| birth.commit.clone()).collect();
    let sealed = session.seal.as_ref().map(|seal| seal.tip.clone());
    let kept = ctx.repo.objects.commit(last)?.parents.into_iter().nth(1);
    let tip = sealed.clone().or(kept);
    let mut files = files(ctx, session, last, (&all, tip.as_ref()))?;
    let landed = matches!(&session.end, Some(end) if matches!(end.how, Ending::Landed { .. }));
    let Some(sealed) = sealed.filter(|_| landed) else { return Ok(files) };
    for (name, bytes) in &mut files {
        let path = format!("{}{name}", layout::archive_folder(&session.issue));
        // A commit that was collected as garbage carries nothing any more.
        if let Ok(Some(carried)) = ctx.repo.objects.file(&sealed, &path) {
            *bytes = carried;
        }
    }
    Ok(files)
}

fn clean(text: &str) -> Vec<u8> {
    redact::text(text).into_bytes()
}

/// The issue's commits, a line each.
fn commits(ctx: &Context, commits: &[CommitId]) -> Result<String, Error> {
    let mut text = String::new();
    for commit in commits {
        // Amended commits may have been collected as garbage; their ids still say something.
        let subject = match ctx.repo.objects.resolve(commit.as_str())? {
            Some(commit) => ctx
                .repo
                .objects
                .commit(&commit)?
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            None => "(no longer in the repository)".to_owned(),
        };
        text.push_str(&format!("{commit} {subject}\n"));
    }
    Ok(text)
}

/// What the branch changed up to `tip`.
fn diffstat(ctx: &Context, session: &Session, tip: &CommitId) -> Result<String, Error> {
    let output = ctx
        .repo
        .git
        .in_repository(&ctx.repo.common_dir, None)
        .args(["diff", "--stat=120", "--no-ext-diff", "--no-color"])
        .arg(format!("{}...{tip}", session.fork))
        .run()?;
    Ok(if output.code == 0 {
        String::from_utf8_lossy(&output.stdout).into_owned()
    } else {
        String::new()
    })
}

/// The merges of the issue and, for each, the files that came out like neither side: conflicts
/// that somebody resolved.
fn conflicts(ctx: &Context, commits: &[CommitId]) -> Result<String, Error> {
    let mut text = String::new();
    for commit in commits {
        let Some(commit) = ctx.repo.objects.resolve(commit.as_str())? else { continue };
        if ctx.repo.objects.commit(&commit)?.parents.len() < 2 {
            continue;
        }
        let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, None);
        let args = ["diff-tree", "--cc", "--name-only", "--no-commit-id", "-r", commit.as_str()];
        let output = call.args(args).run()?;
        for path in String::from_utf8_lossy(&output.stdout).lines().filter(|p| !p.is_empty()) {
            text.push_str(&format!("{commit} {path}\n"));
        }
    }
    Ok(text)
}

/// What was hard: checks that were red, tasks that were dropped or taken up again.
fn hard(text: &mut String, session: &Session) {
    let reds = || session.evidence.iter().filter(|e| !e.outcome.is_green());
    let runs = session.evidence.len();
    text.push_str(&format!(
        "\n## What was hard\n\n{} of checks, {} of them red.\n\n",
        counted(runs, "run", "runs"),
        reds().count()
    ));
    let mut told: Vec<&Subject> = Vec::new();
    for red in reds() {
        if told.contains(&&red.subject) {
            continue;
        }
        told.push(&red.subject);
        let times = reds().filter(|other| other.subject == red.subject).count();
        text.push_str(&format!(
            "- {} was red {times}×, first: {}\n",
            red.subject,
            red.outcome.words()
        ));
    }
    for task in &session.tasks {
        if let TaskState::Dropped { reason, .. } = &task.state {
            text.push_str(&format!(
                "- task {} ({}) was dropped: {reason}\n",
                task.number, task.text
            ));
        }
        if task.reopened > 0 {
            text.push_str(&format!(
                "- task {} ({}) was taken up again {}×\n",
                task.number, task.text, task.reopened
            ));
        }
    }
}

/// What a person wants to know first.
pub fn summary(session: &Session) -> String {
    let mut text = format!("# {}: {}\n\n", session.issue, session.title);
    match session.end.as_ref().map(|end| (&end.how, end.at)) {
        Some((Ending::Landed { into }, at)) => {
            text.push_str(&format!("Landed in {into} on {at}.\n"));
        }
        Some((Ending::Abandoned { reason, salvage }, at)) => {
            text.push_str(&format!(
                "Abandoned on {at}: {reason}\nThe work is kept under {salvage}.\n"
            ));
        }
        None => {}
    }
    if let Some(frozen) = &session.spec {
        text.push_str(&format!("\n## Goal\n\n{}\n\n## Criteria\n\n", frozen.spec.goal));
        for criterion in &frozen.spec.criteria {
            text.push_str(&format!("{}. {}\n", criterion.number, criterion.text));
        }
    }
    text.push_str("\n## Phases\n\n");
    let mut since = session.created;
    for step in &session.moves {
        let why = step.reason.as_deref().map(|r| format!(" ({r})")).unwrap_or_default();
        text.push_str(&format!(
            "- {} for {}, then {}{why}\n",
            step.from,
            span(step.at.since(since)),
            step.to
        ));
        since = step.at;
    }
    hard(&mut text, session);
    text.push_str("\n## Learned\n\n");
    for learning in &session.learnings {
        text.push_str(&format!("- {} ({}): {}\n", learning.kind, learning.when(), learning.lesson));
    }
    if let Some(reason) = session.waived() {
        text.push_str(&format!("Waived: {reason}\n"));
    }
    if let Some(reason) = &session.none_learned {
        text.push_str(&format!("Nothing: {reason}\n"));
    }
    text
}
