//! A person at a terminal, who is asked and answers.

use std::path::Path;
use std::process::{Command, Stdio};

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use super::{World, binary};

/// A person at a terminal, and git-orch running on it.
pub struct Person {
    session: PtySession,
}

impl Person {
    /// Starts git-orch in `folder`, on a terminal of its own.
    pub fn at(world: &World, folder: &Path, args: &[&str]) -> Self {
        let mut command = world.command(folder, &binary());
        command.args(args).env("TERM", "xterm").env("NO_COLOR", "1").stdin(Stdio::inherit());
        Self { session: spawn_command(command, Some(30_000)).expect("terminal") }
    }

    /// Starts a program on a terminal of its own.
    pub fn with(mut command: Command) -> Self {
        command.env("TERM", "xterm").env("NO_COLOR", "1").stdin(Stdio::inherit());
        Self { session: spawn_command(command, Some(30_000)).expect("terminal") }
    }

    /// Waits for `question`, gives `answer`; returns what stood before the question.
    pub fn answer(&mut self, question: &str, answer: &str) -> String {
        let before = self.session.exp_string(question).expect(question);
        self.session.exp_string("[y/N]").expect("a question with no as its default");
        self.session.send_line(answer).expect("answer");
        before.replace("\r\n", "\n")
    }

    /// Waits for `shown`, then for a choice to be asked for, and presses these keys.
    pub fn press(&mut self, shown: &str, keys: &str) {
        self.session.exp_string(shown).expect(shown);
        self.session.exp_string("stop").expect("the last of the choices");
        self.session.send(keys).expect("keys");
        self.session.flush().expect("keys");
    }

    /// Waits for the end; returns the exit code.
    pub fn code(mut self) -> i32 {
        let rest = self.session.exp_eof().expect("end");
        match self.session.process().wait().expect("end") {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}\n{rest}"),
        }
    }

    /// Waits for the end; returns what was said after the last answer, and the exit code.
    pub fn end(mut self) -> (String, i32) {
        let rest = self.session.exp_eof().expect("end").replace("\r\n", "\n");
        match self.session.process().wait().expect("end") {
            WaitStatus::Exited(_, code) => (rest, code),
            other => panic!("{other:?}\n{rest}"),
        }
    }
}
