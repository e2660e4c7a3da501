//! The verdict on an issue that was worked on: dimensions, each with what it was computed from.
//!
//! A red check rejects, whatever else is said; an agent may add its opinion to what was computed.

/// One dimension of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// From 0 to 100.
    pub score: u32,
    /// A score below this rejects by itself; 0 never does.
    pub least: u32,
    /// What it was computed from.
    pub evidence: String,
}

/// What is known of a piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Files that were changed, the issue's own file left out.
    pub changed: Vec<String>,
    /// Files that the issue says are to be changed.
    pub affected: Vec<String>,
    /// Which of the changed files lie within those, or within the lane's.
    pub within: usize,
    /// Checks that are green and all that ran.
    pub checks: (usize, usize),
    /// Issues it depends on that are still open.
    pub waits_for: Vec<String>,
    /// Runs of agents that it took, and how many it may.
    pub runs: (u32, u32),
    /// Added lines that look like a secret: the file of each.
    pub secrets: Vec<String>,
}

/// The verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may land.
    pub approved: bool,
    /// The mean of the dimensions, from 0 to 100.
    pub score: u32,
    /// The dimensions.
    pub dimensions: Vec<Dimension>,
}

impl Verdict {
    fn of(dimensions: Vec<Dimension>) -> Self {
        let total: u32 = dimensions.iter().map(|one| one.score).sum();
        let parts = u32::try_from(dimensions.len()).unwrap_or(1);
        let approved = dimensions.iter().all(|one| one.score >= one.least);
        Self { approved, score: total / parts.max(1), dimensions }
    }

    /// The same with one more dimension. It may reject what was approved, and never the other way
    /// round.
    #[must_use]
    pub fn with(mut self, dimension: Dimension) -> Self {
        self.dimensions.push(dimension);
        Self::of(self.dimensions)
    }

    /// The word.
    pub fn word(&self) -> &'static str {
        if self.approved { "APPROVED" } else { "REJECTED" }
    }

    /// Why it was rejected, in words.
    pub fn why(&self) -> String {
        let low = self.dimensions.iter().filter(|one| one.score < one.least);
        low.map(|one| format!("{}: {}", one.name, one.evidence)).collect::<Vec<_>>().join("; ")
    }
}

/// Judges a piece of work.
pub fn judge(work: &Work) -> Verdict {
    let share = |part: usize, whole: usize| {
        u32::try_from((part * 100).checked_div(whole).unwrap_or(100)).unwrap_or(100)
    };
    let count = work.changed.len();
    let (green, ran) = work.checks;
    let (runs, most) = work.runs;
    let spare = most.max(1).saturating_sub(runs.saturating_sub(1));
    let dimensions = vec![
        Dimension {
            name: "SpecFit",
            score: share(work.within, count),
            least: 0,
            evidence: match work.affected.len() {
                0 => format!("{count} files changed; the issue names none"),
                named => {
                    format!("{} of {count} changed files are among the {named} named", work.within)
                }
            },
        },
        Dimension {
            name: "Verification",
            score: if ran == 0 { 0 } else { share(green, ran) },
            least: 100,
            evidence: format!("{green} of {ran} checks green"),
        },
        Dimension {
            name: "Dependencies",
            score: if work.waits_for.is_empty() { 100 } else { 0 },
            least: 100,
            evidence: match work.waits_for.as_slice() {
                [] => "nothing it depends on is open".to_owned(),
                open => format!("open: {}", open.join(", ")),
            },
        },
        Dimension {
            name: "Effort",
            score: (spare * 100 / most.max(1)).min(100),
            least: 0,
            evidence: format!("{runs} of {most} runs of agents"),
        },
        Dimension {
            name: "Security",
            score: if work.secrets.is_empty() { 100 } else { 0 },
            least: 100,
            evidence: match work.secrets.as_slice() {
                [] => "no added line looks like a secret".to_owned(),
                files => format!("added lines look like secrets in {}", files.join(", ")),
            },
        },
    ];
    Verdict::of(dimensions)
}

/// The opinion in what a critic printed: the last line that reads `CRITIC: 80 what it saw`.
pub fn opinion(text: &str) -> Option<(u32, String)> {
    text.lines().rev().find_map(|line| {
        let line = line.trim().trim_matches(|c| matches!(c, '*' | '`' | '#' | ' '));
        let rest = line.strip_prefix("CRITIC:")?.trim();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let score = rest[..digits].parse::<u32>().ok().filter(|score| *score <= 100)?;
        let words = rest[digits..].strip_prefix("/100").unwrap_or(&rest[digits..]);
        let words = super::super::names::one_line(words.trim());
        Some((score, words.chars().take(300).collect()))
    })
}

/// Whether an added line looks like a key that nobody should commit.
pub fn is_secret(line: &str) -> bool {
    let private = line.contains("-----BEGIN") && line.contains("PRIVATE KEY-----");
    let prefixed = ["AKIA", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_"];
    let long = |word: &str| word.len() >= 20 && word.bytes().all(|b| b.is_ascii_graphic());
    private
        || line
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ':' | ',' | '`'))
            .any(|word| long(word) && prefixed.iter().any(|prefix| word.starts_with(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Work {
        Work {
            changed: vec!["a".into()],
            affected: vec!["a".into()],
            within: 1,
            checks: (2, 2),
            runs: (1, 6),
            ..Work::default()
        }
    }

    #[test]
    fn good_work_is_approved() {
        let verdict = judge(&good());
        assert_eq!((verdict.word(), verdict.score), ("APPROVED", 100));
    }

    #[test]
    fn a_red_check_rejects_whatever_else_is_good() {
        let red = judge(&Work { checks: (1, 2), ..good() });
        assert_eq!(
            (red.word(), red.why().as_str()),
            ("REJECTED", "Verification: 1 of 2 checks green")
        );
        assert!(!judge(&Work { checks: (0, 0), ..good() }).approved, "nothing ran");
        assert!(!judge(&Work { waits_for: vec!["E-01".into()], ..good() }).approved);
        assert!(!judge(&Work { secrets: vec!["a".into()], ..good() }).approved);
    }

    #[test]
    fn going_beyond_what_was_named_costs_and_does_not_reject() {
        let wide = judge(&Work { changed: vec!["a".into(), "b".into()], within: 1, ..good() });
        assert!(wide.approved && wide.score < 100);
    }

    #[test]
    fn a_critic_adds_a_dimension_and_overrides_nothing() {
        let critic = |score, least| {
            let evidence = "it reads well".to_owned();
            Dimension { name: "Critic", score, least, evidence }
        };
        let mild = judge(&good()).with(critic(40, 0));
        assert!(mild.approved && mild.score == 90);
        let strict = judge(&good()).with(critic(40, 50));
        assert_eq!((strict.word(), strict.why().as_str()), ("REJECTED", "Critic: it reads well"));
        assert!(!judge(&Work { checks: (1, 2), ..good() }).with(critic(100, 0)).approved);
    }

    #[test]
    fn an_opinion_is_the_last_line_that_gives_a_score() {
        let said = |text: &str| opinion(text).map(|(score, words)| format!("{score} {words}"));
        assert_eq!(said("CRITIC: 80 fine\n").as_deref(), Some("80 fine"));
        assert_eq!(said("CRITIC: 10 no\n**CRITIC: 90/100 yes**\nbye").as_deref(), Some("90 yes"));
        for none in ["", "80 fine", "CRITIC: fine", "CRITIC: 101 too good", "a CRITIC: 80"] {
            assert_eq!(said(none), None, "{none}");
        }
    }

    #[test]
    fn secrets_are_told_from_words() {
        assert!(is_secret("token = \"ghp_abcdefghijklmnop1234\""));
        assert!(is_secret("-----BEGIN RSA PRIVATE KEY-----"));
        assert!(!is_secret("the prefix ghp_ is for tokens"));
        assert!(!is_secret("password: {{ from_vault }}"));
    }
}
