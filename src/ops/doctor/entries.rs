//! git's entries for worktrees: what a killed `git worktree add`, or a power cut, made of them.
//!
//! What is reported is only set aside, by a person: it may be somebody's. Those of our issues are
//! finished, or made again around the files that are there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::aside::{free, word};
use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::entry::{Entry, Part, is_spoilt_index};
use crate::git::open::real;
use crate::git::{running, worktrees};
use crate::store::intent::operation::OPENING;
use crate::store::intent::{self, Kind};

/// How often it is looked for a git that makes an entry, before it is taken for alive.
const LOOKS: usize = 4;
const MOMENT: Duration = Duration::from_millis(50);

/// Every entry that is not whole, and an index that is empty.
pub(super) fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let openings = openings(ctx)?;
    if let Some(main) = &ctx.repo.main_worktree {
        let index = ctx.repo.common_dir.join("index");
        if is_spoilt_index(&index) {
            findings.push(empty_index(main, &index));
        }
    }
    for entry in Entry::all(&ctx.repo.common_dir) {
        let broken = entry.broken();
        let unfinished = entry.is_begun();
        if (broken.is_none() && !unfinished) || entry_is_held(ctx, &entry)? {
            continue;
        }
        if let Some(id) = openings.iter().find(|opening| opening.is_of(&entry)) {
            findings.push(ours(&entry, id.id.as_str(), broken));
        } else if let Some(id) = super::worktree::issue_at(ctx, &entry)? {
            // An issue's: its branch and place are on record.
            findings.push(of_issue(&entry, &id, broken));
        } else if let Some(place) = entry.worktree.as_ref().filter(|_| !entry.is_half_made())
            && broken.is_some()
        {
            findings.push(empty_index(place, &entry.path.join("index")));
        } else {
            findings.push(foreign(ctx, &entry, broken));
        }
    }
    Ok(findings)
}

/// An opening of ours that is under way.
struct Opening {
    id: IssueId,
    worktree: Option<PathBuf>,
}

impl Opening {
    fn is_of(&self, entry: &Entry) -> bool {
        match (&self.worktree, &entry.worktree) {
            (Some(ours), Some(its)) => real(ours) == real(its),
            (Some(ours), None) => ours.file_name() == entry.path.file_name(),
            (None, _) => false,
        }
    }
}

/// Where an opening puts its worktree.
#[derive(Deserialize)]
struct Place {
    worktree: PathBuf,
}

fn openings(ctx: &Context) -> Result<Vec<Opening>, Error> {
    let own = ctx.repo.own_folder();
    let all = intent::all(&own)?.into_iter().filter(|(kind, _)| kind == OPENING);
    Ok(all
        .map(|(kind, id)| {
            let place: Option<Place> =
                intent::read(&own, Kind::of_issue(&kind, &id)).ok().flatten();
            Opening { worktree: place.map(|place| place.worktree), id }
        })
        .collect())
}

/// Whether a git is alive that may be making the entry just now.
fn entry_is_held(ctx: &Context, entry: &Entry) -> Result<bool, Error> {
    let lock = entry.path.join("locked");
    if lock.symlink_metadata().is_err() {
        return Ok(false);
    }
    let mut folders = vec![ctx.repo.common_dir.clone()];
    folders.extend(worktrees::list(&ctx.repo)?.into_iter().map(|worktree| worktree.path));
    folders.extend(entry.worktree.clone());
    // One that is just ending cannot be told from one that works here: it is gone the next time.
    for _ in 0..LOOKS {
        if running::owners(&lock, &folders).is_none_or(|owners| owners.is_empty()) {
            return Ok(false);
        }
        std::thread::sleep(MOMENT);
    }
    Ok(true)
}

fn half_made(entry: &Entry) -> String {
    format!("git's entry for worktree {} is half-made", one_line(&entry.name))
}

/// What it breaks.
fn breaks(broken: Option<Part>) -> &'static str {
    match broken {
        Some(Part::Common) => {
            "git commands fail in every worktree of this repository until it is gone"
        }
        Some(Part::Head | Part::Index) => {
            "git fsck and git gc fail, and nobody can work in that worktree"
        }
        Some(Part::Place) => "git does not know which worktree it is for, and does not reuse it",
        None => "git takes the worktree for one that is being made: it refuses to add it again",
    }
}

fn level(broken: Option<Part>) -> Level {
    match broken {
        Some(Part::Common | Part::Head | Part::Index) => Level::Bad,
        Some(Part::Place) | None => Level::Care,
    }
}

fn finding(entry: &Entry, broken: Option<Part>, step: String, mend: Mend) -> Finding {
    Finding {
        code: "worktree-entry",
        level: level(broken),
        what: half_made(entry),
        why: breaks(broken).to_owned(),
        step,
        mend,
    }
}

fn ours(entry: &Entry, id: &str, broken: Option<Part>) -> Finding {
    finding(entry, broken, format!("git orch new-issue {id}"), Mend::Open(id.to_owned()))
}

fn of_issue(entry: &Entry, id: &IssueId, broken: Option<Part>) -> Finding {
    let step = "git orch doctor --fix".to_owned();
    finding(entry, broken, step, Mend::Entry(id.to_string()))
}

/// Nothing is thrown away: entry and folder get another name, and git makes both anew.
fn foreign(ctx: &Context, entry: &Entry, broken: Option<Part>) -> Finding {
    let home = quoted(&ctx.repo.home().display().to_string());
    let step = match &entry.worktree {
        // Files and index are all there; only the last step is missing.
        Some(place) if !entry.is_half_made() => {
            format!("git -C {home} worktree unlock {}", word(place))
        }
        _ => {
            let aside = free(&ctx.repo.common_dir.join(format!("{}.half-made", entry.name)));
            let mut step = format!("mv {} {}", word(&entry.path), word(&aside));
            if let Some(place) = entry.worktree.as_ref().filter(|_| entry.made_folder()) {
                let mut name = place.clone().into_os_string();
                name.push(".half-made");
                step += &format!(" && mv {} {}", word(place), word(&free(Path::new(&name))));
            }
            match (&entry.worktree, &entry.branch) {
                (Some(place), Some(branch)) => {
                    let again =
                        format!("git -C {home} worktree add {} {}", word(place), quoted(branch));
                    step + "   # then " + &again
                }
                _ => step,
            }
        }
    };
    finding(entry, broken, step, Mend::Person)
}

/// An index without content: git makes it again from the commit, and leaves the files.
fn empty_index(worktree: &Path, index: &Path) -> Finding {
    let aside = free(&index.with_extension("empty"));
    Finding {
        code: "worktree-entry",
        level: Level::Bad,
        what: format!("the index of {} is empty", one_line(&worktree.display().to_string())),
        why: "git fsck and git gc fail, and nobody can work in that worktree".to_owned(),
        step: format!(
            "mv {} {} && git -C {} reset --quiet   # every file stays as it is",
            word(index),
            word(&aside),
            word(worktree)
        ),
        mend: Mend::Person,
    }
}
