//! The readable archive of a finished issue: plain files, and a manifest of their digests.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::domain::ids::{CommitId, Digest};
use crate::domain::session::{Ending, Session};
use crate::domain::time::span;
use crate::error::Error;
use crate::ops::place;
use crate::store::{StoreError, atomic::Folder, chain, layout, redact, xml};

/// Names every file of the archive with its digest, as `sha256sum` writes it.
pub const MANIFEST: &str = "SHA256SUMS";

/// Writes the archive of `session`, whose last state is `last`, and returns its folder. What is
/// there already and right is left as it is.
pub fn write(ctx: &Context, session: &Session, last: &CommitId) -> Result<PathBuf, Error> {
    let (root, relative) = place::archive(ctx, &session.issue);
    let folder = Folder::create(&root, &relative)?;
    let evidence = Folder::create(&root, &format!("{relative}/{}", layout::EVIDENCE))?;
    let mut sums = String::new();
    let mut put = |folder: &Folder, prefix: &str, name: &str, bytes: &[u8]| -> Result<(), Error> {
        let bytes = &*redact::bytes(bytes);
        folder.write(name, bytes)?;
        sums.push_str(&format!("{}  {prefix}{name}\n", Digest::of(bytes).hex()));
        Ok(())
    };
    put(&folder, "", layout::SESSION_LOG, xml::session_log::write(session).as_bytes())?;
    let learnings = xml::learnings::write(&session.issue, &session.learnings);
    put(&folder, "", "learnings.xml", learnings.as_bytes())?;
    for name in [layout::SPEC, layout::RECEIPT] {
        if let Some(bytes) = chain::companion(&ctx.repo, last, name)? {
            put(&folder, "", name, &bytes)?;
        }
    }
    for path in chain::evidence_files(&ctx.repo, last)? {
        let Some(bytes) = chain::companion(&ctx.repo, last, &path)? else { continue };
        let name = path.rsplit('/').next().unwrap_or(&path);
        put(&evidence, &format!("{}/", layout::EVIDENCE), name, &bytes)?;
    }
    put(&folder, "", "commits.txt", commits(ctx, session)?.as_bytes())?;
    put(&folder, "", "diffstat.txt", diffstat(ctx, session, last)?.as_bytes())?;
    put(&folder, "", "conflicts.txt", conflicts(ctx, session)?.as_bytes())?;
    put(&folder, "", "summary.md", summary(session).as_bytes())?;
    folder.write(MANIFEST, sums.as_bytes())?;
    folder.sync_file_system()?;
    Ok(root.join(relative))
}

/// Reads the archive back and compares every file with the manifest.
pub fn verify(folder: &Path) -> Result<(), Error> {
    let wrong = |name: &str, reason: &str| StoreError::Damaged {
        name: folder.join(name).display().to_string(),
        reason: reason.to_owned(),
    };
    let root = Folder::open(folder, "")?.ok_or_else(|| wrong("", "the folder is gone"))?;
    let manifest = root.read(MANIFEST)?.ok_or_else(|| wrong(MANIFEST, "it is not there"))?;
    for line in String::from_utf8_lossy(&manifest).lines() {
        let (digest, path) =
            line.split_once("  ").ok_or_else(|| wrong(MANIFEST, "a line is malformed"))?;
        let bytes = match path.split_once('/') {
            None => root.read(path)?,
            Some((sub, name)) => match Folder::open(folder, sub)? {
                Some(below) => below.read(name)?,
                None => None,
            },
        };
        match bytes {
            None => return Err(wrong(path, "it is not there").into()),
            Some(bytes) if Digest::of(&bytes).hex() != digest => {
                return Err(wrong(path, "its content is not what the manifest says").into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The issue's commits, a line each.
fn commits(ctx: &Context, session: &Session) -> Result<String, Error> {
    let mut text = String::new();
    for birth in &session.births {
        // Amended commits may have been collected as garbage; their ids still say something.
        let subject = match ctx.repo.objects.resolve(birth.commit.as_str())? {
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
        text.push_str(&format!("{} {subject}\n", birth.commit));
    }
    Ok(text)
}

/// What the branch changed: up to the sealed commit, else up to the last one that `last` keeps.
fn diffstat(ctx: &Context, session: &Session, last: &CommitId) -> Result<String, Error> {
    let kept = ctx.repo.objects.commit(last)?.parents.into_iter().nth(1);
    let Some(tip) = session.seal.as_ref().map(|seal| seal.tip.clone()).or(kept) else {
        return Ok(String::new());
    };
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
fn conflicts(ctx: &Context, session: &Session) -> Result<String, Error> {
    let mut text = String::new();
    for birth in &session.births {
        let Some(commit) = ctx.repo.objects.resolve(birth.commit.as_str())? else { continue };
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

/// The names of the files in an archive, those of folders below it included.
pub fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    let Some(top) = Folder::open(folder, "")? else { return Ok(names) };
    for name in top.names()? {
        if folder.join(&name).is_dir() {
            let below = Folder::open(folder, &name)?.map(|f| f.names()).transpose()?;
            names.extend(below.unwrap_or_default().iter().map(|file| format!("{name}/{file}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
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
    let red = session.evidence.iter().filter(|e| !e.outcome.is_green()).count();
    text.push_str(&format!("\n## Checks\n\n{} runs, {red} of them red.\n", session.evidence.len()));
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
