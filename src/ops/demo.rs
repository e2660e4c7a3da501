//! `demo`: the whole walk, played by the scripted agent in a repository made for it.
//!
//! The real program and real git run as child processes, in a home of their own: nothing of the
//! user's configuration has a say, and nothing of the user's is touched. Every step says how it
//! must end and what must be true afterwards; the first that does not ends the play.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::agent::scripted::{Player, Script, Watcher, Who};
use crate::assets;
use crate::context::Surroundings;
use crate::error::Error;
use crate::git::Git;
use crate::store::StoreError;
use crate::store::atomic::Folder;

/// Longest time a command of the play may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Variables of the user's that the play keeps: where programs, their libraries and temporary
/// files are. Everything else could change what git or git-orch do.
const KEPT: [&str; 6] =
    ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH"];

/// Where git finds the identity and the few settings that the play is told with.
const GIT_CONFIG: &str = "[user]\n\tname = Demo\n\temail = demo@example.invalid\n\
    [init]\n\tdefaultBranch = main\n[commit]\n\tgpgSign = false\n";

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Play here, in a new or empty folder, and keep it.
    pub dir: Option<PathBuf>,
    /// Keep the temporary folder.
    pub keep: bool,
    /// Let commands colour what they print.
    pub colour: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The folder, when it was kept.
    pub kept: Option<PathBuf>,
    /// How many commands ran.
    pub commands: usize,
    /// Why the play ended early, when it did; the folder is kept then.
    pub failed: Option<String>,
}

/// Plays the walk.
pub fn run(
    around: &Surroundings,
    options: &Options,
    watcher: &mut dyn Watcher,
) -> Result<Report, Error> {
    Git::find()?;
    let script = Script::parse(assets::DEMO)
        .map_err(|e| Error::surroundings(format!("the script of the demo: {e}"), "git orch -h"))?;
    let place = Place::choose(options, &around.folder)?;
    let root = place.path().to_owned();
    let with = surroundings(around, &root, options.colour)?;
    let names = Surroundings::names();
    let without: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| !KEPT.contains(name)).collect();
    let mut counted = Counted { watcher, commands: 0 };
    let mut player = Player { folder: root.clone(), without: &without, with: &with, limit: LIMIT };
    let ended = player.play(&script, &Who::default(), &mut counted);
    let failed = ended.err().map(|failure| failure.to_string());
    let keep = options.keep || failed.is_some();
    Ok(Report { kept: place.leave(keep), commands: counted.commands, failed })
}

/// The folder that is played in.
enum Place {
    /// Ours, gone afterwards.
    Temporary(tempfile::TempDir),
    /// The user's.
    Given(PathBuf),
}

impl Place {
    fn choose(options: &Options, here: &Path) -> Result<Self, Error> {
        let wrong = |path: &Path, e: &dyn std::fmt::Display| {
            Error::surroundings(
                format!("{}: {e}", path.display()),
                "git orch demo --dir a-new-folder",
            )
        };
        let Some(dir) = &options.dir else {
            let made = tempfile::Builder::new().prefix("git-orch-demo-").tempdir();
            return made.map(Self::Temporary).map_err(|e| wrong(&std::env::temp_dir(), &e));
        };
        let dir = here.join(dir);
        let folder = Folder::create(&dir, "")?;
        if !folder.names()?.is_empty() {
            return Err(Error::usage(
                format!("{} is not empty; the demo plays in a folder of its own", dir.display()),
                "git orch demo --dir a-new-folder",
            ));
        }
        Ok(Self::Given(dir.canonicalize().map_err(|e| wrong(&dir, &e))?))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(made) => made.path(),
            Self::Given(dir) => dir,
        }
    }

    /// Leaves the folder behind, or not; returns where it is when it is.
    fn leave(self, keep: bool) -> Option<PathBuf> {
        match self {
            Self::Temporary(made) if keep => Some(made.keep()),
            // A temporary folder that cannot be removed is cleaned up by the system.
            Self::Temporary(_) => None,
            Self::Given(dir) => Some(dir),
        }
    }
}

/// Lays out what the commands find around them, and returns the variables that lead them there.
fn surroundings(
    around: &Surroundings,
    root: &Path,
    colour: bool,
) -> Result<Vec<(&'static str, OsString)>, Error> {
    let home = root.join("home");
    let bin = root.join("bin");
    Folder::create(root, "home")?.write(".gitconfig", GIT_CONFIG.as_bytes())?;
    Folder::create(root, "bin")?;
    let program = around.program.as_ref().ok_or_else(|| {
        Error::surroundings("the system does not say where git-orch is", "git orch --version")
    })?;
    // Under the name by which git looks for it, whatever the file is called.
    std::os::unix::fs::symlink(program, bin.join("git-orch"))
        .map_err(|e| StoreError::file(&bin, e))?;
    let mut path = OsString::from(&bin);
    if let Some(rest) = &around.search_path {
        path.push(OsStr::new(":"));
        path.push(rest);
    }
    let mut with: Vec<(&'static str, OsString)> = vec![
        ("PATH", path),
        ("HOME", home.clone().into()),
        ("XDG_CONFIG_HOME", home.join("config").into()),
        ("XDG_STATE_HOME", home.join("state").into()),
        ("GIT_CONFIG_GLOBAL", home.join(".gitconfig").into()),
        ("GIT_CONFIG_NOSYSTEM", "1".into()),
        ("GIT_CEILING_DIRECTORIES", root.into()),
        ("GIT_TERMINAL_PROMPT", "0".into()),
        ("GIT_PAGER", "cat".into()),
        ("LC_ALL", "C".into()),
    ];
    if colour {
        with.push(("CLICOLOR_FORCE", "1".into()));
    }
    Ok(with)
}

/// Counts the commands on their way to whoever watches.
struct Counted<'a> {
    watcher: &'a mut dyn Watcher,
    commands: usize,
}

impl Watcher for Counted<'_> {
    fn heading(&mut self, text: &str) {
        self.watcher.heading(text);
    }

    fn say(&mut self, text: &str) {
        self.watcher.say(text);
    }

    fn wrote(&mut self, path: &str, text: &str) {
        self.watcher.wrote(path, text);
    }

    fn command(&mut self, line: &str) {
        self.commands += 1;
        self.watcher.command(line);
    }

    fn printed(&mut self, line: &str) {
        self.watcher.printed(line);
    }

    fn ended(&mut self, code: i32) {
        self.watcher.ended(code);
    }
}
