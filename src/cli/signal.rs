//! `git orch signal`.

use std::path::PathBuf;

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::domain::signal::{Outcome, State};
use crate::error::Error;
use crate::ops::signal::{self, Request};

/// Say how a lane is doing, in a file of a few bytes that the orchestrator watches
///
/// An agent of a lane needs no option: the environment says which lane it is. The same can be
/// written by hand: `echo "COMPLEX: E-45" >"$ORCH_SIGNALS/E.status"`, `touch "$ORCH_SIGNALS/E.done"`.
#[derive(Debug, Args)]
pub struct Signal {
    /// STARTING, NORMAL, COMPLEX or COMPLETE; or done, which ends the lane's part
    #[arg(value_parser = word)]
    state: Word,
    /// The rest of the line
    text: Vec<String>,
    /// The lane [default: the one of this agent]
    #[arg(long)]
    lane: Option<LaneName>,
    /// The folder of signals [default: the one of this run]
    #[arg(long, value_name = "DIR")]
    signals: Option<PathBuf>,
    /// With done: how it ended: complete, waiting, stopped or failed
    #[arg(long, value_parser = outcome, default_value = "complete")]
    result: Outcome,
    /// With done: how many issues landed
    #[arg(long, default_value_t = 0)]
    landed: u32,
    /// With done: how many were given up
    #[arg(long, default_value_t = 0)]
    skipped: u32,
    /// With done: how many are left
    #[arg(long, default_value_t = 0)]
    left: u32,
}

/// What is said.
#[derive(Clone, Copy, Debug)]
enum Word {
    State(State),
    Done,
}

fn word(text: &str) -> Result<Word, String> {
    if text.eq_ignore_ascii_case("done") {
        return Ok(Word::Done);
    }
    let known = || State::ALL.map(State::word).join(", ");
    State::of_word(text).map(Word::State).ok_or_else(|| format!("one of {}, done", known()))
}

fn outcome(text: &str) -> Result<Outcome, String> {
    let known = || Outcome::ALL.map(Outcome::word).join(", ");
    let same = |outcome: &Outcome| outcome.word() == text;
    Outcome::ALL.into_iter().find(same).ok_or_else(|| format!("one of {}", known()))
}

/// Runs the verb.
pub fn run(args: Signal, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("signal")?;
    let request = Request { lane: args.lane, folder: args.signals };
    let text = args.text.join(" ");
    let file = match args.state {
        Word::State(state) => signal::say(&ctx, &request, state, &text)?,
        Word::Done => {
            let counts = (args.landed, args.skipped, args.left);
            signal::end(&ctx, &request, args.result, counts, &text)?
        }
    };
    if speech.json {
        speech.out.json("signal", &serde_json::json!({ "file": file }));
    } else {
        speech.out.answer(&file.display().to_string());
    }
    Ok(())
}
