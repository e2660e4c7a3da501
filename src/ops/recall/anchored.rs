//! Whether what a learning is anchored to is still there, on the branch that work lands on.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::learning::anchor::has_symbol;
use crate::domain::learning::standing::Anchored;
use crate::error::Error;
use crate::ops::policy;
use crate::store::recall::Found;

/// The tree that learnings are held against: that of the branch work lands on. Contents are read
/// once each.
#[derive(Debug)]
pub struct Ground {
    base: Option<CommitId>,
    read: RefCell<BTreeMap<String, Option<String>>>,
}

impl Ground {
    /// The present head of that branch.
    pub fn find(ctx: &Context) -> Result<Self, Error> {
        let base = match policy::base_branch(&ctx.repo)? {
            Some(branch) => policy::team_commit(&ctx.repo, &branch)?,
            None => None,
        };
        Ok(Self { base, read: RefCell::default() })
    }

    /// What is there of the file and symbol of a learning. Work that never landed says nothing
    /// about the branch.
    pub fn anchored(&self, ctx: &Context, found: &Found) -> Result<Anchored, Error> {
        let anchor = &found.learning.anchor;
        let (Some(base), Some(file), true) = (&self.base, &anchor.file, found.landed) else {
            return Ok(Anchored::There);
        };
        if !self.read.borrow().contains_key(file) {
            let bytes = ctx.repo.objects.file(base, file)?;
            let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            self.read.borrow_mut().insert(file.clone(), text);
        }
        let read = self.read.borrow();
        Ok(match (read.get(file).and_then(Option::as_ref), &anchor.symbol) {
            (None, _) => Anchored::FileGone,
            (Some(text), Some(symbol)) if !has_symbol(text, symbol) => Anchored::SymbolGone,
            _ => Anchored::There,
        })
    }
}
