//! Which elements and attributes a format has, and the watcher that holds a document to it.
//!
//! The shapes say the same to serde; they cannot say where a word stands that they do not know,
//! and serde drops an attribute on an element that is read as plain text. So each document has a
//! tree of [`Element`]s as well, and a misspelt word is an error with line and column.

use super::error::XmlErrorKind;
use super::strict::{Attribute, Objection, Watch};

/// One element of a format.
#[derive(Debug)]
pub struct Element {
    /// Its name.
    pub name: &'static str,
    /// Attributes that must be there.
    pub required: &'static [&'static str],
    /// Attributes that may be there, and are then not empty.
    pub optional: &'static [&'static str],
    /// What stands in it.
    pub content: Content,
}

/// What stands in an element.
#[derive(Debug)]
pub enum Content {
    /// Text, white space and line ends included.
    Text,
    /// These elements, in any order; none for an element that is always empty.
    Elements(&'static [Child]),
}

/// An element inside another.
#[derive(Debug)]
pub struct Child {
    /// How often it stands there.
    pub times: Times,
    /// The element.
    pub element: Element,
}

/// How often an element stands in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Exactly once.
    Once,
    /// Once or not at all.
    AtMostOnce,
    /// As often as needed.
    Any,
}

/// An element that stands there exactly once.
pub const fn one(element: Element) -> Child {
    Child { times: Times::Once, element }
}

/// An element that may be left out.
pub const fn maybe(element: Element) -> Child {
    Child { times: Times::AtMostOnce, element }
}

/// An element that stands there for each thing of its sort.
pub const fn each(element: Element) -> Child {
    Child { times: Times::Any, element }
}

/// An element that holds text and has no attributes.
pub const fn text(name: &'static str) -> Element {
    Element { name, required: &[], optional: &[], content: Content::Text }
}

/// An element that holds other elements and has no attributes.
pub const fn group(name: &'static str, children: &'static [Child]) -> Element {
    Element { name, required: &[], optional: &[], content: Content::Elements(children) }
}

/// Holds a document to its [`Element`]s, unless its root names a newer version: then nothing is
/// known of its elements, and only [`Rules::newer`] is to be asked.
#[derive(Debug)]
pub struct Rules {
    root: &'static Element,
    known: u32,
    newer: Option<u32>,
    open: Vec<Opened>,
}

#[derive(Debug)]
struct Opened {
    element: &'static Element,
    /// One bit for each child that was seen.
    seen: u64,
}

impl Rules {
    /// Rules for documents with `root` of versions up to `known`.
    pub fn new(root: &'static Element, known: u32) -> Self {
        Self { root, known, newer: None, open: Vec::new() }
    }

    /// The version of the document, when it is newer than what is known.
    pub fn newer(&self) -> Option<u32> {
        self.newer
    }

    /// The element called `name` at the present place.
    fn find(&mut self, name: &str) -> Result<&'static Element, XmlErrorKind> {
        let Some(parent) = self.open.last_mut() else { return Ok(self.root) };
        let within = parent.element.name;
        let children = match parent.element.content {
            Content::Elements(children) => children,
            Content::Text => &[],
        };
        let Some(index) = children.iter().position(|child| child.element.name == name) else {
            return Err(XmlErrorKind::UnknownElement { name: name.to_owned(), within });
        };
        let child = &children[index];
        let bit = 1 << index;
        if child.times != Times::Any && parent.seen & bit != 0 {
            return Err(XmlErrorKind::RepeatedElement { name: child.element.name, within });
        }
        parent.seen |= bit;
        Ok(&child.element)
    }

    fn check_version(&mut self, attributes: &[Attribute<'_>]) -> Result<(), Objection> {
        let Some(given) = attributes.iter().find(|a| a.name == "version") else { return Ok(()) };
        match given.raw.parse::<u32>() {
            Ok(found) if found > self.known => self.newer = Some(found),
            Ok(found) if found > 0 && found.to_string() == given.raw => {}
            _ => {
                let kind = XmlErrorKind::BadVersion(given.raw.chars().take(60).collect());
                return Err(Objection { offset: Some(given.offset), kind });
            }
        }
        Ok(())
    }
}

impl Watch for Rules {
    fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Objection> {
        if self.open.is_empty() && self.newer.is_none() {
            self.check_version(attributes)?;
        }
        if self.newer.is_some() {
            return Ok(());
        }
        let element = self.find(name)?;
        for given in attributes {
            let object = |kind| Err(Objection { offset: Some(given.offset), kind });
            if let Some(name) = element.optional.iter().find(|&&known| known == given.name) {
                if given.raw.is_empty() {
                    let element = element.name;
                    return object(XmlErrorKind::EmptyAttribute { name, element });
                }
            } else if !element.required.contains(&given.name) {
                let name = given.name.to_owned();
                return object(XmlErrorKind::UnknownAttribute { name, element: element.name });
            }
        }
        for &name in element.required {
            if !attributes.iter().any(|given| given.name == name) {
                let element = element.name;
                return Err(XmlErrorKind::MissingAttribute { name, element }.into());
            }
        }
        self.open.push(Opened { element, seen: 0 });
        Ok(())
    }

    fn text(&mut self) -> Result<(), XmlErrorKind> {
        match self.open.last() {
            Some(Opened {
                element: Element { name, content: Content::Elements(_), .. }, ..
            }) => Err(XmlErrorKind::StrayText(name)),
            _ => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), XmlErrorKind> {
        let Some(Opened { element, seen }) = self.open.pop() else { return Ok(()) };
        let Content::Elements(children) = element.content else { return Ok(()) };
        for (index, child) in children.iter().enumerate() {
            if child.times == Times::Once && seen & (1 << index) == 0 {
                let name = child.element.name;
                return Err(XmlErrorKind::MissingElement { name, within: element.name });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::strict;
    use super::*;

    static ROOT: Element = Element {
        name: "log",
        required: &["version"],
        optional: &["note"],
        content: Content::Elements(&[
            one(text("title")),
            maybe(text("source")),
            each(group("task", &[one(text("text"))])),
        ]),
    };

    fn ask(document: &str) -> Result<Option<u32>, (usize, usize, XmlErrorKind)> {
        let mut rules = Rules::new(&ROOT, 1);
        strict::check_watched(document.as_bytes(), "log", &mut rules)
            .map(|_| rules.newer())
            .map_err(|e| (e.line, e.column, e.kind))
    }

    #[test]
    fn a_document_of_the_format_passes() {
        let whole = "<log version='1'>\n <task><text> x </text></task><title/><task><text/></task>\n</log>\n";
        assert_eq!(ask(whole), Ok(None));
    }

    #[test]
    fn each_departure_is_told_with_its_place() {
        use XmlErrorKind as K;
        let log = "log";
        for (document, line, column, kind) in [
            (
                "<log version='1'><title/>\n <titel/></log>\n",
                2,
                2,
                K::UnknownElement { name: "titel".into(), within: log },
            ),
            (
                "<log version='1'><title><b/></title></log>\n",
                1,
                25,
                K::UnknownElement { name: "b".into(), within: "title" },
            ),
            (
                "<log version='1'><title/><title/></log>\n",
                1,
                26,
                K::RepeatedElement { name: "title", within: log },
            ),
            ("<log version='1'>\n</log>\n", 2, 1, K::MissingElement { name: "title", within: log }),
            (
                "<log version='1'><title lang='en'/></log>\n",
                1,
                25,
                K::UnknownAttribute { name: "lang".into(), element: "title" },
            ),
            ("<log><title/></log>\n", 1, 1, K::MissingAttribute { name: "version", element: log }),
            (
                "<log version='1' note=''><title/></log>\n",
                1,
                18,
                K::EmptyAttribute { name: "note", element: log },
            ),
            ("<log version='1'>x<title/></log>\n", 1, 18, K::StrayText(log)),
            ("<log version='1'>&#32;<title/></log>\n", 1, 18, K::StrayText(log)),
            ("<log version='1'><![CDATA[ ]]><title/></log>\n", 1, 18, K::StrayText(log)),
            ("<log version='0'/>\n", 1, 6, K::BadVersion("0".into())),
            ("<log version='01'/>\n", 1, 6, K::BadVersion("01".into())),
            ("<log version='x'/>\n", 1, 6, K::BadVersion("x".into())),
        ] {
            assert_eq!(ask(document), Err((line, column, kind)), "{document}");
        }
    }

    #[test]
    fn nothing_but_xml_is_asked_of_a_newer_version() {
        assert_eq!(ask("<log new='x' version='2'><task lang='en'>x</task></log>\n"), Ok(Some(2)));
        assert!(ask("<log version='2'><task></log>\n").is_err());
    }
}
