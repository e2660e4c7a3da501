//! Claims: which process has something to itself, and whether it is still there.

use crate::agent::owner::Owner;
use crate::domain::time::Moment;
use crate::store::runs::Claim;

/// The process that made a claim.
pub fn owner(claim: &Claim) -> Owner {
    Owner {
        host: claim.host.clone(),
        boot: claim.boot.clone(),
        pid: claim.pid,
        started: claim.started.clone(),
    }
}

/// A claim of this process.
pub fn ours(at: Moment) -> Claim {
    let Owner { host, boot, pid, started } = Owner::me();
    Claim { host, boot, pid, started, at: at.to_string() }
}
