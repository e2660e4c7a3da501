//! Placeholders: words in added lines that say that something is still to be done.

/// What counts as a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholders {
    /// Words and phrases of every language; matched as whole words, in the case they stand in.
    pub everywhere: Vec<String>,
    /// Lines that are nothing else, by the ending of the file.
    pub lines: Vec<(String, Vec<String>)>,
}

impl Default for Placeholders {
    fn default() -> Self {
        let own = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        Self {
            everywhere: own(&[
                "TODO",
                "FIXME",
                "XXX",
                "unimplemented!",
                "todo!",
                "NotImplementedError",
                "NotImplementedException",
                "pass  # placeholder",
                "pass # placeholder",
                "// placeholder",
                "# placeholder",
            ]),
            lines: vec![
                ("py".to_owned(), own(&["...", "raise NotImplementedError"])),
                ("rs".to_owned(), own(&["todo!()", "unimplemented!()"])),
            ],
        }
    }
}

/// A placeholder in what was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: String,
    /// The line, as it was added.
    pub line: String,
    /// What it says.
    pub word: String,
}

impl Placeholders {
    /// The first placeholder among the lines added to `path`.
    pub fn find<'a>(&self, path: &str, added: impl Iterator<Item = &'a str>) -> Option<Found> {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let whole = self.lines.iter().find(|(name, _)| name == ending).map(|(_, list)| list);
        let empty = empty_body(ending);
        for line in added {
            let bare = line.trim();
            let word = self.everywhere.iter().find(|word| has(bare, word)).cloned();
            let word = word.or_else(|| whole?.iter().find(|word| bare == word.as_str()).cloned());
            let word =
                word.or_else(|| (empty && is_empty_body(bare)).then(|| "an empty body".to_owned()));
            if let Some(word) = word {
                let line = bare.chars().take(120).collect();
                return Some(Found { path: path.to_owned(), line, word });
            }
        }
        None
    }
}

/// Whether `word` stands in `line` by itself: `TODO` is not in `TODOS`.
fn has(line: &str, word: &str) -> bool {
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find(word)) {
        let (start, end) = (from + at, from + at + word.len());
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = part(line[..start].chars().next_back());
        let after = part(line[end..].chars().next());
        let begins = word.starts_with(|c: char| c.is_alphanumeric());
        let ends = word.ends_with(|c: char| c.is_alphanumeric());
        if !(begins && before || ends && after) {
            return true;
        }
        from = start + word.chars().next().map_or(1, char::len_utf8);
    }
    false
}

/// Languages in which a function with nothing in it is written on one line.
fn empty_body(ending: &str) -> bool {
    matches!(
        ending,
        "rs" | "js" | "ts" | "java" | "c" | "cc" | "cpp" | "cs" | "go" | "kt" | "swift"
    )
}

/// `fn f() {}`, `function f() { }`, `void f() {}`: a named function whose body is empty.
fn is_empty_body(line: &str) -> bool {
    let squeezed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let named = ["fn ", "function ", "func ", "void ", "fun "];
    squeezed.ends_with("{}") && squeezed.contains("()") && {
        let bare = line.trim_start_matches("pub ").trim_start_matches("public ");
        named.iter().any(|word| bare.trim_start().starts_with(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> Option<String> {
        Placeholders::default().find(path, std::iter::once(line)).map(|found| found.word)
    }

    #[test]
    fn what_is_left_to_do_is_found() {
        for (path, line, word) in [
            ("a.rs", "    // TODO: later", "TODO"),
            ("a.rs", "    unimplemented!(\"x\")", "unimplemented!"),
            ("a.py", "    raise NotImplementedError", "NotImplementedError"),
            ("a.py", "    pass  # placeholder", "pass  # placeholder"),
            ("a.py", "    ...", "..."),
            ("a.yaml", "key: FIXME", "FIXME"),
            ("a.rs", "fn later() {}", "an empty body"),
            ("a.js", "function later() { }", "an empty body"),
        ] {
            assert_eq!(found(path, line).as_deref(), Some(word), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_not() {
        for (path, line) in [
            ("a.rs", "let todos = mastodon();"),
            ("a.rs", "const TODOS: u8 = 1;"),
            ("a.rs", "impl Marker for X {}"),
            ("a.md", "..."),
            ("a.yaml", "data_retention: {}"),
            ("a.py", "    pass"),
        ] {
            assert_eq!(found(path, line), None, "{line}");
        }
    }
}
