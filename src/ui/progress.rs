//! Work that takes minutes, as it goes: a spinner on a terminal, one line for each thing that
//! ended everywhere.

use std::time::Duration;

use indicatif::ProgressBar;

use super::Out;
use super::style::{self, paint};
use crate::ops::{Mark, Narrator};

/// Shows what an operation does.
#[derive(Debug)]
pub struct Progress<'a> {
    out: &'a Out,
    lines: bool,
    /// Draws on stderr, and nothing at all where that is no terminal.
    spinner: Option<ProgressBar>,
}

impl<'a> Progress<'a> {
    /// Shows it on `out`; what ended is a line of the answer when `lines` is set.
    pub fn new(out: &'a Out, lines: bool) -> Self {
        Self { out, lines, spinner: None }
    }

    fn still(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.still();
    }
}

impl Narrator for Progress<'_> {
    fn say(&mut self, line: &str) {
        let note = || self.out.note(&paint(style::FAINT, line));
        match &self.spinner {
            Some(spinner) => spinner.suspend(note),
            None => note(),
        }
    }

    fn begin(&mut self, what: &str) {
        self.still();
        let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(100));
        self.spinner = Some(spinner);
    }

    fn end(&mut self, what: &str, how: &str, mark: Mark) {
        self.still();
        if self.lines {
            let (style, sign) = match mark {
                Mark::Good => (style::GOOD, "✓"),
                Mark::Bad => (style::BAD, "✗"),
                Mark::Open => (style::CARE, "?"),
            };
            self.out.answer(&format!("{} {what}: {how}", paint(style, sign)));
        }
    }
}
