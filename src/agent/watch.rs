//! Watches a folder: the system says when a file there was written, moved into place or removed.
//!
//! Where it cannot say (network file systems, a limit of watches), whoever waits looks by itself
//! from time to time; a lost event costs that time and nothing else.

use std::path::Path;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// A folder that is watched for as long as this lives.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// Begins to watch. `changed` is called on another thread with the name of each file that changed,
/// or with nothing when events were lost. Why it cannot be watched is the error, in words.
pub fn folder(
    path: &Path,
    changed: impl Fn(Option<String>) + Send + 'static,
) -> Result<Watch, String> {
    let heard = move |event: notify::Result<Event>| match event {
        Ok(event) if event.need_rescan() => changed(None),
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
        Ok(event) => {
            for path in &event.paths {
                changed(path.file_name().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        Err(_) => changed(None),
    };
    let mut watcher = notify::recommended_watcher(heard).map_err(|e| e.to_string())?;
    watcher.watch(path, RecursiveMode::NonRecursive).map_err(|e| e.to_string())?;
    Ok(Watch { _watcher: watcher })
}
