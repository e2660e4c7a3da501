//! Takes the record of an issue to the other side, where a server or CI looks for its receipt.

use std::path::PathBuf;

use super::heal;
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, issue_ref};
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::{config, remotes};
use crate::store::intent::{self, Kind};

/// The intent of a push of an issue's record.
pub const RECORD: &str = "publish";

/// The remote that the work of this repository goes to: the one that is asked for, the one git
/// pushes to, or the only one.
pub fn remote(ctx: &Context, named: Option<&str>) -> Result<String, Error> {
    if let Some(name) = named {
        return Ok(name.to_owned());
    }
    if let Some(name) = config::value(&ctx.repo, "remote.pushDefault")? {
        return Ok(name);
    }
    let list = ctx.repo.git.at(ctx.repo.home()).arg("remote").text()?;
    let names: Vec<&str> = list.lines().collect();
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        all if all.contains(&"origin") => Ok("origin".to_owned()),
        _ => Err(Error::usage(
            "it is not clear which repository this goes to",
            "git config remote.pushDefault NAME",
        )),
    }
}

/// Pushes the record of the issue, open or finished; a finished one takes the place of what was
/// there while it was open.
pub fn record(ctx: &Context, id: &IssueId, remote: &str) -> Result<String, Error> {
    let (open, archived) = (issue_ref(id), archive_ref(id));
    let mut refs = Vec::new();
    if ctx.repo.objects.read_ref(&open)?.is_some() {
        refs.push(open);
    } else if ctx.repo.objects.read_ref(&archived)?.is_some() {
        refs.push(archived);
        let there = call(ctx, &["ls-remote", remote, &open])?;
        if !there.is_empty() {
            refs.push(format!(":{open}"));
        }
    } else {
        return Err(Error::usage(format!("there is no issue {id}"), "git orch status"));
    }
    let mut args = vec!["push", "--quiet"];
    // Not every server knows how, and one ref needs it not.
    args.extend((refs.len() > 1).then_some("--atomic"));
    args.push(remote);
    args.extend(refs.iter().map(String::as_str));
    push(ctx, Kind::of_issue(RECORD, id), remote, &refs, &args)?;
    Ok(refs.swap_remove(0))
}

/// Where the ref `name` stands on the other side; `None` when it is not there.
pub fn stands(ctx: &Context, remote: &str, name: &str) -> Result<Option<CommitId>, Error> {
    let text = call(ctx, &["ls-remote", remote, name])?;
    Ok(text.lines().find_map(|line| {
        let (id, there) = line.split_once('\t')?;
        (there == name).then(|| id.parse().ok())?
    }))
}

/// The address of a remote as it was set, before git's own rewriting.
pub fn address(ctx: &Context, remote: &str) -> Result<String, Error> {
    Ok(config::value(&ctx.repo, &format!("remote.{remote}.url"))?
        .unwrap_or_else(|| remote.to_owned()))
}

/// Pushes, with an intent: a push that was killed leaves git's locks on the refs it moved, here on
/// the copies of branches, and there when the other side is a folder of this machine, whose git was
/// killed with it. `kind` is the push under way, and `refs` are the names on the other side.
pub fn push(
    ctx: &Context,
    kind: Kind<'_>,
    remote: &str,
    refs: &[String],
    args: &[&str],
) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    if intent::is_open(&own, kind) {
        heal(ctx, kind, remote, refs)?;
    } else {
        intent::write(&own, kind, &remote)?;
    }
    let pushed = call(ctx, args);
    // git may fail because of what was killed on the other side alone.
    heal(ctx, kind, remote, refs)?;
    intent::clear(&own, kind)?;
    pushed.map(drop)
}

fn heal(ctx: &Context, kind: Kind<'_>, remote: &str, refs: &[String]) -> Result<(), Error> {
    let there = folder(ctx, remote)?;
    let Some(since) = heal::begun(&ctx.repo.own_folder(), kind) else { return Ok(()) };
    for name in refs.iter().map(|name| name.trim_start_matches(':')) {
        if let Some(branch) = name.strip_prefix("refs/heads/") {
            let copies = remotes::tracking(&ctx.repo, branch)?;
            let names: Vec<&str> = copies.iter().map(|copy| copy.name.as_str()).collect();
            heal::shared(ctx, kind, &names)?;
        }
        if let Some(there) = &there {
            let lock = there.join(format!("{name}.lock"));
            heal::leftover(since, &lock, &|| Ok(vec![there.clone()]))?;
        }
    }
    Ok(())
}

/// Where the other side keeps its refs, when it is a folder of this machine.
fn folder(ctx: &Context, remote: &str) -> Result<Option<PathBuf>, Error> {
    let asked = ["remote", "get-url", "--push", remote];
    let output = ctx.repo.git.at(ctx.repo.home()).args(asked).run()?;
    let address = if output.code == 0 { output.text() } else { remote.to_owned() };
    let path = ctx.repo.home().join(address.strip_prefix("file://").unwrap_or(&address));
    let real =
        |path: PathBuf| path.canonicalize().ok().filter(|path| path.join("objects").is_dir());
    Ok(real(path.join(".git")).or_else(|| real(path)))
}

/// Runs git, which may ask the other side; what it says when it fails is the error.
pub fn call(ctx: &Context, args: &[&str]) -> Result<String, Error> {
    let output = ctx.repo.git.at(ctx.repo.home()).args(args).run()?;
    if output.code == 0 {
        return Ok(output.text());
    }
    Err(Error::surroundings(
        format!("git {} failed: {}", args.first().unwrap_or(&""), output.complaint()),
        format!("git {}", args.iter().map(|arg| quoted(arg)).collect::<Vec<_>>().join(" ")),
    ))
}
