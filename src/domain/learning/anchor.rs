//! What shows a learning: the commit, file, symbol or check that its evidence names.

use super::super::ids::CommitId;

/// What was found of the things that the evidence of a learning names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// A commit.
    pub commit: Option<CommitId>,
    /// A file, by its path in the repository.
    pub file: Option<String>,
    /// A name that stood in that file.
    pub symbol: Option<String>,
    /// A piece of evidence of the issue, by number.
    pub check: Option<u32>,
    /// A criterion of the specification, by number.
    pub criterion: Option<u32>,
    /// A task of the issue, by number.
    pub task: Option<u32>,
}

impl Anchor {
    /// Whether it names nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What an evidence text may mean, before anybody looked whether it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Words that may be commits: seven and more hexadecimal digits.
    pub commits: Vec<String>,
    /// Words that may be files.
    pub files: Vec<String>,
    /// Words that may be names in a file, the likeliest first.
    pub symbols: Vec<String>,
    /// The number after `evidence` or `check`.
    pub check: Option<u32>,
    /// The number after `criterion`.
    pub criterion: Option<u32>,
    /// The number after `task`.
    pub task: Option<u32>,
}

/// Words that stand before the name of a symbol, in the languages people use most.
const BEFORE_SYMBOL: [&str; 17] = [
    "fn",
    "func",
    "function",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "interface",
    "type",
    "const",
    "let",
    "var",
    "method",
    "symbol",
    "mod",
    "macro",
];

/// Reads an evidence text.
pub fn read(text: &str) -> Named {
    let mut named = Named::default();
    let edges = |c: char| matches!(c, ',' | ';' | '(' | ')' | '`' | '"' | '\'' | '[' | ']');
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(edges).trim_end_matches('.'))
        .collect();
    let mut before = "";
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        let number = word.trim_start_matches('#').trim_end_matches(':').parse::<u32>().ok();
        match (before.to_ascii_lowercase().as_str(), number) {
            ("evidence" | "check", Some(n)) => named.check = Some(n),
            ("criterion", Some(n)) => named.criterion = Some(n),
            ("task", Some(n)) => named.task = Some(n),
            (keyword, _) if BEFORE_SYMBOL.contains(&keyword) => {
                named.symbols.insert(0, identifier(word));
            }
            _ => plain_word(word, &mut named),
        }
        before = word;
    }
    named.symbols.retain(|symbol| symbol.chars().count() >= 2);
    named
}

/// A word with no keyword before it.
fn plain_word(word: &str, named: &mut Named) {
    let hexadecimal = |word: &str| {
        (7..=64).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    if hexadecimal(word) {
        named.commits.push(word.to_owned());
        return;
    }
    // `src/a.rs:12`, `src/a.rs:name`, `src/a.rs#name`, `src/a.rs::name`
    let (file, rest) = match word.find([':', '#']) {
        Some(at) if at > 0 => (&word[..at], word[at..].trim_start_matches([':', '#'])),
        _ => (word, ""),
    };
    if file.contains('/') || file.contains('.') {
        named.files.push(file.trim_start_matches("./").to_owned());
    } else {
        named.files.push(word.to_owned());
        named.symbols.push(identifier(word));
    }
    if !rest.is_empty() && rest.parse::<u32>().is_err() {
        named.symbols.insert(0, identifier(rest));
    }
}

/// The last part of a name: `start` of `rebase::start()`.
fn identifier(word: &str) -> String {
    let word = word.trim_end_matches(['(', ')', '!', ':']);
    let last = word.rsplit(['.', ':', '#']).next().unwrap_or(word);
    last.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `name` stands in `text` as a word of its own.
pub fn has_symbol(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let named = read("src/rebase.rs fn start, commit a1b2c3d4e5, evidence 3");
        assert_eq!(named.files.first().map(String::as_str), Some("src/rebase.rs"));
        assert_eq!(named.symbols.first().map(String::as_str), Some("start"));
        assert_eq!(named.commits, ["a1b2c3d4e5"]);
        assert_eq!(named.check, Some(3));
        let named = read("`src/a.rs::parse_all()` and criterion 2; task #4");
        assert_eq!(named.files.first().map(String::as_str), Some("src/a.rs"));
        assert_eq!(named.symbols.first().map(String::as_str), Some("parse_all"));
        assert_eq!((named.criterion, named.task), (Some(2), Some(4)));
        assert_eq!(read("Makefile").files, ["Makefile"]);
        assert_eq!(read("src/a.rs:12").symbols, [""; 0]);
    }

    #[test]
    fn a_symbol_is_a_word_of_its_own() {
        assert!(has_symbol("fn start(a: u8)", "start"));
        assert!(!has_symbol("fn restart() { started }", "start"));
    }
}
