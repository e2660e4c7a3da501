//! The form of a script: TOML, a list of steps.
//!
//! Each step does one thing and may say for whom it is (issue, role, task, attempt) and what must
//! come of it (exit code, words in the output, commands that hold afterwards). Reading it is all
//! that happens here.

use serde::Deserialize;

/// Newest version of the form.
const VERSION: u32 = 1;

/// What an agent of this kind does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// For whom.
    pub when: When,
    /// What.
    pub action: Action,
    /// What must come of it.
    pub expect: Expect,
}

/// Which runs a step belongs to; what is not named does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The issue.
    pub issue: Option<String>,
    /// The agent's role.
    pub role: Option<String>,
    /// The task.
    pub task: Option<u32>,
    /// The attempt, from 1.
    pub attempt: Option<u32>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Begins a part of the story.
    Heading(String),
    /// Says something.
    Say(String),
    /// Writes a file below the folder, whole.
    Write {
        /// The file, relative to the folder.
        path: String,
        /// Its content.
        text: String,
    },
    /// Runs a line of shell in the folder.
    Run(String),
    /// Goes to the folder that this word of shell names.
    Enter(String),
    /// Does nothing for so many seconds.
    Wait(f64),
    /// Ends with this exit code.
    End(u8),
    /// Kills itself, as a crash would.
    Kill,
}

/// What must come of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    /// How the command ends.
    pub exit: Exit,
    /// Words that its output holds.
    pub shows: Vec<String>,
    /// Commands that succeed afterwards.
    pub holds: Vec<String>,
}

/// How a command must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this code.
    Code(i32),
    /// With any code but 0.
    Failure,
}

impl Default for Exit {
    fn default() -> Self {
        Self::Code(0)
    }
}

/// Who plays: what the conditions of a step are compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The issue.
    pub issue: String,
    /// The agent's role.
    pub role: String,
    /// The task, when there is one.
    pub task: Option<u32>,
    /// The attempt, from 1.
    pub attempt: u32,
}

impl When {
    /// Whether the step is for `who`.
    pub fn fits(&self, who: &Who) -> bool {
        self.issue.as_ref().is_none_or(|issue| *issue == who.issue)
            && self.role.as_ref().is_none_or(|role| *role == who.role)
            && self.task.is_none_or(|task| Some(task) == who.task)
            && self.attempt.is_none_or(|attempt| attempt == who.attempt)
    }
}

/// A script that cannot be read: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadScript(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "newest")]
    version: u32,
    #[serde(default)]
    step: Vec<toml::Spanned<Shape>>,
}

fn newest() -> u32 {
    VERSION
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    issue: Option<String>,
    role: Option<String>,
    task: Option<u32>,
    attempt: Option<u32>,
    heading: Option<String>,
    say: Option<String>,
    write: Option<String>,
    text: Option<String>,
    run: Option<String>,
    enter: Option<String>,
    wait: Option<f64>,
    end: Option<u8>,
    #[serde(default)]
    kill: bool,
    exit: Option<i32>,
    #[serde(default)]
    fails: bool,
    #[serde(default)]
    shows: Vec<String>,
    #[serde(default)]
    holds: Vec<String>,
}

impl Script {
    /// The script that `text` holds.
    pub fn parse(text: &str) -> Result<Self, BadScript> {
        let line = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let file: File = toml::from_str(text).map_err(|e| {
            let place = e.span().map_or(String::new(), |at| format!("line {}: ", line(at.start)));
            BadScript(format!("{place}{}", e.message()))
        })?;
        if file.version != VERSION {
            return Err(BadScript(format!(
                "version {} is not known; this git-orch knows {VERSION}",
                file.version
            )));
        }
        let steps = file.step.into_iter().map(|shape| {
            let at = line(shape.span().start);
            step(shape.into_inner()).map_err(|why| BadScript(format!("line {at}: {why}")))
        });
        Ok(Self { steps: steps.collect::<Result<_, _>>()? })
    }
}

fn step(shape: Shape) -> Result<Step, String> {
    let runs = shape.run.is_some() || shape.enter.is_some();
    if !runs && (shape.exit.is_some() || shape.fails || !shape.shows.is_empty()) {
        return Err("exit, fails and shows speak of a command, and this step runs none".to_owned());
    }
    let exit = match (shape.exit, shape.fails) {
        (Some(_), true) => return Err("a step has either exit or fails".to_owned()),
        (Some(code), false) => Exit::Code(code),
        (None, true) => Exit::Failure,
        (None, false) => Exit::default(),
    };
    let write = match (shape.write, shape.text) {
        (Some(path), Some(text)) if is_below(&path) => Some(Action::Write { path, text }),
        (Some(path), Some(_)) => return Err(format!("{path:?} is no place below the folder")),
        (None, None) => None,
        _ => return Err("write and text belong together".to_owned()),
    };
    if shape.wait.is_some_and(|seconds| !(0.0..=86_400.0).contains(&seconds)) {
        return Err("wait is a number of seconds, a day at most".to_owned());
    }
    let mut actions = [
        shape.heading.map(Action::Heading),
        shape.say.map(Action::Say),
        write,
        shape.run.map(Action::Run),
        shape.enter.map(Action::Enter),
        shape.wait.map(Action::Wait),
        shape.end.map(Action::End),
        shape.kill.then_some(Action::Kill),
    ]
    .into_iter()
    .flatten();
    let (Some(action), None) = (actions.next(), actions.next()) else {
        return Err("a step has one of heading, say, write, run, enter, wait, end, kill".to_owned());
    };
    Ok(Step {
        when: When {
            issue: shape.issue,
            role: shape.role,
            task: shape.task,
            attempt: shape.attempt,
        },
        action,
        expect: Expect { exit, shows: shape.shows, holds: shape.holds },
    })
}

/// Whether a path stays below the folder it is relative to.
fn is_below(path: &str) -> bool {
    use std::path::Component;
    let mut parts = std::path::Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_one_action_and_its_conditions() {
        let text = "version = 1\n[[step]]\nsay = 'hello'\n[[step]]\nrole = 'implement'\ntask = 3\n\
            run = 'git commit'\nfails = true\nshows = ['refused: ']\n[[step]]\nwrite = 'a/b'\ntext = 'x'\n";
        let script = Script::parse(text).unwrap();
        assert_eq!(script.steps.len(), 3);
        assert_eq!(script.steps[1].expect.exit, Exit::Failure);
        let who = |task| Who { role: "implement".into(), task, ..Who::default() };
        assert!(script.steps[1].when.fits(&who(Some(3))));
        assert!(!script.steps[1].when.fits(&who(Some(4))));
        assert!(!script.steps[1].when.fits(&who(None)));
        assert!(script.steps[0].when.fits(&Who::default()));
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, part) in [
            ("[[step]]\nsya = 'x'\n", "line 2: "),
            ("\n\n[[step]]\nsay = 'x'\nrun = 'y'\n", "line 3: a step has one of"),
            ("[[step]]\nrole = 'x'\n", "a step has one of"),
            ("[[step]]\nsay = 'x'\nexit = 1\n", "runs none"),
            ("[[step]]\nwrite = '../x'\ntext = ''\n", "no place below"),
            ("[[step]]\nwrite = 'x'\n", "belong together"),
            ("[[step]]\nwait = -1.0\n", "a day at most"),
            ("version = 2\n", "version 2"),
        ] {
            let error = Script::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
