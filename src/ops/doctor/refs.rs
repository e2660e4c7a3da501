//! Files of refs that hold none: a power cut leaves them empty.

use std::path::{Path, PathBuf};

use super::aside::{free, word};
use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::names::{ARCHIVE, ISSUES, one_line};
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::entry::is_value;
use crate::git::reflog;

/// Every ref whose file says nothing.
pub(super) fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let common = &ctx.repo.common_dir;
    let mut found = Vec::new();
    // Where refs are kept in tables, the file that stands for all of them is none.
    if !common.join("reftable").exists() {
        files(&common.join("refs"), &mut found);
    }
    found.sort();
    found
        .into_iter()
        .filter_map(|path| {
            let name = path.strip_prefix(common).ok()?.to_str()?.to_owned();
            // Those of the records are told with the records.
            let ours = name.starts_with(ISSUES) || name.starts_with(ARCHIVE);
            (!ours).then(|| finding(ctx, &path, &name))
        })
        .collect()
}

/// Every file below a folder of refs that is neither a value nor a lock.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&path, found),
            Ok(kind) if kind.is_file() && path.extension().is_none_or(|end| end != "lock") => {
                let text = std::fs::read_to_string(&path);
                if text.is_ok_and(|text| !is_value(&text)) {
                    found.push(path);
                }
            }
            _ => {}
        }
    }
}

fn finding(ctx: &Context, path: &Path, name: &str) -> Result<Finding, Error> {
    let stem = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = free(&ctx.repo.common_dir.join(format!("{stem}.broken-ref")));
    let mut step = format!("mv {} {}", word(path), word(&aside));
    // git wrote down where it stood; an object that is gone is no place to stand.
    let moves = reflog::entries(&ctx.repo, name)?.unwrap_or_default();
    let last = moves.into_iter().rev().find_map(|entry| entry.new);
    if let Some(last) = last.filter(|last| ctx.repo.objects.commit(last).is_ok()) {
        let home = word(ctx.repo.home());
        step += &format!(" && git -C {home} update-ref {} {last}", quoted(name));
    }
    Ok(Finding {
        code: "ref-broken",
        level: Level::Bad,
        what: format!("the file of {} holds no commit", one_line(name)),
        why: "git fsck and git gc fail, and git makes no ref of that name".to_owned(),
        step,
        mend: Mend::Person,
    })
}
