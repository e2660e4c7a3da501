//! One verb a file: gather what is true, let the domain decide, perform, report.
//!
//! An operation returns a report and never prints or asks; what it has to say on the way goes
//! through [`Narrator`]. Multi-step operations look at the world before each step and do only
//! what is missing, so that running one again finishes it.

pub mod adopt;
pub mod agents;
pub mod archive;
pub mod arrivals;
pub mod audit;
pub mod births;
pub mod carry;
pub mod catalog;
pub mod check;
pub mod checkout;
pub mod ci;
pub mod claims;
pub mod compact;
pub mod confirm;
pub mod demo;
pub mod doctor;
pub mod ending;
pub mod evidence;
pub mod export;
pub mod facts;
pub mod gate;
pub mod ground;
pub mod heal;
pub mod hooks;
pub mod install;
pub mod land;
pub mod lanes;
pub mod learn;
pub mod new_issue;
pub mod next;
mod obstacles;
pub mod patterns;
pub mod place;
pub mod policy;
pub mod pr;
pub mod prime;
pub mod publish;
pub mod recall;
pub mod receipts;
pub mod record;
mod refs;
pub mod remove;
pub mod run;
pub mod salvage;
pub mod script;
pub mod seal;
pub mod server;
pub mod signal;
pub mod signature;
pub mod spec;
pub mod standing;
pub mod survey;
pub mod target;
pub mod task;
pub mod templates;
pub mod tick;
pub mod trust;
pub mod undo;
pub mod validate;
pub mod waive;
pub mod watch;

/// Hears what an operation does while it does it.
pub trait Narrator {
    /// One line about what is happening or was noticed.
    fn say(&mut self, line: &str);

    /// Something that may take minutes begins; [`Narrator::end`] tells how it ended.
    fn begin(&mut self, _what: &str) {}

    /// What began has ended, or need not begin: what, how, and whether that is good.
    fn end(&mut self, what: &str, how: &str, _mark: Mark) {
        self.say(&format!("{what}: {how}"));
    }
}

/// How something ended, for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Well.
    Good,
    /// Not well.
    Bad,
    /// It waits for somebody.
    Open,
}

/// Hears nothing.
#[derive(Debug)]
pub struct Silence;

impl Narrator for Silence {
    fn say(&mut self, _line: &str) {}
}
