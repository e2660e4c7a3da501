//! What a person sees of a bug of ours: words, the place, and exit code 70.

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use crate::error::exit;
use crate::ui::Out;

/// Runs `work`; when it breaks down, says so in words. Every command can be killed at any instant
/// and run again, so that is also what one does after a bug.
pub fn guarded(work: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::set_hook(Box::new(|broken| {
        let payload = broken.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let what = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let what = what.unwrap_or("it broke down");
        let place = broken.location().map_or_else(String::new, |at| format!(" ({at})"));
        Out::new(false).alert(&format!(
            "error: a bug of git-orch: {what}{place}\n  fix: run the same command again; \
             nothing is lost, and git orch doctor tells what is open"
        ));
    }));
    // Nothing of what broke is looked at again.
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(ExitCode::from(exit::BUG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_ends_with_its_own_code() {
        let code = |code: ExitCode| format!("{code:?}");
        assert_eq!(code(guarded(|| ExitCode::from(5))), code(ExitCode::from(5)));
        assert_eq!(code(guarded(|| panic!("on purpose"))), code(ExitCode::from(exit::BUG)));
        // What other tests panic with is theirs to print.
        let _ = panic::take_hook();
    }
}
