//! `git orch demo`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::speech::Speech;
use crate::agent::scripted::Watcher;
use crate::context::Surroundings;
use crate::error::Error;
use crate::ops::demo::{self, Options};
use crate::ui::Out;
use crate::ui::style::{self, paint};

/// How long the reader gets before each command, on a terminal.
const PAUSE: Duration = Duration::from_millis(200);

/// Watch the whole walk in a throw-away repository, refusals included: no network, no AI
#[derive(Debug, Args)]
pub struct Demo {
    /// Play in this new or empty folder, and keep it
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep the temporary folder to look around in
    #[arg(long)]
    keep: bool,
    /// Do not pause between the commands
    #[arg(long)]
    fast: bool,
}

/// Runs the verb.
pub fn run(args: Demo, speech: &Speech) -> Result<(), Error> {
    let around = Surroundings::read();
    let terminal = Out::shows_colour();
    let mut stage = Stage {
        out: &speech.out,
        speaks: !speech.json,
        pause: if args.fast || !Out::is_seen() { Duration::ZERO } else { PAUSE },
    };
    let options = Options { dir: args.dir, keep: args.keep, colour: terminal && !speech.json };
    let report = demo::run(&around, &options, &mut stage)?;
    if speech.json {
        let value = serde_json::json!({
            "commands": report.commands, "failed": report.failed, "kept": report.kept,
        });
        speech.out.json("demo", &value);
    }
    if let Some(kept) = &report.kept {
        speech.out.note(&format!("kept: {}", kept.display()));
    }
    if let Some(why) = report.failed {
        return Err(Error::Red(format!("the demo: {why}")));
    }
    if !speech.json {
        speech.out.answer("");
        speech.out.done(&format!(
            "{} commands, each ended as it must. In a repository of yours:",
            report.commands
        ));
        speech.out.next("git orch init");
    }
    Ok(())
}

/// Shows the play.
struct Stage<'a> {
    out: &'a Out,
    speaks: bool,
    pause: Duration,
}

impl Stage<'_> {
    fn show(&self, line: &str) {
        if self.speaks {
            self.out.answer(line);
        }
    }
}

impl Watcher for Stage<'_> {
    fn heading(&mut self, text: &str) {
        self.show(&format!("\n{}", paint(style::HEAD, format!("── {text}"))));
    }

    fn say(&mut self, text: &str) {
        self.show(&paint(style::FAINT, format!("# {text}")));
    }

    fn wrote(&mut self, path: &str, text: &str) {
        self.show(&paint(style::FAINT, format!("# The agent writes {path}:")));
        for line in text.lines() {
            self.show(format!("  │ {line}").trim_end());
        }
    }

    fn command(&mut self, line: &str) {
        std::thread::sleep(self.pause);
        let line = line.replace('\n', "\n  ");
        self.show(&format!("{} {}", paint(style::GOOD, "$"), paint(style::COMMAND, line)));
    }

    fn printed(&mut self, line: &str) {
        self.show(line);
    }

    fn ended(&mut self, code: i32) {
        if code != 0 {
            let words = format!("  ↑ exit code {code}, as it must be");
            self.show(&paint(style::CARE, words));
        }
    }
}
