//! The strict reader: one pass over the bytes that refuses whatever a document of ours cannot be.
//!
//! `quick-xml` read to the end accepts damage: a file cut after an element, an empty file, bytes of
//! NUL, two roots, conflict markers. Everything that is deserialised has passed [`check`] first.
//! This module knows XML and nothing of our formats; a [`Watch`] adds those.

mod reference;
mod source;
mod tag;
#[cfg(test)]
mod tests;
mod watch;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use super::error::{XmlError, XmlErrorKind};
pub use source::DOCUMENT_LIMIT;
use source::error_at;
pub(super) use source::{is_allowed, position};
pub use tag::ATTRIBUTE_LIMIT;
pub use watch::{Attribute, Objection, Watch};

/// Deepest nesting of elements, the root counted.
pub const DEPTH_LIMIT: usize = 32;
/// Longest text of one element, in bytes as written.
pub const TEXT_LIMIT: usize = 8 << 20;

/// Checks that `bytes` are one whole, harmless XML document with the root element `root`, and
/// returns its text.
pub fn check<'a>(bytes: &'a [u8], root: &str) -> Result<&'a str, XmlError> {
    check_watched(bytes, root, &mut watch::Nobody)
}

/// The same, with `watch` looking on; the first objection ends it.
pub fn check_watched<'a>(
    bytes: &'a [u8],
    root: &str,
    watch: &mut impl Watch,
) -> Result<&'a str, XmlError> {
    let text = source::text(bytes)?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk { text, root, depth: 0, rooted: false, written: 0, watch };
    let mut start = 0;
    loop {
        let event = reader.read_event().map_err(|e| {
            let offset = usize::try_from(reader.error_position()).unwrap_or(text.len());
            error_at(text, offset, walk.kind_of(&e, offset))
        })?;
        if event == Event::Eof {
            break;
        }
        walk.event(&event, start).map_err(|o| error_at(text, o.offset.unwrap_or(start), o.kind))?;
        start = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
    }
    walk.end().map_err(|kind| error_at(text, text.len(), kind))?;
    Ok(text)
}

/// What has been seen so far.
struct Walk<'a, W> {
    text: &'a str,
    root: &'a str,
    /// How many elements are open.
    depth: usize,
    /// Whether the root has begun.
    rooted: bool,
    /// Bytes of text since the last tag.
    written: usize,
    watch: &'a mut W,
}

impl<W: Watch> Walk<'_, W> {
    fn event(&mut self, event: &Event<'_>, offset: usize) -> Result<(), Objection> {
        match event {
            Event::Start(tag) => self.open(tag, offset)?,
            Event::End(_) => {
                self.written = 0;
                self.depth -= 1;
                self.watch.close()?;
            }
            Event::Text(text) => {
                if let Some(at) = text.find("]]>") {
                    let kind = XmlErrorKind::Malformed("]]> stands in a text".to_owned());
                    return Err(Objection { offset: Some(offset + at), kind });
                }
                let ink = text.bytes().position(|b| !tag::is_space(b));
                self.words(text.len(), ink.is_none())
                    .map_err(|kind| Objection { offset: Some(offset + ink.unwrap_or(0)), kind })?;
            }
            Event::CData(text) => self.words(text.len(), false)?,
            Event::GeneralRef(name) => {
                reference::check(name)?;
                self.words(name.len() + 2, false)?;
            }
            Event::Decl(declaration) => {
                if offset != 0 {
                    return Err(XmlErrorKind::Declaration("does not begin the file").into());
                }
                tag::check_declaration(declaration)?;
            }
            Event::PI(_) => return Err(XmlErrorKind::ProcessingInstruction.into()),
            Event::DocType(_) => return Err(XmlErrorKind::Dtd.into()),
            Event::Comment(_) | Event::Empty(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn words(&mut self, length: usize, blank: bool) -> Result<(), XmlErrorKind> {
        self.written += length;
        if self.written > TEXT_LIMIT {
            return Err(XmlErrorKind::LongText);
        }
        match (self.depth, blank) {
            (_, true) => Ok(()),
            (0, false) => Err(XmlErrorKind::TextOutsideRoot),
            _ => self.watch.text(),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Result<(), Objection> {
        let name = tag.name().0;
        self.written = 0;
        if !tag::is_name(name) {
            let shown: String = name.chars().take(60).collect();
            return Err(XmlErrorKind::Malformed(format!("{shown:?} is not a name")).into());
        }
        if self.depth == 0 {
            if self.rooted {
                return Err(XmlErrorKind::SecondRoot.into());
            }
            if name != self.root {
                let (expected, found) = (self.root.to_owned(), name.to_owned());
                return Err(XmlErrorKind::WrongRoot { expected, found }.into());
            }
            self.rooted = true;
        }
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(XmlErrorKind::TooDeep.into());
        }
        let attributes = tag::attributes(tag, offset + 1)?;
        self.watch.open(name, &attributes)
    }

    fn end(&self) -> Result<(), XmlErrorKind> {
        if self.depth > 0 {
            Err(XmlErrorKind::Truncated)
        } else if !self.rooted {
            Err(XmlErrorKind::NoRoot)
        } else if !self.text.ends_with('\n') {
            // We end every file with a line end, so one without has lost its last byte at least.
            Err(XmlErrorKind::Truncated)
        } else {
            Ok(())
        }
    }

    /// What the reader's error at `offset` means to a person.
    fn kind_of(&self, error: &Error, offset: usize) -> XmlErrorKind {
        let rest = self.text.get(offset..).unwrap_or_default();
        match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) if rest.contains('>') => {
                XmlErrorKind::Malformed("unknown markup after <!".to_owned())
            }
            Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => {
                XmlErrorKind::Truncated
            }
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                let (expected, found) = (expected.clone(), found.clone());
                XmlErrorKind::MismatchedEnd { expected, found }
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
                XmlErrorKind::UnmatchedEnd(name.clone())
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                if rest.get(1..).unwrap_or_default().contains(['<', '&']) {
                    XmlErrorKind::BareAmpersand
                } else {
                    XmlErrorKind::Truncated
                }
            }
            other => XmlErrorKind::Malformed(other.to_string()),
        }
    }
}
