//! The durable formats: XML documents between bytes and the types of `domain`.
//!
//! | document | module | holds |
//! |---|---|---|
//! | `session-log.xml` | [`session_log`] | [`Session`](crate::domain::session::Session) |
//! | `receipt.xml` | [`receipt`] | [`Receipt`](crate::domain::receipt::Receipt) |
//! | `learnings.xml` | [`learnings`] | the [`Learning`](crate::domain::learning::Learning)s of an issue |
//! | `marks.xml` | [`marks`] | the [`Mark`](crate::domain::learning::standing::Mark)s of an issue's learnings |
//!
//! Each module has `write`, which gives the one canonical text of a value, and `read`, which
//! returns it or a [`ReadError`] that says what is wrong and where. Reading goes through
//! [`strict`] and the format's own grammar before anything is deserialised, so damage, a
//! misspelt word or an unknown element is an error and never a default. A document of a newer
//! version is [`ReadError::NewerVersion`]: it may be shown, and must not be written over.
//!
//! `docs/formats.md` describes every element. Nothing here opens a file.

mod births;
mod document;
mod error;
#[cfg(test)]
mod example;
mod grammar;
pub mod learnings;
pub mod marks;
pub mod receipt;
#[cfg(test)]
mod samples;
pub mod session_log;
pub mod strict;
#[cfg(test)]
mod tests;
mod unique;
mod value;

pub use error::{ReadError, XmlError, XmlErrorKind};
