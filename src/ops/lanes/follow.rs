//! Following the logs of a lane as they grow, until the lane ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::tend::{self, alive};
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::error::Error;
use crate::store::StoreError;
use crate::store::lanes::Lanes;

/// How much of a log is handed on at once, in bytes.
const PART: u64 = 64 * 1024;

/// The logs of a lane, each open where it was read to: one whose worktree is gone by now can still
/// be read to its end.
#[derive(Debug)]
pub struct Follow<'a> {
    ctx: &'a Context,
    lane: &'a LaneName,
    open: BTreeMap<PathBuf, File>,
    cursor: u64,
    over: bool,
}

impl<'a> Follow<'a> {
    /// From the beginning of each log.
    pub fn new(ctx: &'a Context, lane: &'a LaneName) -> Self {
        Self { ctx, lane, open: BTreeMap::new(), cursor: 0, over: false }
    }

    /// Hands on what is new; returns whether the lane has ended, and all of it was handed on.
    pub fn look(&mut self, heard: &mut dyn FnMut(&Path, &[u8])) -> Result<bool, Error> {
        // First whether it has ended: what is read after that is the last there is.
        let over = self.is_over()?;
        for path in tend::logs(self.ctx, self.lane)? {
            if !self.open.contains_key(&path)
                && let Ok(file) = File::open(&path)
            {
                self.open.insert(path, file);
            }
        }
        for (path, file) in &mut self.open {
            loop {
                let mut bytes = Vec::new();
                let wrong = |e| StoreError::file(path, e);
                file.by_ref().take(PART).read_to_end(&mut bytes).map_err(wrong)?;
                if bytes.is_empty() {
                    break;
                }
                heard(path, &bytes);
            }
        }
        Ok(over)
    }

    /// Whether nobody works on the lane any more.
    fn is_over(&mut self) -> Result<bool, Error> {
        let lanes = Lanes::of(&self.ctx.repo.own_folder());
        let Some(current) = lanes.current()? else { return Ok(true) };
        let (events, cursor) = lanes.events(&current.run, self.cursor)?;
        self.cursor = cursor;
        for event in events.iter().filter(|e| e.lane.as_deref() == Some(self.lane.as_str())) {
            match event.kind.as_str() {
                "complete" | "given-up" | "blocked" => self.over = true,
                "started" | "found" | "retried" => self.over = false,
                _ => {}
            }
        }
        let progress = lanes.progress(&current.run, self.lane.as_str())?.unwrap_or_default();
        let someone =
            alive(current.claim.as_ref()).is_some() || alive(progress.claim.as_ref()).is_some();
        Ok(self.over || current.finished || !someone)
    }
}
