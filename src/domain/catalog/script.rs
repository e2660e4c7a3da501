//! Tells the commands of a verification block apart, so that each is judged by itself.
//!
//! `a && echo PASS` followed by `b && echo PASS` is two checks: run as one script, a failure of
//! the first would be hidden by the success of the second. A command ends with its line unless a
//! quote, a bracket, a compound command or a here-document is still open. A block that cannot be
//! told apart stays whole; one that is told apart wrongly is a syntax error to the shell, so that
//! a mistake here shows as red and never as green.

/// A command of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The comment above it, without `#`.
    pub heading: Option<String>,
    /// The command, one line or several.
    pub text: String,
    /// Its first line within the block, from 0.
    pub line: usize,
}

impl Piece {
    /// Whether it only prepares what comes after it: a change of folder, a variable, a function,
    /// an option of the shell. Such a piece is put before each command that follows.
    pub fn is_setup(&self) -> bool {
        let first = self.text.split_whitespace().next().unwrap_or_default();
        let assigns = first.split_once('=').is_some_and(|(name, _)| is_name(name));
        let defines = first.strip_suffix("()").is_some_and(is_name)
            || self.text.split_whitespace().nth(1) == Some("()");
        let alone = !["&&", "||", ";", "|"].iter().any(|word| self.text.contains(word));
        let prepares = ["cd", "set", "export", "source", ".", "shopt", "local", "unset", "umask"];
        defines || first == "function" || ((assigns || prepares.contains(&first)) && alone)
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The commands of a block; `None` when they cannot be told apart.
pub fn pieces(block: &str) -> Option<Vec<Piece>> {
    let mut scan = Scan::default();
    let mut found: Vec<Piece> = Vec::new();
    let mut heading: Option<String> = None;
    let mut open: Option<Piece> = None;
    for (line, text) in block.lines().enumerate() {
        if let Some(piece) = &mut open {
            piece.text.push('\n');
            piece.text.push_str(text);
        } else if let Some(comment) = text.trim_start().strip_prefix('#') {
            let comment = comment.trim_start_matches(['#', '!']).trim();
            if !comment.is_empty() {
                heading = Some(comment.to_owned());
            }
            continue;
        } else if text.trim().is_empty() {
            continue;
        } else {
            open = Some(Piece { heading: heading.clone(), text: text.to_owned(), line });
        }
        if scan.line(text)? {
            found.extend(open.take());
        }
    }
    open.is_none().then_some(found)
}

/// What is open at the end of a line.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Single,
    Double,
    Ticks,
    /// `${`
    Value,
    /// `(` or `$(`
    Round,
    /// `{`
    Group,
    /// `if`
    If,
    /// `for`, `while`, `until`, `select`
    Loop,
    /// `case`
    Case,
}

#[derive(Default)]
struct Scan {
    open: Vec<Open>,
    /// Ends of here-documents that are still to come, and whether tabs before them are dropped.
    documents: Vec<(String, bool)>,
    /// Whether the next word is a command.
    at_command: bool,
    /// Whether the line ends in something that wants more.
    unfinished: bool,
    word: String,
}

impl Scan {
    /// Reads a line; whether a command is complete at its end. `None` when a closing word or
    /// bracket has nothing to close.
    fn line(&mut self, text: &str) -> Option<bool> {
        if let Some((end, tabs)) = self.documents.first() {
            let line = if *tabs { text.trim_start_matches('\t') } else { text };
            if line == end {
                self.documents.remove(0);
            }
            return Some(self.is_complete());
        }
        if !self.unfinished || self.open.is_empty() {
            self.at_command = true;
        }
        self.unfinished = false;
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            at = match self.open.last() {
                Some(Open::Single) => self.in_single(&chars, at),
                Some(Open::Double) => self.in_double(&chars, at),
                _ => self.plain(&chars, at)?,
            };
        }
        let quoted = matches!(self.open.last(), Some(Open::Single | Open::Double));
        if !quoted {
            self.end_word()?;
            if !self.unfinished {
                self.at_command = true;
            }
        }
        Some(self.is_complete())
    }

    fn is_complete(&self) -> bool {
        self.open.is_empty() && self.documents.is_empty() && !self.unfinished
    }

    fn in_single(&mut self, chars: &[char], at: usize) -> usize {
        if chars[at] == '\'' {
            self.open.pop();
        }
        at + 1
    }

    fn in_double(&mut self, chars: &[char], at: usize) -> usize {
        match (chars[at], chars.get(at + 1)) {
            ('\\', _) => return at + 2,
            ('"', _) => drop(self.open.pop()),
            ('`', _) => self.open.push(Open::Ticks),
            ('$', Some('(')) => return self.push(Open::Round, at + 2),
            ('$', Some('{')) => return self.push(Open::Value, at + 2),
            _ => {}
        }
        at + 1
    }

    fn push(&mut self, open: Open, next: usize) -> usize {
        self.open.push(open);
        self.at_command = true;
        next
    }

    /// One step outside quotes.
    fn plain(&mut self, chars: &[char], at: usize) -> Option<usize> {
        let next = chars.get(at + 1).copied();
        if self.open.last() == Some(&Open::Value) {
            return Some(self.in_value(chars, at));
        }
        match chars[at] {
            '\\' => {
                self.unfinished = next.is_none();
                self.word.push('\\');
                return Some(at + 2);
            }
            '\'' => self.quote(Open::Single),
            '"' => self.quote(Open::Double),
            '`' if self.open.last() == Some(&Open::Ticks) => {
                self.end_word()?;
                self.open.pop();
                self.at_command = false;
            }
            '`' => return Some(self.push(Open::Ticks, at + 1)),
            '$' if next == Some('{') => return Some(self.push(Open::Value, at + 2)),
            '$' if next == Some('(') => return Some(self.push(Open::Round, at + 2)),
            '#' if self.word.is_empty() => return Some(chars.len()),
            '(' => {
                self.end_word()?;
                return Some(self.push(Open::Round, at + 1));
            }
            ')' => {
                self.end_word()?;
                match self.open.last() {
                    Some(Open::Round) => {
                        self.open.pop();
                        self.at_command = false;
                    }
                    Some(Open::Case) => self.at_command = true,
                    _ => return None,
                }
            }
            '<' if next == Some('<') && chars.get(at + 2) != Some(&'<') => {
                self.end_word()?;
                return Some(self.document(chars, at + 2));
            }
            ';' | '&' | '|' => {
                self.end_word()?;
                let before = at.checked_sub(1).map(|at| chars[at]);
                // `2>&1` is no end of a command.
                let redirects = chars[at] == '&' && (before == Some('>') || next == Some('>'));
                if !redirects {
                    self.at_command = true;
                    let pipe = chars[at] == '|' || before == Some('&');
                    self.unfinished = pipe && rest_is_blank(chars, at + 1);
                }
            }
            c if c.is_whitespace() => self.end_word()?,
            c => self.word.push(c),
        }
        Some(at + 1)
    }

    fn quote(&mut self, open: Open) {
        // What is quoted is part of a word, and no keyword.
        self.word.push('"');
        self.open.push(open);
    }

    fn in_value(&mut self, chars: &[char], at: usize) -> usize {
        match (chars[at], chars.get(at + 1)) {
            ('\\', _) => return at + 2,
            ('}', _) => drop(self.open.pop()),
            ('\'', _) => self.open.push(Open::Single),
            ('"', _) => self.open.push(Open::Double),
            ('$', Some('(')) => return self.push(Open::Round, at + 2),
            ('$', Some('{')) => return self.push(Open::Value, at + 2),
            _ => {}
        }
        self.word.push('"');
        at + 1
    }

    fn document(&mut self, chars: &[char], from: usize) -> usize {
        let tabs = chars.get(from) == Some(&'-');
        let start = from + usize::from(tabs);
        let blanks = chars[start..].iter().take_while(|c| c.is_whitespace()).count();
        let end: String = chars[start + blanks..]
            .iter()
            .take_while(|c| !c.is_whitespace() && !";&|<>()".contains(**c))
            .collect();
        let length = end.chars().count();
        self.documents.push((end.replace(['\'', '"', '\\'], ""), tabs));
        start + blanks + length
    }

    /// Takes the word that ends here; keywords open and close compound commands.
    fn end_word(&mut self) -> Option<()> {
        if self.word.is_empty() {
            return Some(());
        }
        let word = std::mem::take(&mut self.word);
        if word == "{" {
            self.push(Open::Group, 0);
            return Some(());
        }
        if !self.at_command {
            return Some(());
        }
        let close = |scan: &mut Self, open: Open| {
            scan.at_command = false;
            (scan.open.pop() == Some(open)).then_some(())
        };
        match word.as_str() {
            "if" => drop(self.push(Open::If, 0)),
            "while" | "until" => drop(self.push(Open::Loop, 0)),
            "for" | "select" => {
                self.open.push(Open::Loop);
                self.at_command = false;
            }
            "case" => {
                self.open.push(Open::Case);
                self.at_command = false;
            }
            "fi" => return close(self, Open::If),
            "done" => return close(self, Open::Loop),
            "esac" => return close(self, Open::Case),
            "}" => return close(self, Open::Group),
            "then" | "else" | "elif" | "do" | "!" | "time" => {}
            _ => self.at_command = false,
        }
        Some(())
    }
}

fn rest_is_blank(chars: &[char], from: usize) -> bool {
    chars[from..].iter().all(|c| c.is_whitespace())
}

#[cfg(test)]
mod tests;
