//! The two streams: stdout is the answer, stderr the narration.

use std::cell::RefCell;
use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;

use super::style::{self, paint};
use crate::ops::Narrator;

/// Version of the JSON that reading verbs print.
pub const SCHEMA: u32 = 1;

/// Where a command speaks.
#[derive(Debug)]
pub struct Out {
    quiet: bool,
    /// Why the answer did not get out, when it did not.
    lost: RefCell<Option<io::Error>>,
}

impl Out {
    /// Both streams; `quiet` drops the narration, never a refusal or an error.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, lost: RefCell::new(None) }
    }

    /// One line of the answer.
    pub fn answer(&self, line: &str) {
        self.keep(writeln!(anstream::stdout(), "{line}"));
    }

    fn keep(&self, written: io::Result<()>) {
        match written {
            // A closed pipe (`git orch status | head -1`) is no error of ours.
            Err(e) if e.kind() != ErrorKind::BrokenPipe => drop(self.lost.replace(Some(e))),
            _ => {}
        }
    }

    /// Why the answer did not get out, when it did not: a full disk, most often.
    pub fn lost(&self) -> Option<io::Error> {
        let flushed = io::stdout().flush();
        self.keep(flushed);
        self.lost.take()
    }

    /// The answer as JSON, with the schema number.
    pub fn json<T: Serialize>(&self, kind: &str, value: &T) {
        let document = serde_json::json!({ "schema": SCHEMA, "kind": kind, "data": value });
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        self.keep(writeln!(io::stdout(), "{text}"));
    }

    /// One of several answers as JSON, on a line of its own.
    pub fn json_line<T: Serialize>(&self, kind: &str, value: &T) {
        let document = serde_json::json!({ "schema": SCHEMA, "kind": kind, "data": value });
        let _ = writeln!(io::stdout(), "{document}");
    }

    /// One line of narration.
    pub fn note(&self, line: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// One line of narration that something was done.
    pub fn done(&self, line: &str) {
        self.note(&format!("{} {line}", paint(style::GOOD, "✓")));
    }

    /// What to do next.
    pub fn next(&self, command: &str) {
        self.note(&format!("  next: {}", paint(style::COMMAND, command)));
    }

    /// A line that must be seen, quiet or not.
    pub fn alert(&self, line: &str) {
        let _ = writeln!(anstream::stderr(), "{line}");
    }

    /// Whether the answer goes to a terminal.
    pub fn is_seen() -> bool {
        io::stdout().is_terminal()
    }

    /// Whether the answer may have colours.
    pub fn shows_colour() -> bool {
        anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }

    /// Whether narration goes to a terminal, where it may be drawn over.
    pub fn shows_progress() -> bool {
        io::stderr().is_terminal()
    }

    /// Whether a person is there to answer a question.
    pub fn has_person() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }
}

impl Narrator for Out {
    fn say(&mut self, line: &str) {
        self.note(&paint(style::FAINT, line));
    }
}
