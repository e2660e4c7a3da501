//! What every hook shares: reading what git says, and speaking on stderr; stdout belongs to git's
//! protocols.

use std::io::Read;
use std::os::unix::ffi::OsStrExt;

use crate::context::Surroundings;
use crate::domain::refusal::Refusal;
use crate::error::exit;
use crate::ui::{Out, explain};

/// What git writes to the hook: what the shim read of it, then the rest. The name of a ref is
/// bytes; one that is no text must not hide the lines around it.
pub fn input(around: &Surroundings) -> String {
    let mut bytes = around.seen.as_bytes().to_vec();
    // git may close its end at any time; what came counts.
    let _ = std::io::stdin().lock().read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Says no, in words, and returns the exit code that means no.
pub fn refuse(refusal: &Refusal) -> u8 {
    Out::new(false).alert(&explain::refusal(refusal));
    exit::REFUSED
}

/// Says something that is not a refusal.
pub fn note(line: &str) {
    Out::new(false).alert(line);
}

/// The refusal when no judgement came about: `what` was to happen, and why it was not judged.
pub fn unjudged(what: String, why: &str) -> Refusal {
    let why = format!("the gate could not judge it: {why}");
    Refusal::one("unjudged", what, why, "git orch doctor --fix   # then the same again")
}
