//! How far an issue is, so that two looks at it can be compared.

use crate::domain::ids::CommitId;
use crate::domain::phase::Phase;
use crate::ops::survey::Whole;

/// How far an issue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    archived: bool,
    phase: Phase,
    closed: usize,
    tasks: usize,
    unmet: usize,
    learnings: usize,
    /// Whether something was said of what was learned.
    said: bool,
    landed: bool,
    tip: Option<CommitId>,
}

impl Progress {
    /// How far it is now.
    pub fn of(whole: &Whole) -> Self {
        let session = &whole.chain.session;
        Self {
            archived: whole.archived,
            phase: whole.phase,
            closed: session.tasks.iter().filter(|task| !task.is_open()).count(),
            tasks: session.tasks.len(),
            unmet: whole.unmet.len(),
            learnings: session.learnings.len(),
            said: session.speaks_of_learning(),
            landed: whole.unmet.iter().all(|one| one.code != "unlanded"),
            tip: whole.tip.clone(),
        }
    }

    /// Whether it is further than `before`: a phase on, or nearer to the end of the one it is in.
    /// A commit counts where commits are what is wanted; splitting the work counts once.
    pub fn is_beyond(&self, before: &Self) -> bool {
        if self.archived != before.archived || self.phase != before.phase {
            return self.archived || self.phase > before.phase;
        }
        self.unmet < before.unmet
            || self.closed > before.closed
            || self.learnings > before.learnings
            || (self.said && !before.said)
            || (self.landed && !before.landed)
            || (before.tasks == 0 && self.tasks > 0)
            || (self.phase == Phase::Execute && self.tip != before.tip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearer_to_the_end_is_further() {
        let tip = |c: &str| Some(c.repeat(40).parse().unwrap());
        let here = Progress {
            archived: false,
            phase: Phase::Execute,
            closed: 1,
            tasks: 3,
            unmet: 2,
            learnings: 0,
            said: false,
            landed: false,
            tip: tip("a"),
        };
        assert!(!here.clone().is_beyond(&here));
        for further in [
            Progress { phase: Phase::Validate, unmet: 9, ..here.clone() },
            Progress { closed: 2, ..here.clone() },
            Progress { unmet: 1, ..here.clone() },
            Progress { said: true, ..here.clone() },
            Progress { landed: true, ..here.clone() },
            Progress { tip: tip("b"), ..here.clone() },
            Progress { archived: true, ..here.clone() },
        ] {
            assert!(further.is_beyond(&here), "{further:?}");
        }
        for not in [
            Progress { phase: Phase::Discussion, closed: 9, ..here.clone() },
            Progress { tasks: 9, unmet: 8, ..here.clone() },
        ] {
            assert!(!not.is_beyond(&here), "{not:?}");
        }
        let red = Progress { phase: Phase::Validate, ..here };
        assert!(!Progress { tip: tip("c"), ..red.clone() }.is_beyond(&red), "still as red");
    }
}
