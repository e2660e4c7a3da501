//! Which process owns something, told so that another one can find out whether it is still there.
//!
//! A process number alone is given out again. Together with when that process started and which
//! boot of which machine it ran under, it means one process for ever.

use std::path::Path;

use super::tool;

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Name of the machine.
    pub host: String,
    /// Which boot of it; empty where the system does not say.
    pub boot: String,
    /// Number of the process.
    pub pid: u32,
    /// When it started, as the system counts; empty where it does not say.
    pub started: String,
}

/// Whether a process is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It runs on this machine.
    Alive,
    /// It does not run any more.
    Gone,
    /// It is on another machine: nobody here can tell.
    Elsewhere,
}

impl Owner {
    /// This process.
    pub fn me() -> Self {
        let pid = std::process::id();
        Self { host: host(), boot: boot(), pid, started: started(pid).unwrap_or_default() }
    }

    /// Whether it is still there.
    pub fn presence(&self) -> Presence {
        if self.host != host() {
            return Presence::Elsewhere;
        }
        let same = self.boot == boot() && started(self.pid).as_ref() == Some(&self.started);
        if same { Presence::Alive } else { Presence::Gone }
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The boot we run under.
fn boot() -> String {
    let linux = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let known = linux.ok().or_else(|| said("sysctl", &["-n", "kern.bootsessionuuid"]));
    known.map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// When the process started; `None` when there is none of this number, or it is dead and only
/// waits to be collected.
fn started(pid: u32) -> Option<String> {
    if Path::new("/proc/self/stat").exists() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything; what follows it is numbers and the state.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let dead = matches!(fields.first(), Some(&("Z" | "X" | "x")));
        return fields.get(19).filter(|_| !dead).map(|ticks| (*ticks).to_owned());
    }
    said("ps", &["-o", "lstart=", "-p", &pid.to_string()])
}

/// What a small program of the system answers.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = tool::capture(&tool::find(program)?, args, Path::new("/"), &[]).ok()?;
    let answer = output.stdout.trim().to_owned();
    (output.code == 0 && !answer.is_empty()).then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_alive_and_our_predecessors_are_not() {
        let me = Owner::me();
        assert_eq!(me.presence(), Presence::Alive);
        for gone in [
            Owner { started: "1".to_owned(), ..me.clone() },
            Owner { boot: "another".to_owned(), ..me.clone() },
            Owner { pid: u32::MAX - 7, ..me.clone() },
        ] {
            assert_eq!(gone.presence(), Presence::Gone, "{gone:?}");
        }
        let other = Owner { host: "elsewhere".to_owned(), ..me };
        assert_eq!(other.presence(), Presence::Elsewhere);
    }
}
