//! What the steps of a lane's work share.

use crate::agent::stop::Stop;
use crate::context::Context;
use crate::domain::agents::AgentCommand;
use crate::domain::policy::Policy;
use crate::ops::catalog::Place;

/// What a lane works with.
pub struct Job<'a> {
    /// The repository.
    pub ctx: &'a Context,
    /// The catalog.
    pub place: &'a Place,
    /// Whether it is tracked, so that the end of an issue lands with its work.
    pub tracked: bool,
    /// The policy in force.
    pub policy: &'a Policy,
    /// The agent, in place of the configured ones.
    pub agent: Option<AgentCommand>,
    /// Bytes that agents printed are added here.
    pub printed: std::rc::Rc<std::cell::Cell<u64>>,
    /// Hears that we are to end.
    pub stop: &'a Stop,
}
