//! `prepare-commit-msg`: puts the `Orch-Issue` line into messages on issue branches.

use super::deadline;
use crate::context::Surroundings;
use crate::error::{Error, exit};
use crate::ops::gate::{Gate, message};
use std::ffi::OsString;

/// Marks the message in the file that `args` begins with. A message that cannot be marked is left
/// as it is: the line is a convenience, the birth is the proof.
pub fn run(args: &[OsString]) -> u8 {
    let Some(file) = args.first().cloned() else { return exit::DONE };
    let around = Surroundings::read();
    let work = || -> Result<bool, Error> {
        let gate = Gate::open(&around)?;
        message::mark(&gate, &around.folder, file.as_ref())
    };
    let _ = deadline::within(deadline::LOCK, |_| exit::DONE, work);
    exit::DONE
}
