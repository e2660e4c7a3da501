//! The bytes of a document before any markup is looked at: size, encoding, characters, conflict
//! markers, and how an offset becomes a line and a column.

use super::super::error::{XmlError, XmlErrorKind};

/// Largest document, in bytes.
pub const DOCUMENT_LIMIT: usize = 64 << 20;

/// The byte order mark, which may begin a file and stand nowhere else.
pub const BOM: char = '\u{feff}';

/// The text of `bytes` without a byte order mark at its start, once everything that can be told
/// without reading markup is in order.
pub(super) fn text(bytes: &[u8]) -> Result<&str, XmlError> {
    if bytes.len() > DOCUMENT_LIMIT {
        return Err(error_at("", 0, XmlErrorKind::TooLarge(bytes.len())));
    }
    let whole = match std::str::from_utf8(bytes) {
        Ok(whole) => whole,
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            let valid = std::str::from_utf8(valid).unwrap_or_default();
            // A character whose first bytes are right and whose last are missing was cut.
            let kind = match error.error_len() {
                None => XmlErrorKind::Truncated,
                Some(_) => XmlErrorKind::NotUtf8,
            };
            return Err(error_at(valid, valid.len(), kind));
        }
    };
    let text = whole.strip_prefix(BOM).unwrap_or(whole);
    if text.is_empty() {
        return Err(error_at(text, 0, XmlErrorKind::Empty));
    }
    if let Some((offset, bad)) = text.char_indices().find(|(_, c)| !is_allowed(*c)) {
        let kind = match bad {
            BOM => XmlErrorKind::MisplacedBom,
            _ => XmlErrorKind::ForbiddenCharacter(bad.into()),
        };
        return Err(error_at(text, offset, kind));
    }
    match conflict_marker(text) {
        Some(offset) => Err(error_at(text, offset, XmlErrorKind::ConflictMarker)),
        None => Ok(text),
    }
}

/// Whether a document may hold `c`: the `Char` production of XML 1.0 without the byte order mark.
pub fn is_allowed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        BOM | '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= ' ',
    }
}

/// Where the first line begins that git's merge wrote. The two markers looked for cannot begin a
/// line of a document of ours, because `<` and `>` are escaped in texts; `=======` can, as part of
/// a goal in several lines, so it is not looked for.
fn conflict_marker(text: &str) -> Option<usize> {
    if !text.contains("<<<<<<<") && !text.contains(">>>>>>>") {
        return None;
    }
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("<<<<<<<").or_else(|| line.strip_prefix(">>>>>>>"));
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r', '\n'])) {
            return Some(offset);
        }
        offset += line.len();
    }
    None
}

/// Line and column, both from 1, of the byte at `offset`; the column counts characters.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (line, column)
}

/// The error `kind` at the byte `offset` of `text`.
pub(super) fn error_at(text: &str, offset: usize, kind: XmlErrorKind) -> XmlError {
    let (line, column) = position(text, offset);
    XmlError { line, column, kind }
}
