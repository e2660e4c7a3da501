//! What can be wrong with a document, each as a value of its own, with the place.
//!
//! Two layers: [`XmlError`] is about the bytes and the elements in them and always knows line and
//! column; [`ReadError`] adds what only the meaning of a whole document can tell.

use crate::domain::phase::Phase;

/// A document that is not acceptable XML, or does not have the elements its format names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct XmlError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: XmlErrorKind,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlErrorKind {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// More bytes than [`super::strict::DOCUMENT_LIMIT`].
    #[error("the file has {0} bytes, which is more than 64 MiB")]
    TooLarge(usize),
    /// Bytes that are not UTF-8.
    #[error("these bytes are not UTF-8")]
    NotUtf8,
    /// A byte order mark after the first character.
    #[error("a byte order mark stands here; it may only begin a file")]
    MisplacedBom,
    /// A character that XML 1.0 forbids, raw or as a reference.
    #[error("the character U+{0:04X} is forbidden in XML")]
    ForbiddenCharacter(u32),
    /// What git leaves in a file that it could not merge.
    #[error("a conflict marker stands here: the file was merged and not resolved")]
    ConflictMarker,
    /// The file ends too early.
    #[error("the file ends before the document does: it was cut off")]
    Truncated,
    /// A document type definition, and with it any way to define entities.
    #[error("a document type definition (<!DOCTYPE) is not accepted")]
    Dtd,
    /// A processing instruction.
    #[error("a processing instruction (<?…?>) is not accepted")]
    ProcessingInstruction,
    /// An XML declaration that is wrong or in the wrong place.
    #[error("the XML declaration {0}")]
    Declaration(&'static str),
    /// An entity other than the five of XML.
    #[error("the entity &{0}; is not known")]
    UnknownEntity(String),
    /// A character reference that names no character.
    #[error("&{0}; names no character")]
    BadReference(String),
    /// An ampersand that begins no reference.
    #[error("an ampersand stands alone; it is written &amp;")]
    BareAmpersand,
    /// There is nothing but white space and comments.
    #[error("there is no root element")]
    NoRoot,
    /// The root element has another name.
    #[error("the root element is <{found}>, not <{expected}>")]
    WrongRoot {
        /// The name it should have.
        expected: String,
        /// The name it has.
        found: String,
    },
    /// A second element beside the root.
    #[error("a second root element begins here")]
    SecondRoot,
    /// Text before or after the root.
    #[error("text stands outside the root element")]
    TextOutsideRoot,
    /// An end tag of another name than the start tag.
    #[error("</{found}> ends <{expected}>")]
    MismatchedEnd {
        /// The element that is open.
        expected: String,
        /// The element that is ended.
        found: String,
    },
    /// An end tag without a start tag.
    #[error("</{0}> ends nothing")]
    UnmatchedEnd(String),
    /// An attribute given twice.
    #[error("the attribute {0} is given twice")]
    DuplicateAttribute(String),
    /// Elements inside elements, beyond [`super::strict::DEPTH_LIMIT`].
    #[error("elements are nested more than 32 deep")]
    TooDeep,
    /// An attribute longer than [`super::strict::ATTRIBUTE_LIMIT`].
    #[error("the attribute {0} is longer than 64 KiB")]
    LongAttribute(String),
    /// A text longer than [`super::strict::TEXT_LIMIT`].
    #[error("a text is longer than 8 MiB")]
    LongText,
    /// Anything else that XML does not allow.
    #[error("this is not XML: {0}")]
    Malformed(String),
    /// An element that the format does not know at this place.
    #[error("<{within}> holds no element <{name}>")]
    UnknownElement {
        /// The unknown name.
        name: String,
        /// The element it stands in.
        within: &'static str,
    },
    /// An element that may stand once and stands again.
    #[error("<{within}> holds a second <{name}>")]
    RepeatedElement {
        /// Its name.
        name: &'static str,
        /// The element it stands in.
        within: &'static str,
    },
    /// An element that must be there and is not.
    #[error("<{within}> lacks <{name}>")]
    MissingElement {
        /// Its name.
        name: &'static str,
        /// The element it should stand in.
        within: &'static str,
    },
    /// An attribute that the format does not know at this place.
    #[error("<{element}> has no attribute {name}")]
    UnknownAttribute {
        /// The unknown name.
        name: String,
        /// The element it stands on.
        element: &'static str,
    },
    /// An attribute that must be there and is not.
    #[error("<{element}> lacks the attribute {name}")]
    MissingAttribute {
        /// Its name.
        name: &'static str,
        /// The element it should stand on.
        element: &'static str,
    },
    /// An attribute that may be left out but not be empty.
    #[error("the attribute {name} of <{element}> is empty; leave it out instead")]
    EmptyAttribute {
        /// Its name.
        name: &'static str,
        /// The element it stands on.
        element: &'static str,
    },
    /// Text where only elements belong.
    #[error("<{0}> holds text; only elements belong there")]
    StrayText(&'static str),
    /// A version that is not a whole number from 1.
    #[error("{0:?} is not a version of the format")]
    BadVersion(String),
}

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes or the elements in them are wrong.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// A newer git-orch wrote it. It may be shown, and must not be written over.
    #[error("it has version {found} of its format, and this git-orch knows up to {known}")]
    NewerVersion {
        /// The version of the document.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// A value that cannot be what its place demands.
    #[error("line {line}, column {column}: in <{element}>: {reason}")]
    Value {
        /// Line of the element, from 1.
        line: usize,
        /// Column of the element in characters, from 1.
        column: usize,
        /// The element that holds the value.
        element: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Parts that are well-formed each and contradict each other.
    #[error("{place}: {reason}")]
    Contradiction {
        /// The entry, such as `task 3`.
        place: String,
        /// How it contradicts itself.
        reason: String,
    },
    /// Two entries of one name.
    #[error("{what} {name} stands twice")]
    Duplicate {
        /// What sort of entry.
        what: &'static str,
        /// Its number or id.
        name: String,
    },
    /// A recorded step that does not begin where the one before it ended, or skips a phase.
    #[error("step {number} goes from {from} to {to}, which the steps before it do not allow")]
    BrokenStep {
        /// Which step, from 1.
        number: usize,
        /// The phase it says it left.
        from: Phase,
        /// The phase it says it entered.
        to: Phase,
    },
    /// The recorded steps lead to another phase than the one recorded.
    #[error("the recorded phase is {recorded}, but the recorded steps lead to {replayed}")]
    PhaseMismatch {
        /// The phase the document names.
        recorded: Phase,
        /// The phase its steps lead to.
        replayed: Phase,
    },
    /// A phase marker that is not what the rest of the document says.
    #[error("the marker of {phase} says {said}, but the record says {derived}")]
    Marker {
        /// The phase.
        phase: Phase,
        /// What the marker says.
        said: String,
        /// What it would be, derived from the rest.
        derived: String,
    },
}
