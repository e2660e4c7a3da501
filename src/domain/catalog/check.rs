//! One check of an issue: a shell command that says PASS or FAIL, or whose exit code tells.
//!
//! Both kinds become one command whose exit code alone decides ([`Check::command`]), so that the
//! verification of a catalog and the criteria of a specification are judged by the same words.

use super::script::{self, Piece};

/// The shell that a check is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Any shell of POSIX.
    Sh,
    /// bash.
    Bash,
}

/// What decides a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decides {
    /// The word PASS must be printed, the word FAIL must not, and the exit code is 0.
    Word,
    /// The exit code is 0.
    Exit,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it shows, one line.
    pub name: String,
    /// What runs before it in the same shell; empty when nothing does.
    pub setup: String,
    /// The command as it was written, one line or several.
    pub text: String,
    /// The shell it is written for.
    pub shell: Shell,
    /// What decides it.
    pub decides: Decides,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// The checks of a fenced block whose first line stands at `line` of its file. `numbered` is how
/// many checks came before it. A block without any command has none.
pub fn checks(block: &str, shell: Shell, line: usize, numbered: usize) -> Vec<Check> {
    let whole = || vec![Piece { heading: None, text: block.trim_end().to_owned(), line: 0 }];
    let found = script::pieces(block).unwrap_or_else(whole);
    let only_setup = found.iter().all(Piece::is_setup);
    let pieces = if only_setup && !found.is_empty() { whole() } else { found };
    let mut setup = String::new();
    let mut checks: Vec<Check> = Vec::new();
    for piece in pieces {
        if piece.is_setup() && !only_setup {
            setup.push_str(&piece.text);
            setup.push('\n');
            continue;
        }
        let ordinal = numbered + checks.len() + 1;
        let heading = piece.heading.as_deref().map(bare);
        let name = match heading.filter(|heading| !heading.is_empty()) {
            Some(heading) if checks.iter().any(|check| check.name == heading) => {
                format!("{heading} ({ordinal})")
            }
            Some(heading) => heading.to_owned(),
            None => format!("check {ordinal}"),
        };
        let says = |word| has_word(&piece.text, word);
        checks.push(Check {
            name,
            setup: setup.clone(),
            decides: if says("PASS") || says("FAIL") { Decides::Word } else { Decides::Exit },
            line: line + piece.line,
            text: piece.text,
            shell,
        });
    }
    checks
}

/// `Check 2: README is there` without its number.
fn bare(heading: &str) -> &str {
    let numbered = heading.split_once(':').filter(|(before, _)| {
        let mut words = before.split_whitespace();
        let first = words.next().unwrap_or_default();
        (first.eq_ignore_ascii_case("check") || first.eq_ignore_ascii_case("test"))
            && words.all(|word| word.parse::<u32>().is_ok())
    });
    numbered.map_or(heading, |(_, rest)| rest.trim())
}

/// Whether `word` stands in the text by itself.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|part| part == word)
}

/// The words of an output that decide, as the shell looks for them and as [`said`] does.
const PASSED: [&str; 2] = ["PASS", "PASSED"];
const FAILED: [&str; 4] = ["FAIL", "FAILED", "FAILS", "FAILURE"];

/// What an output says: that it passed, that it failed, or nothing. One word of failure outweighs
/// any number of others.
pub fn said(output: &str) -> Option<bool> {
    if FAILED.iter().any(|word| has_word(output, word)) {
        Some(false)
    } else {
        PASSED.iter().any(|word| has_word(output, word)).then_some(true)
    }
}

impl Check {
    /// The check as one line for `sh -c` whose exit code decides it: 0 passed, anything else did
    /// not. What the check prints is printed.
    pub fn command(&self) -> String {
        let script = format!("{}{}", self.setup, self.text);
        let inner = match self.shell {
            Shell::Sh => format!("sh -c {}", argument(&script)),
            Shell::Bash => format!("bash -c {}", argument(&script)),
        };
        let bare = self.shell == Shell::Sh
            && !script.contains('\n')
            && argument(&script).starts_with('\'');
        match self.decides {
            Decides::Exit if bare => script,
            Decides::Exit => inner,
            Decides::Word => format!(
                "said=$({inner} 2>&1); code=$?; printf '%s\\n' \"$said\"; test $code = 0 && \
                 printf '%s\\n' \"$said\" | grep -Eq {} && ! printf '%s\\n' \"$said\" | grep -Eq {}",
                pattern(&PASSED),
                pattern(&FAILED)
            ),
        }
    }
}

/// An extended regular expression that finds one of `words` standing by itself.
fn pattern(words: &[&str]) -> String {
    format!("'(^|[^[:alnum:]_])({})($|[^[:alnum:]_])'", words.join("|"))
}

/// `script` as one argument on one line. Line breaks, and what would be taken for a comment of
/// the specification it is written into, are spelled out for `printf`.
fn argument(script: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let comment = script.contains("<!--") || script.contains("-->");
    if comment {
        let spelled = script
            .replace('\\', r"\\")
            .replace("<!--", r"\074!--")
            .replace("-->", r"--\076")
            .replace('\n', r"\n");
        return format!("\"$(printf {})\"", quoted(&spelled.replace('%', "%%")));
    }
    if script.contains('\n') {
        let lines: Vec<String> = script.lines().map(quoted).collect();
        return format!("\"$(printf '%s\\n' {})\"", lines.join(" "));
    }
    quoted(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_becomes_its_checks() {
        let block = "cd x\n\n# Check 1: It is there\ntest -f a && echo \"PASS\"\n# Check: Twice\n\
                     grep -q y a\ntest -s a\n";
        let found = checks(block, Shell::Bash, 10, 0);
        let shown: Vec<_> =
            found.iter().map(|c| (c.name.as_str(), c.setup.as_str(), c.decides, c.line)).collect();
        assert_eq!(
            shown,
            [
                ("It is there", "cd x\n", Decides::Word, 13),
                ("Twice", "cd x\n", Decides::Exit, 15),
                ("Twice (3)", "cd x\n", Decides::Exit, 16),
            ]
        );
    }

    #[test]
    fn a_block_that_cannot_be_told_apart_is_one_check() {
        assert_eq!(checks("if true\necho", Shell::Sh, 1, 0).len(), 1);
        assert_eq!(checks("x=$(false)\n", Shell::Sh, 1, 0)[0].text, "x=$(false)");
        assert_eq!(checks("# only words\n", Shell::Sh, 1, 0), []);
    }

    #[test]
    fn one_word_of_failure_decides() {
        for (output, verdict) in [
            ("PASS\n", Some(true)),
            ("✅ PASSED: all", Some(true)),
            ("PASS\nFAIL (missing)", Some(false)),
            ("PASSWORD", None),
            ("", None),
        ] {
            assert_eq!(said(output), verdict, "{output:?}");
        }
    }

    #[test]
    fn a_command_is_one_line_whatever_the_script_is() {
        for text in ["a\nb", "echo '<!-- x -->'", "echo 'a'", "printf '%s\\n' x"] {
            for decides in [Decides::Word, Decides::Exit] {
                let check = Check {
                    name: String::new(),
                    setup: String::new(),
                    text: text.to_owned(),
                    shell: Shell::Sh,
                    decides,
                    line: 1,
                };
                let command = check.command();
                assert!(!command.contains('\n') && !command.contains("<!--"), "{command}");
            }
        }
    }
}
