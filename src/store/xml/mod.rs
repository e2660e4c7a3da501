//! The durable formats: XML documents between bytes and the types of `domain`.
//!
//! So far the strict reader alone, which everything that is deserialised passes first.

mod error;
pub mod strict;

pub use error::{ReadError, XmlError, XmlErrorKind};
