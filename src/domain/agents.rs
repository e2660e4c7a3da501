//! How a team's agents are started, how long they may work, and what their ends mean.

use std::collections::BTreeMap;

use super::tidy::quoted;
use super::time::span;

/// What a repository's configuration says of agents.
#[derive(Clone, Debug, PartialEq)]
pub struct Agents {
    /// The agent of every role that has none of its own.
    pub command: Option<AgentCommand>,
    /// What single roles do differently, by the role's name.
    pub roles: BTreeMap<String, RoleAgent>,
    /// Longest time one run of an agent may take, in seconds.
    pub timeout: u64,
    /// What an issue may cost before a person has to look.
    pub budget: Budget,
    /// What failed runs are followed by.
    pub retry: Retry,
}

/// What one role does differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleAgent {
    /// Its agent.
    pub command: Option<AgentCommand>,
    /// Longest time of a run, in seconds.
    pub timeout: Option<u64>,
}

/// A command that starts an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentCommand {
    /// One that git-orch knows by name.
    Named {
        /// The name.
        name: String,
        /// The script, for the scripted agent.
        script: Option<String>,
    },
    /// A program and its arguments.
    Words(Vec<String>),
}

impl std::fmt::Display for AgentCommand {
    /// As one would type it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named { name, script: None } => write!(f, "{name}"),
            Self::Named { name, script: Some(script) } => write!(f, "{name} {}", quoted(script)),
            Self::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                write!(f, "{}", words.join(" "))
            }
        }
    }
}

/// What an issue may cost before a person has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Runs in a row that bring the issue no further.
    pub attempts: u32,
    /// Runs altogether.
    pub runs: u32,
    /// Minutes that agents work, altogether.
    pub minutes: u64,
    /// Turns that agents report, altogether; no limit when missing.
    pub turns: Option<u64>,
}

/// What failed runs are followed by. Waits are in seconds; patterns are words in the last lines of
/// the output, in any case.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Wait after the first crash.
    pub crash_wait: f64,
    /// Wait after the first rate limit.
    pub rate_limit_wait: f64,
    /// Longest wait.
    pub longest_wait: f64,
    /// Words that tell a rate limit.
    pub rate_limit_patterns: Vec<String>,
    /// Exit codes that tell one.
    pub rate_limit_exit_codes: Vec<i32>,
    /// Words that tell that another attempt is of no use.
    pub give_up_patterns: Vec<String>,
    /// Exit codes that tell so.
    pub give_up_exit_codes: Vec<i32>,
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            command: None,
            roles: BTreeMap::new(),
            timeout: 3_600,
            budget: Budget { attempts: 6, runs: 60, minutes: 480, turns: None },
            retry: Retry::default(),
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        let own = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect();
        Self {
            crash_wait: 5.0,
            rate_limit_wait: 60.0,
            longest_wait: 1_800.0,
            rate_limit_patterns: own(&[
                "rate limit",
                "rate_limit",
                "ratelimit",
                "too many requests",
                "usage limit",
                "quota exceeded",
                "resource_exhausted",
                "overloaded",
                " 429",
                " 529",
            ]),
            // EX_TEMPFAIL of sysexits.h: try again later.
            rate_limit_exit_codes: vec![75],
            give_up_patterns: own(&[
                "invalid api key",
                "not logged in",
                "please run /login",
                "authentication_error",
                "command not found",
            ]),
            // What a shell says of a command that it may not run, or does not find.
            give_up_exit_codes: vec![126, 127],
        }
    }
}

impl Agents {
    /// The agent of a role.
    pub fn command(&self, role: &str) -> Option<&AgentCommand> {
        let own = self.roles.get(role).and_then(|role| role.command.as_ref());
        own.or(self.command.as_ref())
    }

    /// Longest time of a run in a role, in seconds.
    pub fn timeout(&self, role: &str) -> u64 {
        self.roles.get(role).and_then(|role| role.timeout).unwrap_or(self.timeout)
    }
}

/// How a run of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// By itself, with this exit code; 128 plus the number for a signal.
    Exit(i32),
    /// It ran past its limit, in seconds, and was ended.
    TimedOut(u64),
    /// It could not be started.
    NotStarted(String),
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It brought the issue further and ended well.
    Good,
    /// It ended well, and nothing is different from before.
    Idle,
    /// It was turned away and may come back later.
    RateLimited(String),
    /// It failed.
    Crashed(String),
    /// It failed, and so would another one.
    Hopeless(String),
}

impl Judgement {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Good => "it brought the issue further".to_owned(),
            Self::Idle => "it ended and brought the issue no further".to_owned(),
            Self::RateLimited(why) => format!("a rate limit ({why})"),
            Self::Crashed(why) | Self::Hopeless(why) => why.clone(),
        }
    }

    /// The first wait that it calls for, in seconds.
    pub fn wait(&self, retry: &Retry) -> Option<f64> {
        match self {
            Self::Good | Self::Hopeless(_) => None,
            Self::Idle | Self::Crashed(_) => Some(retry.crash_wait),
            Self::RateLimited(_) => Some(retry.rate_limit_wait),
        }
    }
}

/// What a run came to; `last_words` is the end of its output, `further` whether git-orch found the
/// issue further on than before. What the agent says of itself counts for nothing; its words are
/// looked at only where it failed.
pub fn judge(end: &RunEnd, last_words: &str, further: bool, retry: &Retry) -> Judgement {
    let said = last_words.to_lowercase();
    let found = |patterns: &[String]| {
        patterns
            .iter()
            .find(|words| !words.is_empty() && said.contains(&words.to_lowercase()))
            .cloned()
    };
    let code = match end {
        RunEnd::NotStarted(why) => {
            return Judgement::Hopeless(format!("it could not start: {why}"));
        }
        RunEnd::TimedOut(limit) => {
            return Judgement::Crashed(format!("it was still running after {}", span(*limit)));
        }
        RunEnd::Exit(code) => *code,
    };
    let quoted = |words: &String| format!("it says {:?}", words.trim());
    if code == 0 {
        return match (further, found(&retry.rate_limit_patterns)) {
            (true, _) => Judgement::Good,
            (false, Some(words)) => Judgement::RateLimited(quoted(&words)),
            (false, None) => Judgement::Idle,
        };
    }
    let exit = if code > 128 {
        format!("it was ended by signal {}", code - 128)
    } else {
        format!("it ended with exit code {code}")
    };
    if retry.rate_limit_exit_codes.contains(&code) {
        return Judgement::RateLimited(format!("exit code {code}"));
    }
    if let Some(words) = found(&retry.rate_limit_patterns) {
        return Judgement::RateLimited(quoted(&words));
    }
    if retry.give_up_exit_codes.contains(&code) {
        return Judgement::Hopeless(exit);
    }
    match found(&retry.give_up_patterns) {
        Some(words) => Judgement::Hopeless(format!("{exit}; {}", quoted(&words))),
        None => Judgement::Crashed(exit),
    }
}

/// The turns that a line of output reports: `"num_turns": 12`, as agents that answer in JSON do.
pub fn turns_reported(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once("\"num_turns\"")?;
    let number = rest.trim_start().strip_prefix(':')?.trim_start();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let retry = Retry::default();
        let judged =
            |code, words: &str, further| judge(&RunEnd::Exit(code), words, further, &retry);
        assert_eq!(judged(0, "done!", true), Judgement::Good);
        assert_eq!(judged(0, "all done, everything works", false), Judgement::Idle);
        assert!(matches!(
            judged(0, "API Error: Rate limit reached", false),
            Judgement::RateLimited(_)
        ));
        assert_eq!(judged(0, "I handled the rate limit in the client", true), Judgement::Good);
        assert!(matches!(
            judged(1, "HTTP 429 Too Many Requests", false),
            Judgement::RateLimited(_)
        ));
        assert!(matches!(judged(75, "", true), Judgement::RateLimited(_)));
        assert!(matches!(judged(127, "", false), Judgement::Hopeless(_)));
        assert!(matches!(judged(1, "Invalid API key", false), Judgement::Hopeless(_)));
        assert_eq!(judged(137, "", false), Judgement::Crashed("it was ended by signal 9".into()));
        let late = judge(&RunEnd::TimedOut(120), "rate limit", false, &retry);
        assert_eq!(late, Judgement::Crashed("it was still running after 2 min".into()));
    }

    #[test]
    fn a_role_has_its_own_agent_or_everybodys() {
        let words = |word: &str| AgentCommand::Words(vec![word.to_owned()]);
        let mut agents = Agents { command: Some(words("a")), ..Agents::default() };
        let own = RoleAgent { command: Some(words("b")), timeout: Some(9) };
        agents.roles.insert("implement".to_owned(), own);
        assert_eq!(agents.command("implement"), Some(&words("b")));
        assert_eq!(agents.command("validator"), Some(&words("a")));
        assert_eq!((agents.timeout("implement"), agents.timeout("validator")), (9, 3_600));
    }

    #[test]
    fn turns_are_read_where_they_are_reported() {
        assert_eq!(turns_reported(r#"{"type":"result","num_turns": 12,"x":1}"#), Some(12));
        assert_eq!(turns_reported("num_turns 12"), None);
        assert_eq!(turns_reported(r#""num_turns":null"#), None);
    }
}
