//! The YAML in front of an issue file: the part between two lines of `---`.
//!
//! Read by serde-saphyr (see `docs/catalog.md` for why that one). Scalars are taken as they were
//! written, so that a lane called `N` stays `N`; a list may also be one text with commas. Fields
//! that nobody knows are kept by name.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands in front of an issue, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Front {
    /// `issue_id`
    pub issue_id: Option<String>,
    /// `lane`
    pub lane: Option<String>,
    /// `title`
    pub title: Option<String>,
    /// `severity`
    pub severity: Option<String>,
    /// `severity_level`
    pub severity_level: Option<String>,
    /// `type_tags`
    pub type_tags: Vec<String>,
    /// `status`
    pub status: Option<String>,
    /// `affected_paths`
    pub affected_paths: Vec<String>,
    /// `depends_on`
    pub depends_on: Vec<String>,
    /// `blocks`
    pub blocks: Vec<String>,
    /// `related`
    pub related: Vec<String>,
    /// `verification_pattern`
    pub verification_pattern: Option<String>,
    /// Names of all other fields.
    pub unknown: Vec<String>,
}

/// Where the YAML of an issue file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Byte at which it begins.
    pub start: usize,
    /// Byte at which its last line ends.
    pub end: usize,
    /// Byte at which the text after it begins.
    pub body: usize,
}

/// Why there is nothing to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFront {
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Finds the YAML in front of `text`.
pub fn place(text: &str) -> Result<Place, BadFront> {
    let text = text.strip_prefix('\u{feff}').map_or((0, text), |rest| (3, rest));
    let (offset, text) = text;
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != "---" {
        let what = "it does not begin with a line of --- and YAML below it".to_owned();
        return Err(BadFront { line: 1, what });
    }
    let start = offset + first.len();
    let mut at = start;
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Ok(Place { start, end: at, body: at + line.len() });
        }
        at += line.len();
    }
    Err(BadFront { line: 1, what: "the YAML is not closed by a line of ---".to_owned() })
}

/// Reads the YAML; lines in errors count from the top of the file.
pub fn read(yaml: &str) -> Result<Front, BadFront> {
    if yaml.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
        return Ok(Front::default());
    }
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(yaml, options).map_err(|error| {
        let line = error.location().map_or(0, |place| usize::try_from(place.line()).unwrap_or(0));
        let what = error.to_string();
        let what = what.lines().next().unwrap_or_default();
        // It counts from the first line of the YAML.
        let what = what.split(" at line ").next().unwrap_or_default();
        BadFront { line: line + 1, what: format!("the YAML cannot be read: {what}") }
    })
}

impl<'de> Deserialize<'de> for Front {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FrontVisitor)
    }
}

struct FrontVisitor;

impl<'de> Visitor<'de> for FrontVisitor {
    type Value = Front;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields such as issue_id: E-01")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Front, A::Error> {
        let mut front = Front::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "issue_id" | "id" => front.issue_id = map.next_value()?,
                "lane" => front.lane = map.next_value()?,
                "title" => front.title = map.next_value()?,
                "severity" => front.severity = map.next_value()?,
                "severity_level" => front.severity_level = map.next_value()?,
                "status" => front.status = map.next_value()?,
                "verification_pattern" => front.verification_pattern = map.next_value()?,
                "type_tags" | "tags" => front.type_tags = map.next_value::<List>()?.0,
                "affected_paths" => front.affected_paths = map.next_value::<List>()?.0,
                "depends_on" => front.depends_on = map.next_value::<List>()?.0,
                "blocks" => front.blocks = map.next_value::<List>()?.0,
                "related" => front.related = map.next_value::<List>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    front.unknown.push(key);
                }
            }
        }
        Ok(front)
    }
}

/// A list, one text with commas, or nothing.
struct List(Vec<String>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list such as [a, b]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element::<Option<String>>()? {
            list.extend(item.filter(|item| !item.trim().is_empty()));
        }
        Ok(List(list))
    }

    fn visit_str<E>(self, text: &str) -> Result<List, E> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Ok(List(items.map(str::to_owned).collect()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<List, E> {
        Ok(List(vec![number.to_string()]))
    }

    fn visit_u64<E>(self, number: u64) -> Result<List, E> {
        Ok(List(vec![number.to_string()]))
    }

    fn visit_unit<E>(self) -> Result<List, E> {
        Ok(List(Vec::new()))
    }

    fn visit_none<E>(self) -> Result<List, E> {
        Ok(List(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_stay_as_written_and_lists_take_many_forms() {
        let front = read(
            "issue_id: N-01\nlane: N\nseverity: 7\nstatus: OPEN # as of today\nextra: {a: 1}\n\
             type_tags: policy, compliance\naffected_paths:\n  - a.md\n  - \"b c.md\"\n\
             depends_on: []\nblocks:\nrelated: 81\nresolved_date: 2026-04-23\n",
        )
        .unwrap();
        assert_eq!(front.lane.as_deref(), Some("N"));
        assert_eq!(front.severity.as_deref(), Some("7"));
        assert_eq!(front.status.as_deref(), Some("OPEN"));
        assert_eq!(front.type_tags, ["policy", "compliance"]);
        assert_eq!(front.affected_paths, ["a.md", "b c.md"]);
        assert_eq!(front.related, ["81"]);
        assert_eq!(front.unknown, ["extra", "resolved_date"]);
        assert_eq!(read("# nothing\n"), Ok(Front::default()));
    }

    #[test]
    fn mistakes_name_their_line() {
        for (yaml, line) in [
            ("a: 1\nb: [\nc: 2\n", 3..=5),
            ("lane: E\nlane: M\n", 3..=3),
            ("a: 1\n\tb: 2\n", 2..=3),
            ("- a\n", 2..=2),
            ("lane: [E]\n", 2..=2),
        ] {
            let bad = read(yaml).unwrap_err();
            assert!(line.contains(&bad.line), "{yaml:?}: {bad:?}");
            assert!(!bad.what.contains('\n'));
        }
        for text in ["", "# x\n", "---\nlane: E\n"] {
            assert_eq!(place(text).unwrap_err().line, 1, "{text:?}");
        }
        let place = place("---\r\na: 1\r\n---\r\nrest").unwrap();
        assert_eq!((place.start, place.end, place.body), (5, 11, 16));
    }
}
