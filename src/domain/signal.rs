//! Signals: the few bytes in which a lane says how it is doing.
//!
//! A status is one line of at most 120 bytes, a completion a handful of them. Both may be written
//! by hand (`echo … > E.status`, `touch E.done`). They say "look"; what is true is looked up.

use super::ids::IssueId;

/// Longest status, in bytes, its line break included.
pub const STATUS_LIMIT: usize = 120;
/// Longest completion, in bytes.
pub const DONE_LIMIT: usize = 1_024;

/// How a lane is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It begins.
    Starting,
    /// It works on an issue as they usually are.
    Normal,
    /// It works on a hard one.
    Complex,
    /// It is through.
    Complete,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Starting, Self::Normal, Self::Complex, Self::Complete];

    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "STARTING",
            Self::Normal => "NORMAL",
            Self::Complex => "COMPLEX",
            Self::Complete => "COMPLETE",
        }
    }

    /// The state that a word means, in any case.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word().eq_ignore_ascii_case(word))
    }
}

/// A status: `COMPLEX: E-45 (EXTREME - 15 files)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How the lane is doing.
    pub state: State,
    /// The words behind it; may be empty.
    pub text: String,
}

/// Why a signal is not listened to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// It is longer than it may be.
    #[error("it is longer than {0} bytes")]
    Long(usize),
    /// It is no text.
    #[error("it is no UTF-8 text")]
    Binary,
    /// It does not begin with one of the four words.
    #[error("it begins with none of STARTING, NORMAL, COMPLEX, COMPLETE")]
    Word,
    /// It is there in part.
    #[error("it is torn: {0}")]
    Torn(String),
    /// It is of an earlier run or attempt.
    #[error("it is stale: {0}")]
    Stale(String),
    /// It is a link, a folder or something else that is no plain file.
    #[error("it is no plain file")]
    NotPlain,
    /// There is no such lane in this run.
    #[error("this run has no such lane")]
    Unknown,
}

impl Status {
    /// Reads a status file.
    pub fn read(bytes: &[u8]) -> Result<Self, Odd> {
        if bytes.len() > STATUS_LIMIT {
            return Err(Odd::Long(STATUS_LIMIT));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Odd::Binary)?;
        let line = text.lines().next().unwrap_or_default().trim();
        let (word, rest) = line.split_once(':').unwrap_or((line, ""));
        let state = State::of_word(word.trim()).ok_or(Odd::Word)?;
        Ok(Self { state, text: super::names::one_line(rest) })
    }

    /// The file, cut to what it may hold.
    pub fn write(&self) -> String {
        let mut line = match self.text.as_str() {
            "" => self.state.word().to_owned(),
            text => format!("{}: {}", self.state.word(), super::names::one_line(text)),
        };
        let mut end = line.len().min(STATUS_LIMIT - 1);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line.truncate(end);
        line.push('\n');
        line
    }
}

/// How a lane ended, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is through.
    Complete,
    /// Every issue left waits for one of another lane.
    Waiting,
    /// It was asked to stop.
    Stopped,
    /// It could not go on.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Complete, Self::Waiting, Self::Stopped, Self::Failed];

    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// A completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// How the lane ended.
    pub outcome: Outcome,
    /// Issues that landed.
    pub landed: u32,
    /// Issues that were given up.
    pub skipped: u32,
    /// Issues that are left for another run.
    pub left: u32,
    /// Which attempt at the lane it was, from 1.
    pub attempt: u32,
    /// The process.
    pub pid: u32,
    /// The run.
    pub run: String,
    /// When the attempt began.
    pub started: String,
    /// When it ended.
    pub ended: String,
    /// Why, when it failed, or what it waits for.
    pub why: String,
}

/// What a completion file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// All of it.
    Done(Box<Done>),
    /// It is empty: made by hand, and unverified.
    ByHand,
}

impl Done {
    /// The file.
    pub fn write(&self) -> String {
        format!(
            "result: {}\nlanded: {}\nskipped: {}\nleft: {}\nattempt: {}\npid: {}\nrun: {}\n\
             started: {}\nwhy: {}\nended: {}\n",
            self.outcome.word(),
            self.landed,
            self.skipped,
            self.left,
            self.attempt,
            self.pid,
            self.run,
            self.started,
            super::names::one_line(&self.why).chars().take(200).collect::<String>(),
            self.ended
        )
    }

    /// Reads a completion file.
    pub fn read(bytes: &[u8]) -> Result<Said, Odd> {
        if bytes.len() > DONE_LIMIT {
            return Err(Odd::Long(DONE_LIMIT));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Odd::Binary)?;
        if text.trim().is_empty() {
            return Ok(Said::ByHand);
        }
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.map(str::trim).ok_or_else(|| Odd::Torn(format!("it does not say {name}")))
        };
        let count = |name: &str| {
            field(name)?.parse::<u32>().map_err(|_| Odd::Torn(format!("{name} is no number")))
        };
        let word = field("result")?;
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == word);
        // The last line: a file that was cut short lacks it.
        let ended = field("ended")?.to_owned();
        if !text.ends_with('\n') {
            return Err(Odd::Torn("its last line is not whole".to_owned()));
        }
        Ok(Said::Done(Box::new(Self {
            outcome: outcome.ok_or_else(|| Odd::Torn(format!("its result is {word:?}")))?,
            landed: count("landed")?,
            skipped: count("skipped")?,
            left: count("left")?,
            attempt: count("attempt")?,
            pid: count("pid")?,
            run: field("run")?.to_owned(),
            started: field("started")?.to_owned(),
            why: field("why").unwrap_or_default().to_owned(),
            ended,
        })))
    }
}

/// An issue named in a status, when one is.
pub fn issue_in(text: &str) -> Option<IssueId> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| word.contains('-') && word.ends_with(|c: char| c.is_ascii_digit()))
        .find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_a_shell_writes_it() {
        let by_hand = Status::read(b"COMPLEX: E-45 (EXTREME - 15 files)\n").unwrap();
        assert_eq!(by_hand.state, State::Complex);
        assert_eq!(by_hand.text, "E-45 (EXTREME - 15 files)");
        assert_eq!(issue_in(&by_hand.text), "E-45".parse().ok());
        assert_eq!(by_hand.write(), "COMPLEX: E-45 (EXTREME - 15 files)\n");
        assert_eq!(Status::read(b"complete").unwrap().write(), "COMPLETE\n");
    }

    #[test]
    fn a_status_fits_its_file() {
        let long = Status { state: State::Normal, text: "ü".repeat(200) };
        let file = long.write();
        assert!(file.len() <= STATUS_LIMIT && file.ends_with('\n'));
        assert!(Status::read(file.as_bytes()).is_ok());
        assert_eq!(Status::read(&[b'a'; 121]), Err(Odd::Long(120)));
        assert_eq!(Status::read(b"hello\n"), Err(Odd::Word));
        assert_eq!(Status::read(b""), Err(Odd::Word));
        assert_eq!(Status::read(&[0xff, 0xfe]), Err(Odd::Binary));
        let sneaky = Status::read(b"NORMAL: \x1b[31mred\x07\n").unwrap();
        assert_eq!(sneaky.text, "[31mred");
    }

    #[test]
    fn a_completion_reads_back_and_a_torn_one_does_not() {
        let done = Done {
            outcome: Outcome::Complete,
            landed: 3,
            skipped: 1,
            left: 0,
            attempt: 2,
            pid: 4711,
            run: "20261120T120000Z".into(),
            started: "2026-11-20T12:00:00Z".into(),
            ended: "2026-11-20T12:01:00Z".into(),
            why: String::new(),
        };
        let file = done.write();
        assert_eq!(Done::read(file.as_bytes()), Ok(Said::Done(Box::new(done))));
        for cut in 1..file.len() {
            assert!(Done::read(&file.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(Done::read(b""), Ok(Said::ByHand));
        assert_eq!(Done::read(b"\n"), Ok(Said::ByHand));
    }
}
