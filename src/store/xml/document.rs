//! From bytes to a shape and back: what every document of ours has in common.
//!
//! Canonical form: the XML declaration, two spaces of indentation, attributes and elements in the
//! order of the shape, `&`, `<`, `>` escaped everywhere, carriage returns as `&#13;`, line feeds at
//! the ends of lines, one at the end of the file.

use quick_xml::de::{Deserializer, SliceReader};
use quick_xml::se::{QuoteLevel, Serializer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ReadError;
use super::grammar::{Element, Rules};
use super::strict;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A format: its elements and the newest version of them that is known here.
pub(super) struct Document {
    /// The root element.
    pub(super) root: &'static Element,
    /// The version that is written, and the newest that is read.
    pub(super) version: u32,
}

impl Document {
    /// The shape that `bytes` hold.
    pub(super) fn parse<S: DeserializeOwned>(&self, bytes: &[u8]) -> Result<S, ReadError> {
        let mut rules = Rules::new(self.root, self.version);
        let text = strict::check_watched(bytes, self.root.name, &mut rules)?;
        if let Some(found) = rules.newer() {
            return Err(ReadError::NewerVersion { found, known: self.version });
        }
        let mut reader = Deserializer::from_str(text);
        S::deserialize(&mut reader).map_err(|e| place(text, &reader, e.to_string()))
    }

    /// The canonical text of `shape`.
    pub(super) fn render(&self, shape: &impl Serialize) -> String {
        let mut text = DECLARATION.to_owned();
        Serializer::with_root(&mut text, Some(self.root.name))
            .and_then(|mut serializer| {
                serializer.indent(' ', 2).set_quote_level(QuoteLevel::Partial);
                shape.serialize(serializer)
            })
            .expect("a shape is a struct of texts, which XML can always hold");
        text.push('\n');
        scrub(text)
    }
}

/// Where the reader stood when it met a value it could not take. It reads one tag ahead, so the
/// value belongs to the last element that began before the reader's place.
fn place<'a>(text: &str, reader: &Deserializer<'a, SliceReader<'a>>, reason: String) -> ReadError {
    let reached = usize::try_from(reader.get_ref().get_ref().buffer_position());
    let before = reached.ok().and_then(|end| text.get(..end)).unwrap_or(text);
    let tag = |offset: &usize| {
        before[offset + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    let start = before.rmatch_indices('<').map(|(offset, _)| offset).find(tag).unwrap_or(0);
    let name: String = text[start..]
        .chars()
        .skip(1)
        .take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>'))
        .collect();
    let (line, column) = strict::position(text, start);
    ReadError::Value { line, column, element: name, reason }
}

/// `text` with the replacement character in place of each one that a document may not hold.
fn scrub(text: String) -> String {
    if text.chars().all(strict::is_allowed) {
        return text;
    }
    text.chars()
        .map(|c| if strict::is_allowed(c) { c } else { char::REPLACEMENT_CHARACTER })
        .collect()
}
