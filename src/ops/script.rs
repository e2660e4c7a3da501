//! The scripted agent at work: reads the script and who it is, and plays what is for it.

use std::path::Path;
use std::time::Duration;

use crate::agent::scripted::{Outcome, Player, Script, Watcher, Who};
use crate::context::Surroundings;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::store::StoreError;

/// Longest time one command may take. The agent as a whole has a limit of its own.
const LIMIT: Duration = Duration::from_secs(24 * 3_600);

/// Plays the script in the folder we were started in.
pub fn play(
    around: &Surroundings,
    file: &Path,
    watcher: &mut dyn Watcher,
) -> Result<Outcome, Error> {
    let path = around.folder.join(file);
    let text = std::fs::read_to_string(&path).map_err(|e| StoreError::file(&path, e))?;
    let script = Script::parse(&text).map_err(|e| StoreError::Config {
        place: path.display().to_string(),
        message: e.to_string(),
    })?;
    let called = &around.called;
    let who = Who {
        issue: called.issue.clone().unwrap_or_default(),
        role: called
            .phase
            .as_deref()
            .and_then(|phase| phase.parse::<Phase>().ok())
            .map_or_else(String::new, |phase| phase.role().to_owned()),
        task: called.task.as_deref().and_then(|task| task.parse().ok()),
        attempt: called.attempt.as_deref().and_then(|number| number.parse().ok()).unwrap_or(1),
    };
    let mut player =
        Player { folder: around.folder.clone(), without: &[], with: &[], limit: LIMIT };
    player.play(&script, &who, watcher).map_err(|failure| Error::Red(failure.to_string()))
}
