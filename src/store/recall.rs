//! The index of what was learned: an `SQLite` database with full-text search, derived from the
//! chains and never the only copy of anything.
//!
//! It lies below the common directory and is brought up to date before it is asked: what has a
//! new state is read again, what is gone is taken out. A database that is missing, of another
//! form or damaged is built anew. Only one process writes at a time, which holds a lock of ours
//! and opens the file after it has it, so that none writes to a file that was replaced; the
//! others read what stood there before. Where nothing can be written it is built in memory.

mod feed;
mod find;
mod index;
mod recur;
mod schema;
mod session;
mod trouble;

pub use find::{Counts, Found, FoundSession, Wanted};
pub use index::{Asker, Recall};
pub use recur::{Kept, LaneSkips, PhaseTime, Recurring};
