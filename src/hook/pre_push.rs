//! `pre-push`: the boundary. git runs it before anything leaves.

use super::deadline;
use super::speech::{input, note, refuse, unjudged};
use crate::context::Surroundings;
use crate::error::{Error, exit};
use crate::git::hook_input::push_lines;
use crate::ops::gate::{Gate, push};

/// Judges what is about to be pushed; `args` holds the remote's name and address.
pub fn run(args: &[String]) -> u8 {
    let around = Surroundings::read();
    let lines = push_lines(&input(&around));
    if lines.is_empty() {
        return exit::DONE;
    }
    let remote = args.first().cloned().unwrap_or_default();
    let answer = deadline::within(deadline::PATIENT, closed, || {
        let gate = Gate::open(&around)?;
        push::judge(&gate, &remote, &lines)
    });
    match answer.and_then(|result| result.map_err(|e: Error| e.to_string())) {
        Ok(answer) => {
            for line in &answer.notes {
                note(line);
            }
            answer.refusal.map_or(exit::DONE, |refusal| refuse(&refusal))
        }
        Err(why) => closed(&why),
    }
}

/// Nothing was judged, so nothing leaves.
fn closed(why: &str) -> u8 {
    refuse(&unjudged("pushing".to_owned(), why))
}
