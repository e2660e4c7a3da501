//! `archive list|show|search|verify`: finished issues, read and not changed.

use serde::Serialize;

use super::{files, readable};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::telling_words;
use crate::domain::session::Ending;
use crate::error::Error;
use crate::ops::place;
use crate::ops::recall::index;
use crate::store::chain::{self, Chain};
use crate::store::recall::{FoundSession, Kept};
use crate::store::redact;

/// Every finished issue, the one that ended last first.
pub fn list(ctx: &Context) -> Result<Vec<Kept>, Error> {
    Ok(index(ctx, false)?.kept()?)
}

/// Finished issues in whose record some of the words stand, the best first.
pub fn search(ctx: &Context, words: &str, most: u32) -> Result<Vec<FoundSession>, Error> {
    let words: Vec<String> = telling_words(words).into_iter().collect();
    Ok(index(ctx, false)?.sessions(&words, most)?)
}

/// The record of a finished issue.
pub fn require(ctx: &Context, id: &IssueId) -> Result<Chain, Error> {
    chain::archived(&ctx.repo, id)?.ok_or_else(|| {
        Error::usage(format!("no finished issue {id} is archived"), "git orch archive list")
    })
}

/// What there is to read of a finished issue: its summary, and where the rest is.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The folder, when it is there.
    pub folder: Option<String>,
    /// The names of its files.
    pub files: Vec<String>,
    /// The summary.
    pub summary: String,
    /// How it ended.
    pub end: String,
}

/// Shows a finished issue; the record tells it also where the readable files are gone.
pub fn show(ctx: &Context, id: &IssueId) -> Result<Shown, Error> {
    let chain = require(ctx, id)?;
    let (root, relative) = place::archive(ctx, id);
    let folder = root.join(relative);
    let end = match chain.session.end.as_ref().map(|end| &end.how) {
        Some(Ending::Landed { .. }) => "landed",
        Some(Ending::Abandoned { .. }) => "abandoned",
        None => "open",
    };
    Ok(Shown {
        files: files::names(&folder)?,
        folder: folder.is_dir().then(|| folder.display().to_string()),
        summary: readable::summary(&redact::session(chain.session)),
        end: end.to_owned(),
    })
}

/// One archive that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Whose.
    pub issue: String,
    /// What is wrong with it; `None` when every file is what the manifest says.
    pub wrong: Option<String>,
}

/// Compares the files of one archive, or of all, with their manifests.
pub fn verify(ctx: &Context, only: Option<&IssueId>) -> Result<Vec<Verified>, Error> {
    let ids = match only {
        Some(id) => {
            require(ctx, id)?;
            vec![id.clone()]
        }
        None => chain::all_archived(&ctx.repo)?.into_iter().map(|(id, _)| id).collect(),
    };
    let mut list = Vec::new();
    for id in ids {
        let (root, relative) = place::archive(ctx, &id);
        let wrong = files::verify(&root.join(relative)).err().map(|e| e.to_string());
        list.push(Verified { issue: id.to_string(), wrong });
    }
    Ok(list)
}
