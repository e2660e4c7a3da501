//! Words, colour and form for people; JSON for programs. Used by `cli` and `hook` only.

pub mod explain;
pub mod findings;
pub mod out;
pub mod progress;
pub mod style;
pub mod table;

pub use out::Out;
