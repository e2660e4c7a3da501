//! New issues, and the change that marks one as resolved.

use super::front;
use super::page::{self, Kind, above, is_for_resolved, kind, lane_in};
use super::table;
use crate::domain::catalog::{Entry, LaneName};
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;

/// What became of an issue, as its file is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The day, `2026-11-20`.
    pub day: String,
    /// Who fixed it.
    pub by: String,
    /// The files that were changed.
    pub changed: Vec<String>,
    /// What shows that it is fixed, one line.
    pub verification: String,
}

/// The file of an issue that is resolved now: `status: RESOLVED` in the YAML, the same in a
/// status line of the text, and a section on the resolution at the end. A file that says so
/// already comes back as it was. `None` when the file has no YAML in front.
pub fn resolved(text: &str, resolution: &Resolution) -> Option<String> {
    let place = front::place(text).ok()?;
    let yaml = with_status(&text[place.start..place.end]);
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut body = with_status_line(&text[place.end..]);
    let lines: Vec<&str> = body.lines().collect();
    let told = page::headings(&lines).iter().any(|h| h.text.eq_ignore_ascii_case("Resolution"));
    if !told {
        let kept = body.trim_end().len();
        body.truncate(kept);
        body.push_str(ending);
        body.push_str(&section(resolution, ending));
    }
    Some(format!("{}{yaml}{body}", &text[..place.start]))
}

/// The YAML with its status set, in the quotes that were used.
fn with_status(yaml: &str) -> String {
    let mut found = false;
    let mut text = String::new();
    for line in yaml.split_inclusive('\n') {
        let Some(value) = line.strip_prefix("status:").filter(|_| !found) else {
            text.push_str(line);
            continue;
        };
        found = true;
        let bare = value.trim();
        let (value_only, comment) = match bare.find(" #") {
            Some(at) => bare.split_at(at),
            None => (bare, ""),
        };
        let quote = match value_only.chars().next() {
            Some(quote @ ('"' | '\'')) => quote.to_string(),
            _ => String::new(),
        };
        let end = &line[line.trim_end().len()..];
        text.push_str(&format!("status: {quote}RESOLVED{quote}{comment}{end}"));
    }
    if !found {
        text.push_str("status: \"RESOLVED\"\n");
    }
    text
}

/// `- **Status:** OPEN` in the text set likewise.
fn with_status_line(body: &str) -> String {
    let mut fences = table::Fences::default();
    let mut text = String::new();
    for line in body.split_inclusive('\n') {
        let bare = line.trim_start().trim_start_matches(['-', '*', ' ']);
        let is_status = !fences.holds(line) && bare.starts_with("Status:");
        let Some(at) = line.find(':').filter(|_| is_status) else {
            text.push_str(line);
            continue;
        };
        let marks: String = line[at + 1..].chars().take_while(|c| *c == '*').collect();
        let end = &line[line.trim_end().len()..];
        text.push_str(&format!("{}:{marks} RESOLVED{end}", &line[..at]));
    }
    text
}

fn section(resolution: &Resolution, ending: &str) -> String {
    let mut lines = vec![
        String::new(),
        "---".to_owned(),
        String::new(),
        "## Resolution".to_owned(),
        String::new(),
        format!("- **Fixed:** {}", resolution.day),
        format!("- **Fixed By:** {}", one_line(&resolution.by)),
    ];
    if !resolution.changed.is_empty() {
        lines.push("- **Changes Made:**".to_owned());
        lines.extend(resolution.changed.iter().map(|path| format!("  - `{}`", one_line(path))));
    }
    lines.push(format!("- **Verification:** {}", one_line(&resolution.verification)));
    lines.iter().map(|line| format!("{line}{ending}")).collect()
}

/// The file of a new issue, in the form of those that people write.
pub fn issue(entry: &Entry, commands: &str) -> String {
    let list =
        |items: &[String]| items.iter().map(|item| yaml_text(item)).collect::<Vec<_>>().join(", ");
    let ids = |ids: &[IssueId]| {
        ids.iter().map(|id| yaml_text(id.as_str())).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("---\nissue_id: \"{}\"\nlane: \"{}\"\n", entry.id, entry.lane);
    if let Some(score) = entry.severity.score {
        text.push_str(&format!("severity: {score}\n"));
    }
    if let Some(level) = entry.severity.level {
        text.push_str(&format!("severity_level: \"{}\"\n", level.word()));
    }
    text.push_str(&format!("type_tags: [{}]\nstatus: \"OPEN\"\n", list(&entry.tags)));
    text.push_str("affected_paths:");
    if entry.paths.is_empty() {
        text.push_str(" []");
    }
    text.push('\n');
    for path in &entry.paths {
        text.push_str(&format!("  - {}\n", yaml_text(path)));
    }
    if !entry.depends_on.is_empty() {
        text.push_str(&format!("depends_on: [{}]\n", ids(&entry.depends_on)));
    }
    text.push_str(&format!("---\n\n# [LANE {}] Issue {}: {}\n", entry.lane, entry.id, entry.title));
    for (heading, words) in [
        ("Problem Description", &entry.problem),
        ("Evidence", &entry.evidence),
        ("Fix Requirements", &entry.fix),
    ] {
        if !words.is_empty() {
            text.push_str(&format!("\n## {heading}\n\n{words}\n"));
        }
    }
    let fence = fence(commands);
    text.push_str(&format!(
        "\n## Verification Commands\n\n{fence}bash\n{}\n{fence}\n\n- **Status:** OPEN\n",
        commands.trim_end()
    ));
    text
}

/// A fence longer than any in the commands.
fn fence(commands: &str) -> String {
    let longest = commands
        .lines()
        .map(|line| line.trim_start().bytes().take_while(|b| *b == b'`').count())
        .max()
        .unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// A text as a double-quoted scalar.
fn yaml_text(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('\\', r"\\").replace('"', "\\\""))
}

/// The page with a row for a new issue at the end of its lane's table; a lane that has none gets
/// a section of its own after the last.
pub fn with_row(page: &str, entry: &Entry) -> String {
    let lines: Vec<&str> = page.split_inclusive('\n').collect();
    let headings = page::headings(&lines);
    let tables: Vec<_> =
        table::tables(&lines).into_iter().filter(|t| kind(t) == Kind::Issues).collect();
    let open: Vec<_> = tables
        .iter()
        .filter(|t| !is_for_resolved(&above(&headings, t.first)))
        .map(|t| {
            let lane = above(&headings, t.first).iter().find_map(|h| lane_in(&h.text));
            (t, lane.map(|(name, _)| name))
        })
        .collect();
    let known = open.iter().find(|(_, lane)| lane.as_ref() == Some(&entry.lane));
    let only = open.first().filter(|(_, lane)| open.len() == 1 && lane.is_none());
    let (at, added) = match (known.or(only), open.last()) {
        (Some((table, _)), _) => (table.rows.end, row(&table.heads, entry)),
        (None, Some((table, _))) => {
            let next = headings.iter().find(|h| h.at >= table.rows.end);
            let mut at = next.map_or(lines.len(), |h| h.at);
            while at > table.rows.end && matches!(lines[at - 1].trim(), "" | "---" | "***") {
                at -= 1;
            }
            (at, format!("\n{}", lane_section(&entry.lane, &table.heads, entry)))
        }
        (None, None) => {
            let heads = HEADS.map(str::to_owned);
            let section = lane_section(&entry.lane, &heads, entry);
            (lines.len(), format!("\n## Open Issues by Lane\n\n{section}"))
        }
    };
    let mut text = lines[..at].concat();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&added);
    text.push_str(&lines[at..].concat());
    text
}

const HEADS: [&str; 5] = ["ID", "Title", "Severity", "Type Tags", "Status"];

fn lane_section(lane: &LaneName, heads: &[String], entry: &Entry) -> String {
    let rule = vec!["---"; heads.len()].join("|");
    format!("### Lane {lane}\n\n| {} |\n|{rule}|\n{}", heads.join(" | "), row(heads, entry))
}

fn row(heads: &[String], entry: &Entry) -> String {
    let content = |head: &String| match head.to_ascii_lowercase().as_str() {
        "id" | "issue" => entry.id.to_string(),
        "title" | "summary" | "description" => table::cell(&entry.title),
        "severity" | "priority" => entry.severity.to_string(),
        "type tags" | "tags" | "type" => table::cell(&entry.tags.join(", ")),
        "status" | "state" => "OPEN".to_owned(),
        _ => "-".to_owned(),
    };
    let cells: Vec<String> = heads.iter().map(content).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A page without any issue.
pub fn empty_page() -> &'static str {
    "# Issue Catalog\n\n## Summary\n\n| Total | Resolved | Open | Progress |\n\
     |-------|----------|------|----------|\n| 0 | 0 | 0 | [░░░░░░░░░░░░░░░░░░░░] 0% |\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed() -> Resolution {
        Resolution {
            day: "2026-11-20".to_owned(),
            by: "lane E".to_owned(),
            changed: vec!["a.md".to_owned()],
            verification: "1 of 1 checks passed".to_owned(),
        }
    }

    #[test]
    fn a_resolved_file_says_so_in_three_places_and_nowhere_else() {
        let text = "---\nissue_id: \"E-01\"\nstatus: \"OPEN\" # as of today\nx: 1\n---\n\n# T\n\n\
                    ```\nStatus: OPEN\n```\n- **Status:** OPEN\n";
        let done = resolved(text, &fixed()).unwrap();
        assert_eq!(
            done,
            "---\nissue_id: \"E-01\"\nstatus: \"RESOLVED\" # as of today\nx: 1\n---\n\n# T\n\n\
             ```\nStatus: OPEN\n```\n- **Status:** RESOLVED\n\n---\n\n## Resolution\n\n\
             - **Fixed:** 2026-11-20\n- **Fixed By:** lane E\n- **Changes Made:**\n  - `a.md`\n\
             - **Verification:** 1 of 1 checks passed\n"
        );
        assert_eq!(resolved(&done, &fixed()).unwrap(), done);
        assert_eq!(resolved("# no front\n", &fixed()), None);
        let bare = resolved("---\r\nstatus: open\r\n---\r\nx", &fixed()).unwrap();
        assert!(bare.starts_with("---\r\nstatus: RESOLVED\r\n---\r\nx\r\n"), "{bare:?}");
    }
}
