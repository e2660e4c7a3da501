//! Tables in Markdown, by line and byte: which cells a row has and where in the line they stand.
//!
//! A cell ends at a `|` that no backslash escapes, as Markdown has it. What stands in a fenced
//! block is no table.

use std::ops::Range;

/// A table of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its headings, trimmed.
    pub heads: Vec<String>,
    /// Index of its first line, the one with the headings.
    pub first: usize,
    /// Indexes of the lines with its rows.
    pub rows: Range<usize>,
}

impl Table {
    /// The position of the column with one of these headings.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.heads.iter().position(|h| h.eq_ignore_ascii_case(name)))
    }
}

/// Where the cells of a row stand in its line; nothing when the line is no row.
pub fn cells(line: &str) -> Vec<Range<usize>> {
    let bare = line.trim_end();
    let start = bare.len() - bare.trim_start().len();
    if !bare[start..].starts_with('|') {
        return Vec::new();
    }
    let mut cells = Vec::new();
    let mut from = start + 1;
    let mut escaped = false;
    for (at, byte) in bare.bytes().enumerate().skip(start + 1) {
        match byte {
            b'|' if !escaped => {
                cells.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    if from < bare.len() {
        // A row that lacks its last bar.
        cells.push(from..bare.len());
    }
    cells
}

/// What a cell says, without the spaces around it and with `\|` as `|`.
pub fn said(line: &str, cell: &Range<usize>) -> String {
    line[cell.clone()].trim().replace(r"\|", "|")
}

/// A text as the content of a cell.
pub fn cell(text: &str) -> String {
    crate::domain::names::one_line(text).replace('|', r"\|")
}

/// Whether the line separates headings from rows: `|---|:-:|`.
fn is_separator(line: &str) -> bool {
    let cells = cells(line);
    !cells.is_empty()
        && cells.iter().all(|cell| {
            let text = line[cell.clone()].trim();
            let text = text.strip_prefix(':').unwrap_or(text);
            let text = text.strip_suffix(':').unwrap_or(text);
            !text.is_empty() && text.bytes().all(|b| b == b'-')
        })
}

/// Follows the fenced blocks of a page.
#[derive(Debug, Default)]
pub struct Fences {
    open: Option<(char, usize)>,
}

impl Fences {
    /// Whether a block is open after the lines so far.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the line belongs to a fenced block, its first and last line included.
    pub fn holds(&mut self, line: &str) -> bool {
        let text = line.trim_start();
        let sign = text.chars().next().filter(|c| matches!(c, '`' | '~'));
        let length = sign.map_or(0, |sign| text.chars().take_while(|c| *c == sign).count());
        match (self.open, sign) {
            (None, Some(sign)) if length >= 3 => {
                self.open = Some((sign, length));
                true
            }
            (Some((mark, at_least)), Some(sign))
                if mark == sign && length >= at_least && text.trim_end().len() == length =>
            {
                self.open = None;
                true
            }
            (open, _) => open.is_some(),
        }
    }
}

/// Every table of a page, given its lines.
pub fn tables(lines: &[&str]) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut fences = Fences::default();
    let mut at = 0;
    while at < lines.len() {
        let fenced = fences.holds(lines[at]);
        let is_table = !fenced
            && !cells(lines[at]).is_empty()
            && lines.get(at + 1).is_some_and(|next| is_separator(next));
        if !is_table {
            at += 1;
            continue;
        }
        let heads = cells(lines[at]).iter().map(|cell| said(lines[at], cell)).collect();
        let count = lines[at + 2..].iter().take_while(|line| !cells(line).is_empty()).count();
        let rows = at + 2..at + 2 + count;
        tables.push(Table { heads, first: at, rows: rows.clone() });
        at = rows.end;
    }
    tables
}

/// The line with the content of one cell replaced. The spaces around it stay, and so does the
/// width of the cell where the padding allows.
pub fn with_cell(line: &str, cell: &Range<usize>, content: &str) -> String {
    let old = &line[cell.clone()];
    let inner = old.trim();
    let (before, after) = if inner.is_empty() {
        (" ".to_owned(), " ".to_owned())
    } else {
        let at = old.find(inner).unwrap_or(0);
        (old[..at].to_owned(), old[at + inner.len()..].to_owned())
    };
    let grown = content.chars().count().saturating_sub(inner.chars().count());
    let shrunk = inner.chars().count().saturating_sub(content.chars().count());
    // Only a column that was padded by hand is kept aligned.
    let padded = after.len() > 1 && after.bytes().all(|b| b == b' ');
    let after = match (padded, grown) {
        (true, 0) => format!("{after}{}", " ".repeat(shrunk)),
        (true, grown) => " ".repeat(after.len().saturating_sub(grown).max(1)),
        (false, _) => after,
    };
    format!("{}{before}{content}{after}{}", &line[..cell.start], &line[cell.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(line: &str) -> Vec<String> {
        cells(line).iter().map(|cell| said(line, cell)).collect()
    }

    #[test]
    fn rows_are_split_as_markdown_does() {
        assert_eq!(all("| a | b |\n"), ["a", "b"]);
        assert_eq!(all("  | a \\| b | `c` |"), ["a | b", "`c`"]);
        assert_eq!(all("| a | b"), ["a", "b"]);
        assert_eq!(all("|a||\r\n"), ["a", ""]);
        assert_eq!(all("a | b"), [""; 0]);
    }

    #[test]
    fn tables_are_found_and_code_is_none() {
        let text =
            "# x\n| A | B |\n|---|:-:|\n| 1 | 2 |\n| 3 |\n\n```\n| A |\n|---|\n| 1 |\n```\n| C |\n";
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let found = tables(&lines);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first, found[0].rows.clone()), (1, 3..5));
        assert_eq!(found[0].column(&["x", "b"]), Some(1));
    }

    #[test]
    fn a_cell_is_replaced_in_its_place() {
        let replace = |line: &str, n: usize, to: &str| with_cell(line, &cells(line)[n], to);
        assert_eq!(replace("| E | 0 | x |\r\n", 1, "12"), "| E | 12 | x |\r\n");
        assert_eq!(replace("| E | 0    | x |", 1, "12"), "| E | 12   | x |");
        assert_eq!(replace("|E|0|x|", 1, "12"), "|E|12|x|");
        assert_eq!(replace("| RESOLVED   |", 0, "OPEN"), "| OPEN       |");
        assert_eq!(replace("| |", 0, "a"), "| a |");
    }
}
