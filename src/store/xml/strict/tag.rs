//! What stands inside a tag: names, attributes and the XML declaration.

use std::borrow::Cow;

use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesDecl, BytesStart};

use super::super::error::XmlErrorKind;
use super::reference;
use super::watch::{Attribute, Objection};

/// Longest attribute value, in bytes as written.
pub const ATTRIBUTE_LIMIT: usize = 64 << 10;

/// The attributes of `tag`, whose content begins at `base`, each of them in order.
pub(super) fn attributes<'t>(
    tag: &'t BytesStart<'_>,
    base: usize,
) -> Result<Vec<Attribute<'t>>, Objection> {
    let content = tag.name().0.as_ptr().addr();
    let raw = tag.attributes_raw();
    let mut list = Vec::new();
    for found in tag.attributes() {
        let found = found.map_err(|e| bad_attribute(&e, raw, tag.name().0.len(), base))?;
        let name = found.key.0;
        // Both point into the tag's own text, the name behind its start.
        let within = name.as_ptr().addr() - content;
        let offset = base + within;
        let fault = |kind| Err(Objection { offset: Some(offset), kind });
        let Cow::Borrowed(value) = found.value else {
            return fault(XmlErrorKind::Malformed("an attribute cannot be read".to_owned()));
        };
        if !is_name(name) {
            return fault(XmlErrorKind::Malformed(format!("{name:?} is not a name")));
        }
        let before = within.checked_sub(tag.name().0.len() + 1);
        if !before.and_then(|i| raw.as_bytes().get(i)).is_some_and(|&b| is_space(b)) {
            return fault(XmlErrorKind::Malformed(format!("no space before {name}")));
        }
        if value.len() > ATTRIBUTE_LIMIT {
            return fault(XmlErrorKind::LongAttribute(name.to_owned()));
        }
        if value.contains('<') {
            return fault(XmlErrorKind::Malformed(format!("a raw < in the attribute {name}")));
        }
        let place = base + (value.as_ptr().addr() - content);
        reference::check_all(value)
            .map_err(|(at, kind)| Objection { offset: Some(place + at), kind })?;
        list.push(Attribute { name, raw: value, offset });
    }
    Ok(list)
}

/// What is wrong with an attribute list, in our words.
fn bad_attribute(error: &AttrError, raw: &str, name: usize, base: usize) -> Objection {
    let (at, kind) = match error {
        AttrError::Duplicated(at, _) => {
            let key = raw.get(at.saturating_sub(name)..).unwrap_or_default();
            let key = key.split(|c: char| c == '=' || c.is_ascii_whitespace()).next();
            (at, XmlErrorKind::DuplicateAttribute(key.unwrap_or_default().to_owned()))
        }
        AttrError::ExpectedEq(at)
        | AttrError::ExpectedValue(at)
        | AttrError::UnquotedValue(at)
        | AttrError::ExpectedQuote(at, _) => {
            (at, XmlErrorKind::Malformed("an attribute is written name=\"value\"".to_owned()))
        }
    };
    Objection { offset: Some(base + at), kind }
}

/// Whether `declaration` says what all our files say: XML 1.0 in UTF-8.
pub(super) fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), XmlErrorKind> {
    let wrong = |what| Err(XmlErrorKind::Declaration(what));
    if !matches!(declaration.version().as_deref(), Ok("1.0")) {
        return wrong("does not say version=\"1.0\"");
    }
    match declaration.encoding() {
        None => {}
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => {}
        Some(_) => return wrong("names an encoding other than UTF-8"),
    }
    match declaration.standalone() {
        None => Ok(()),
        Some(Ok(value)) if matches!(&*value, "yes" | "no") => Ok(()),
        Some(_) => wrong("says neither standalone=\"yes\" nor \"no\""),
    }
}

/// Whether `name` is a name as our formats use them: letters, digits and `-_.:`, ASCII alone.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
}

/// White space as XML knows it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
