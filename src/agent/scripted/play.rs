#![expect(clippy::disallowed_methods, reason = "the files are an agent's work, not our record")]
//! Performs a script, one step after the other, and compares what came of each with what must.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::script::{Action, Exit, Expect, Script, Who};
use crate::agent::spawn::{Check, End, check};

/// Sees what is done, as it is done.
pub trait Watcher {
    /// A part of the story begins.
    fn heading(&mut self, text: &str);
    /// Something is said.
    fn say(&mut self, text: &str);
    /// A file was written.
    fn wrote(&mut self, path: &str, text: &str);
    /// A command begins.
    fn command(&mut self, line: &str);
    /// It printed a line.
    fn printed(&mut self, line: &str);
    /// It ended with this code, as it must.
    fn ended(&mut self, code: i32);
}

/// A step that did not end as it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step} ({what}) did not end as it must: {why}")]
pub struct Failure {
    /// Its number, from 1.
    pub step: usize,
    /// What was done.
    pub what: String,
    /// What came of it instead.
    pub why: String,
}

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was performed.
    Done,
    /// A step said to end with this exit code.
    With(u8),
    /// A step said to be killed.
    Killed,
}

/// Plays scripts in a folder.
#[derive(Debug)]
pub struct Player<'a> {
    /// Where commands run and files are written.
    pub folder: PathBuf,
    /// Variables that commands must not see.
    pub without: &'a [&'a str],
    /// Variables that they get.
    pub with: &'a [(&'a str, OsString)],
    /// Longest time a command may take.
    pub limit: Duration,
}

/// What came of a command.
struct Came {
    end: End,
    output: Vec<u8>,
}

impl Player<'_> {
    /// Performs the steps of `script` that are for `who`.
    pub fn play(
        &mut self,
        script: &Script,
        who: &Who,
        watcher: &mut dyn Watcher,
    ) -> Result<Outcome, Failure> {
        for (index, step) in script.steps.iter().enumerate().filter(|(_, s)| s.when.fits(who)) {
            let failed = |what: &str, why: String| Failure {
                step: index + 1,
                what: what.lines().next().unwrap_or_default().to_owned(),
                why,
            };
            let what = match &step.action {
                Action::End(code) => return Ok(Outcome::With(*code)),
                Action::Kill => return Ok(Outcome::Killed),
                action => self.perform(action, &step.expect, watcher),
            };
            let what = what.map_err(|(what, why)| failed(&what, why))?;
            for line in &step.expect.holds {
                if !self.holds(line) {
                    return Err(failed(&what, format!("afterwards this does not hold: {line}")));
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Does one thing; returns what it was, or that and why it failed.
    fn perform(
        &mut self,
        action: &Action,
        expect: &Expect,
        watcher: &mut dyn Watcher,
    ) -> Result<String, (String, String)> {
        match action {
            Action::Heading(text) => watcher.heading(text),
            Action::Say(text) => watcher.say(text),
            Action::Wait(seconds) => std::thread::sleep(Duration::from_secs_f64(*seconds)),
            Action::Write { path, text } => {
                let what = format!("write {path}");
                self.write(path, text).map_err(|e| (what.clone(), e.to_string()))?;
                watcher.wrote(path, text);
                return Ok(what);
            }
            Action::Run(line) => {
                watcher.command(line);
                self.run(line, &mut |printed| watcher.printed(printed))
                    .judged(expect)
                    .map(|code| watcher.ended(code))
                    .map_err(|why| (line.clone(), why))?;
                return Ok(line.clone());
            }
            Action::Enter(word) => {
                let line = format!("cd {word}");
                watcher.command(&line);
                self.enter(&line, expect, watcher).map_err(|why| (line.clone(), why))?;
                return Ok(line);
            }
            // The player ends before it comes to these.
            Action::End(_) | Action::Kill => {}
        }
        Ok(String::new())
    }

    fn run(&self, line: &str, heard: &mut dyn FnMut(&str)) -> Came {
        let ran = check(
            &Check {
                command: line,
                folder: &self.folder,
                without: self.without,
                with: self.with,
                limit: self.limit,
                held: None,
            },
            heard,
        );
        Came { end: ran.end, output: ran.output }
    }

    /// Goes where the shell went. The folder is the last line, printed by us.
    fn enter(
        &mut self,
        line: &str,
        expect: &Expect,
        watcher: &mut dyn Watcher,
    ) -> Result<(), String> {
        let mut lines: Vec<String> = Vec::new();
        let came = self.run(&format!("{line} && pwd -P"), &mut |line| lines.push(line.to_owned()));
        let folder = match &came.end {
            End::Exited(0) => lines.pop(),
            _ => None,
        };
        for line in &lines {
            watcher.printed(line);
        }
        let code = came.judged(expect)?;
        if let Some(folder) = folder {
            self.folder = PathBuf::from(folder);
        }
        watcher.ended(code);
        Ok(())
    }

    fn holds(&self, line: &str) -> bool {
        matches!(self.run(line, &mut |_| {}).end, End::Exited(0))
    }

    /// Files of an agent are nobody's record: written plainly, as an editor would.
    fn write(&self, path: &str, text: &str) -> std::io::Result<()> {
        let place = self.folder.join(Path::new(path));
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(place, text)
    }
}

impl Came {
    /// The exit code, when everything is as it must be, or what is not.
    fn judged(&self, expect: &Expect) -> Result<i32, String> {
        let code = match &self.end {
            End::Exited(code) => *code,
            End::TimedOut => return Err("it was still running at its time limit".to_owned()),
            End::NotStarted(e) => return Err(format!("it could not be started: {e}")),
        };
        match expect.exit {
            Exit::Code(wanted) if code != wanted => {
                return Err(format!("exit code {code}, not {wanted}"));
            }
            Exit::Failure if code == 0 => return Err("exit code 0, and it must fail".to_owned()),
            _ => {}
        }
        let text = String::from_utf8_lossy(&self.output);
        let text = anstream::adapter::strip_str(&text).to_string();
        match expect.shows.iter().find(|words| !text.contains(words.as_str())) {
            Some(words) => Err(format!("its output lacks {words:?}")),
            None => Ok(code),
        }
    }
}
