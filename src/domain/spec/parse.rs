//! Reads a `spec.md`: line by line, forgiving about spacing, strict about what is missing.

use super::{Answer, Check, Criterion, Problem, Question, Spec};
use crate::domain::names::one_line;

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Other,
    Goal,
    Criteria,
    Questions,
}

/// What `text` says, and everything that keeps it from being final, in the order of its lines.
pub fn parse(text: &str) -> (Spec, Vec<Problem>) {
    let mut reader = Reader { section: Section::Other, spec: Spec::default(), lines: Vec::new() };
    let mut in_comment = false;
    for (index, line) in text.lines().enumerate() {
        let line = strip_comment(line, &mut in_comment);
        reader.line(index + 1, &line);
    }
    reader.spec.goal = reader.spec.goal.trim().to_owned();
    let problems = reader.problems();
    (reader.spec, problems)
}

/// The part of `line` outside `<!-- … -->`; the template explains itself in such comments.
fn strip_comment(line: &str, inside: &mut bool) -> String {
    let mut kept = String::new();
    let mut rest = line;
    loop {
        let mark = if *inside { "-->" } else { "<!--" };
        let Some(at) = rest.find(mark) else {
            if !*inside {
                kept.push_str(rest);
            }
            return kept;
        };
        if !*inside {
            kept.push_str(&rest[..at]);
        }
        rest = &rest[at + mark.len()..];
        *inside = !*inside;
    }
}

struct Reader {
    section: Section,
    spec: Spec,
    /// Line of each criterion, then of each question.
    lines: Vec<(Section, usize)>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        if let Some(heading) = line.strip_prefix("## ") {
            self.section = section_of(heading);
            return;
        }
        match self.section {
            Section::Other => {}
            Section::Goal => {
                self.spec.goal.push_str(line.trim_end());
                self.spec.goal.push('\n');
            }
            Section::Criteria => self.criterion_line(number, line),
            Section::Questions => self.question_line(number, line),
        }
    }

    fn criterion_line(&mut self, number: usize, line: &str) {
        if let Some(item) = list_item(line) {
            let item = strip_box(item);
            if item.is_empty() {
                return;
            }
            let (text, check) = match item.strip_suffix("(manual)") {
                Some(text) => (text, Check::Manual),
                None => (item, Check::Missing),
            };
            let ordinal = u32::try_from(self.spec.criteria.len() + 1).unwrap_or(u32::MAX);
            self.spec.criteria.push(Criterion { number: ordinal, text: one_line(text), check });
            self.lines.push((Section::Criteria, number));
        } else if let Some(criterion) = self.spec.criteria.last_mut() {
            let line = line.trim();
            if let Some(command) = field(line, "verify") {
                criterion.check = Check::Command(strip_ticks(command).to_owned());
            } else if line == "manual" || field(line, "verify") == Some("manual") {
                criterion.check = Check::Manual;
            }
        }
    }

    fn question_line(&mut self, number: usize, line: &str) {
        if let Some(item) = list_item(line) {
            let item = strip_box(item);
            if item.is_empty() {
                return;
            }
            let (must, text) = match item.strip_prefix("(must)") {
                Some(text) => (true, text),
                None => (false, item),
            };
            self.spec.questions.push(Question { text: one_line(text), must, answer: None });
            self.lines.push((Section::Questions, number));
        } else if let Some(question) = self.spec.questions.last_mut() {
            let line = line.trim();
            if let Some(words) = field(line, "answer") {
                question.answer = Some(Answer::Answered(one_line(words)));
            } else if let Some(words) = field(line, "assumed") {
                question.answer = Some(Answer::Assumed(one_line(words)));
            }
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |line, what: String, write: &str| {
            problems.push(Problem { line, what, write: write.to_owned() });
        };
        if self.spec.goal.is_empty() {
            problem(0, "no goal is given".into(), "a sentence or two under `## Goal`");
        }
        if self.spec.criteria.is_empty() {
            problem(
                0,
                "no acceptance criterion is given".into(),
                "`- [ ] what must be true` and below it `  verify: command` under `## Acceptance criteria`",
            );
        }
        let line_of = |section, index| {
            self.lines.iter().filter(|(s, _)| *s == section).nth(index).map_or(0, |(_, line)| *line)
        };
        for (index, criterion) in self.spec.criteria.iter().enumerate() {
            let unchecked = match &criterion.check {
                Check::Missing => true,
                Check::Command(command) => command.trim().is_empty(),
                Check::Manual => false,
            };
            if unchecked {
                problem(
                    line_of(Section::Criteria, index),
                    format!("criterion {} does not say how it is checked", criterion.number),
                    "`  verify: command` below it, or `(manual)` at its end",
                );
            }
        }
        for (index, question) in self.spec.questions.iter().enumerate() {
            if question.answer.is_none() {
                let what = if question.must { "a must-ask question" } else { "a question" };
                problem(
                    line_of(Section::Questions, index),
                    format!("{what} is open: {}", question.text),
                    if question.must {
                        "`  answer: …` below it"
                    } else {
                        "`  answer: …` or `  assumed: …, because …` below it"
                    },
                );
            } else if question.must && matches!(question.answer, Some(Answer::Assumed(_))) {
                problem(
                    line_of(Section::Questions, index),
                    format!("a must-ask question was assumed, not answered: {}", question.text),
                    "`  answer: …` below it",
                );
            }
        }
        problems
    }
}

fn section_of(heading: &str) -> Section {
    match heading.trim().to_lowercase().as_str() {
        "goal" => Section::Goal,
        "acceptance criteria" => Section::Criteria,
        "open questions" => Section::Questions,
        _ => Section::Other,
    }
}

/// The text of a list item at the left margin, `- `, `* ` or `1. `.
fn list_item(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some(rest.trim());
    }
    let (digits, rest) = line.split_once(". ")?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| rest.trim())
}

fn strip_box(item: &str) -> &str {
    ["[ ]", "[x]", "[X]"].iter().find_map(|b| item.strip_prefix(b)).unwrap_or(item).trim()
}

/// The value of `name: value`, the name in any case, with or without a list mark before it.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let line = line.trim_start_matches("- ").trim_start_matches("* ");
    let (key, value) = line.split_once(':')?;
    key.trim().trim_matches('*').eq_ignore_ascii_case(name).then(|| value.trim())
}

/// `cargo test` out of `` `cargo test` ``; anything else as it is.
fn strip_ticks(command: &str) -> &str {
    command
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'))
        .filter(|inner| !inner.contains('`'))
        .unwrap_or(command)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Rebase agent

## Goal
Rebase by itself.

## Acceptance criteria
- [ ] It rebases
  verify: `cargo test rebase`
- [ ] It looks right (manual)
1. Numbered
   verify: true

## Open questions
- (must) Which branch?
  answer: main
- Colours?
  assumed: none, because of NO_COLOR
";

    #[test]
    fn a_whole_specification_reads_without_problems() {
        let (spec, problems) = parse(GOOD);
        assert_eq!(problems, []);
        assert_eq!(spec.goal, "Rebase by itself.");
        let checks: Vec<_> = spec.criteria.iter().map(|c| c.check.clone()).collect();
        assert_eq!(
            checks,
            [
                Check::Command("cargo test rebase".into()),
                Check::Manual,
                Check::Command("true".into())
            ]
        );
        assert_eq!(spec.questions.len(), 2);
        assert!(spec.questions[0].must);
    }

    #[test]
    fn what_is_missing_is_told_with_its_line() {
        let text = "## Goal\n\n## Acceptance criteria\n- [ ] x\n\n## Open questions\n- (must) y?\n";
        let (_, problems) = parse(text);
        let lines: Vec<_> = problems.iter().map(|p| p.line).collect();
        assert_eq!(lines, [0, 4, 7]);
    }

    #[test]
    fn comments_of_the_template_do_not_count() {
        let (spec, _) = parse(
            "## Goal\n<!-- why\n- [ ] not this\n-->real\n## Acceptance criteria\n<!-- - [ ] no -->\n",
        );
        assert_eq!(spec.goal, "real");
        assert!(spec.criteria.is_empty());
    }
}
