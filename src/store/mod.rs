//! Our own files and the formats they are written in.
//!
//! The store keeps and returns; it never decides.

pub mod xml;
