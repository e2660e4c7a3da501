//! Takes secrets out of what is kept: out of a text, and out of every text of a record.

mod rules;
mod session;

pub use rules::{bytes, found, text};
pub use session::session;
