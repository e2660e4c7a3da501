//! Our own files: the state chain, its working copy, locks, configuration, formats.
//!
//! The store keeps and returns; it never decides. Formats live in [`xml`]; every write goes
//! through [`atomic`].

pub mod atomic;
pub mod births;
pub mod catalog;
pub mod chain;
pub mod compressed;
pub mod config;
pub mod error;
pub mod exclude;
pub mod intent;
pub mod judged;
pub mod lanes;
pub mod layout;
pub mod ledger;
pub mod lock;
pub mod manifest;
pub mod prints;
pub mod recall;
pub mod redact;
pub mod runs;
pub mod shown;
pub mod signals;
pub mod trash;
pub mod trust;
pub mod verification;
pub mod working_copy;
pub mod xml;

pub use error::StoreError;
