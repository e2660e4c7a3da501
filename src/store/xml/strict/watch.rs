//! What looks on while a document is checked: a format's own rules, or nobody.

use super::super::error::XmlErrorKind;

/// One attribute of a start tag.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value as written, references and all.
    pub raw: &'a str,
    /// Where it begins, in bytes from the start of the text.
    pub offset: usize,
}

/// What a watcher objects to.
#[derive(Debug)]
pub struct Objection {
    /// Where, in bytes from the start of the text; at the tag itself when `None`.
    pub offset: Option<usize>,
    /// Why.
    pub kind: XmlErrorKind,
}

impl From<XmlErrorKind> for Objection {
    fn from(kind: XmlErrorKind) -> Self {
        Self { offset: None, kind }
    }
}

/// Sees every element of a document in its order, and may object.
pub trait Watch {
    /// An element begins.
    fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Objection>;
    /// Text other than white space stands in the present element.
    fn text(&mut self) -> Result<(), XmlErrorKind>;
    /// The present element ends.
    fn close(&mut self) -> Result<(), XmlErrorKind>;
}

/// Watches nothing.
pub(super) struct Nobody;

impl Watch for Nobody {
    fn open(&mut self, _: &str, _: &[Attribute<'_>]) -> Result<(), Objection> {
        Ok(())
    }
    fn text(&mut self) -> Result<(), XmlErrorKind> {
        Ok(())
    }
    fn close(&mut self) -> Result<(), XmlErrorKind> {
        Ok(())
    }
}
