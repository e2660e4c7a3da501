//! Reads one issue file: YAML in front, then Markdown with headings that people vary.

use super::front::{self, Front};
use super::page::{self, lane_of};
use super::table::Fences;
use crate::domain::catalog::check::{self, Check, Shell};
use crate::domain::catalog::{Complaint, Entry, Level, Severity, Standing, Status, plain_path};
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;

/// The issue in a file; `None` when it cannot be told which one it is. What is malformed is added
/// to `complaints`.
pub fn read(text: &str, file: &str, complaints: &mut Vec<Complaint>) -> Option<Entry> {
    let mut wrong = |line: usize, what: String| complaints.push(Complaint::wrong(file, line, what));
    let place = match front::place(text) {
        Ok(place) => place,
        Err(bad) => {
            wrong(bad.line, bad.what);
            return None;
        }
    };
    let yaml = &text[place.start..place.end];
    let front = match front::read(yaml) {
        Ok(front) => front,
        Err(bad) => {
            wrong(bad.line, bad.what);
            return None;
        }
    };
    let before = text[..place.body].matches('\n').count();
    let sections = Sections::read(&text[place.body..], before);
    let mut reader = Reader { front: &front, yaml, file, sections: &sections, complaints };
    reader.entry()
}

struct Reader<'a> {
    front: &'a Front,
    yaml: &'a str,
    file: &'a str,
    sections: &'a Sections<'a>,
    complaints: &'a mut Vec<Complaint>,
}

impl Reader<'_> {
    fn entry(&mut self) -> Option<Entry> {
        let mut parts = self.file.rsplit('/');
        let stem = parts.next().and_then(|name| name.strip_suffix(".md")).unwrap_or_default();
        let folder = parts.next().unwrap_or_default();
        let id = self.id(stem)?;
        let lane = match self.front.lane.as_deref().unwrap_or(folder).parse() {
            Ok(lane) => lane,
            Err(e) => {
                self.wrong("lane", format!("{e}"));
                lane_of(&id)?
            }
        };
        if self.front.lane.is_none() {
            self.odd("", format!("it names no lane; {lane} is taken from its folder"));
        } else if lane.as_str() != folder {
            self.wrong("lane", format!("it says lane {lane} and lies in the folder {folder}"));
        }
        let checks = self.checks();
        let paths = self.paths();
        Some(Entry {
            title: self.title(&id),
            severity: self.severity(),
            tags: self.front.type_tags.clone(),
            status: self.status(),
            depends_on: self.ids("depends_on", &self.front.depends_on, &id),
            blocks: self.ids("blocks", &self.front.blocks, &id),
            related: self.ids("related", &self.front.related, &id),
            pattern: self.front.verification_pattern.clone(),
            problem: self.sections.text(&["problem description", "problem", "description"]),
            evidence: self.sections.text(&["evidence"]),
            fix: self.sections.text(&["fix requirements", "required fix", "fix", "requirements"]),
            file: self.file.to_owned(),
            paths,
            checks,
            lane,
            id,
        })
    }

    fn id(&mut self, stem: &str) -> Option<IssueId> {
        let named = self.front.issue_id.as_deref();
        if named.is_none() {
            self.odd("", format!("it names no issue_id; {stem} is taken from its file name"));
        }
        match named.unwrap_or(stem).parse::<IssueId>() {
            Ok(id) => {
                if id.as_str() != stem {
                    self.wrong(
                        "issue_id",
                        format!("it says {id} and the file is called {stem}.md"),
                    );
                }
                Some(id)
            }
            Err(e) => {
                self.wrong("issue_id", format!("{e}"));
                None
            }
        }
    }

    /// The title: of the YAML, or of the first heading without `[LANE E] Issue E-01:`.
    fn title(&mut self, id: &IssueId) -> String {
        if let Some(title) = &self.front.title {
            return one_line(title);
        }
        let heading = self.sections.title.unwrap_or_default();
        let rest = match heading.find(id.as_str()) {
            Some(at) => heading[at + id.as_str().len()..].trim_start_matches([':', ' ', '-', '–']),
            None => heading,
        };
        if rest.is_empty() {
            self.odd("", "it has no title".to_owned());
            return id.to_string();
        }
        one_line(rest)
    }

    fn severity(&mut self) -> Severity {
        let mut severity = Severity::default();
        if let Some(text) = &self.front.severity {
            match Severity::read(text) {
                Some(read) => severity = read,
                None => self.wrong("severity", format!("{text:?} is no severity from 1 to 10")),
            }
        }
        if let Some(text) = &self.front.severity_level {
            match text.parse::<Level>() {
                Ok(level) => severity.level = Some(level),
                Err(()) => {
                    let words = Level::ALL.map(Level::word).join(", ");
                    self.wrong("severity_level", format!("{text:?} is none of {words}"));
                }
            }
        }
        severity.level = severity.level.or(severity.score.map(Level::of_score));
        severity
    }

    fn status(&mut self) -> Status {
        let Some(text) = self.front.status.as_deref().or(self.sections.status) else {
            self.wrong("", "it has no status".to_owned());
            return Status::read("OPEN");
        };
        let status = Status::read(text);
        if status.standing == Standing::Unknown {
            self.wrong("status", format!("{text:?} is no status such as OPEN or RESOLVED"));
        }
        status
    }

    fn ids(&mut self, field: &str, list: &[String], own: &IssueId) -> Vec<IssueId> {
        let mut ids = Vec::new();
        for text in list {
            match text.trim().parse::<IssueId>() {
                Ok(id) if id == *own => {
                    self.wrong(field, format!("{field} names the issue itself"))
                }
                Ok(id) => ids.push(id),
                Err(e) => self.wrong(field, format!("{field}: {e}")),
            }
        }
        ids
    }

    /// Paths of the YAML and of a list under a heading; each once.
    fn paths(&mut self) -> Vec<String> {
        let mut paths = Vec::new();
        let (listed, line) =
            self.sections.list(&["affected_paths", "affected paths", "affected files"]);
        let own = self.line_of("affected_paths");
        let all = self.front.affected_paths.iter().map(|text| (text.as_str(), own));
        for (text, line) in all.chain(listed.into_iter().map(|text| (text, line))) {
            match plain_path(text) {
                Some(path) if paths.contains(&path) => {}
                Some(path) => paths.push(path),
                None => {
                    let what = format!("{text:?} is no path within the repository");
                    self.complaints.push(Complaint::wrong(self.file, line, what));
                }
            }
        }
        if paths.is_empty() {
            self.odd("", "it names no affected_paths".to_owned());
        }
        paths
    }

    fn checks(&mut self) -> Vec<Check> {
        let mut all: Vec<Check> = Vec::new();
        for block in self.sections.blocks(&["verification commands", "verification"]) {
            let shell = match block.language.to_ascii_lowercase().as_str() {
                "bash" => Shell::Bash,
                "" | "sh" | "shell" | "console" | "zsh" => Shell::Sh,
                _ => continue,
            };
            all.extend(check::checks(&block.text, shell, block.line, all.len()));
        }
        if all.is_empty() {
            self.wrong("", "it has no verification commands".to_owned());
        }
        for check in &all {
            if let Some(word) = placeholder(&check.text) {
                let what = format!("its verification command still has a placeholder: {word}");
                self.complaints.push(Complaint::wrong(self.file, check.line, what));
            }
        }
        all
    }

    /// The line of a field of the YAML, from 1; 0 when it is not there.
    fn line_of(&self, field: &str) -> usize {
        let is_it = |line: &str| {
            !field.is_empty() && line.strip_prefix(field).is_some_and(|rest| rest.starts_with(':'))
        };
        self.yaml.lines().position(is_it).map_or(0, |at| at + 2)
    }

    fn wrong(&mut self, field: &str, what: String) {
        let line = self.line_of(field);
        self.complaints.push(Complaint::wrong(self.file, line, what));
    }

    fn odd(&mut self, field: &str, what: String) {
        let line = self.line_of(field);
        self.complaints.push(Complaint::odd(self.file, line, what));
    }
}

/// A word such as `<file-name>` that somebody was to fill in.
fn placeholder(command: &str) -> Option<&str> {
    let at = command.find('<')?;
    let rest = &command[at + 1..];
    let end = rest.find('>')?;
    let word = &rest[..end];
    let fits =
        word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_');
    // `<!--`, `<<EOF >` and HTML tags in a pattern are no placeholders.
    let named = fits && (word.contains('-') || word.contains('_'));
    if named { Some(&command[at..at + end + 2]) } else { None }
}

/// The body of an issue file by its headings.
struct Sections<'a> {
    title: Option<&'a str>,
    /// The status that is written as `- **Status:** OPEN`.
    status: Option<&'a str>,
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    heading: String,
    lines: Vec<&'a str>,
    /// Line of the first one in the file, from 1.
    from: usize,
}

/// A fenced block.
struct Block {
    language: String,
    text: String,
    /// Line of its first command in the file, from 1.
    line: usize,
}

impl<'a> Sections<'a> {
    fn read(body: &'a str, before: usize) -> Self {
        let lines: Vec<&str> = body.lines().collect();
        let headings = page::headings(&lines);
        let title = headings.iter().find(|h| h.level == 1);
        let title = title.map(|h| lines[h.at].trim_start_matches('#').trim());
        let mut parts = Vec::new();
        for (index, heading) in headings.iter().enumerate().filter(|(_, h)| h.level > 1) {
            let next = headings[index + 1..].iter().find(|h| h.level <= heading.level);
            let end = next.map_or(lines.len(), |h| h.at);
            let text = heading.text.split(['(', ':']).next().unwrap_or_default();
            parts.push(Part {
                heading: text.trim().to_ascii_lowercase(),
                lines: lines[heading.at + 1..end].to_vec(),
                from: before + heading.at + 2,
            });
        }
        let status = lines.iter().find_map(|line| {
            let item = line.trim_start().trim_start_matches(['-', '*', ' ']);
            let (name, value) = item.split_once(':')?;
            (name.trim_matches('*') == "Status").then(|| value.trim_start_matches('*').trim())
        });
        Self { title, status, parts }
    }

    fn part(&self, names: &[&str]) -> Option<&Part<'a>> {
        names.iter().find_map(|name| self.parts.iter().find(|part| part.heading == *name))
    }

    /// The text under a heading, without rules and blank lines around it.
    fn text(&self, names: &[&str]) -> String {
        let Some(part) = self.part(names) else { return String::new() };
        let text = part.lines.join("\n");
        text.trim().trim_end_matches("---").trim().to_owned()
    }

    /// The items of a list under a heading, and the line it begins at.
    fn list(&self, names: &[&str]) -> (Vec<&'a str>, usize) {
        let Some(part) = self.part(names) else { return (Vec::new(), 0) };
        let item = |line: &&'a str| {
            let line = line.trim();
            line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
        };
        let items = part.lines.iter().filter_map(item).map(str::trim);
        (items.filter(|item| !item.starts_with("**")).collect(), part.from)
    }

    fn blocks(&self, names: &[&str]) -> Vec<Block> {
        let Some(part) = self.part(names) else { return Vec::new() };
        let mut blocks: Vec<Block> = Vec::new();
        let mut fences = Fences::default();
        let mut inside = false;
        for (index, line) in part.lines.iter().enumerate() {
            let held = fences.holds(line);
            let fence = line.trim_start().trim_start_matches(['`', '~']);
            if held && !inside {
                let language = fence.split_whitespace().next().unwrap_or_default().to_owned();
                let line = part.from + index + 1;
                blocks.push(Block { language, text: String::new(), line });
            } else if held && inside && fences.is_open() {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            inside = held && fences.is_open();
        }
        blocks
    }
}
