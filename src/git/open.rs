//! Finds and opens the repository around a folder.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{Repository, RepositoryOpenFlags};

use super::exec::{Git, GitError};
use super::objects::command::{CommandObjects, move_refs};
use super::objects::lib::LibObjects;
use super::objects::{Objects, RefChange, RefFiles};
use crate::domain::ids::CommitId;

/// Where our own files lie within the common directory.
pub const OWN_FOLDER: &str = "git-orch";
/// The config file that makes libgit2 sync what it writes.
pub const DURABLE_CONFIG: &str = "durable.config";

/// A repository, seen from one of its worktrees or from none.
#[derive(Debug)]
pub struct Repo {
    /// The program.
    pub git: Git,
    /// The directory that all worktrees share: `.git` of the main one.
    pub common_dir: PathBuf,
    /// The directory of this worktree alone; the common one in the main worktree.
    pub git_dir: PathBuf,
    /// Top of the worktree we are in; `None` in a bare repository or inside `.git`.
    pub worktree: Option<PathBuf>,
    /// Top of the main worktree; `None` for a bare repository.
    pub main_worktree: Option<PathBuf>,
    /// Commits and refs.
    pub objects: Box<dyn Objects>,
    /// Whether libgit2 serves it.
    pub by_lib: bool,
}

impl Repo {
    /// Opens the repository around `folder`, or the one that `git_dir` names.
    pub fn open(git: Git, folder: &Path, git_dir: Option<&Path>) -> Result<Self, GitError> {
        match Self::by_lib(&git, folder, git_dir) {
            Some(repo) => Ok(repo),
            None => Self::by_command(git, folder, git_dir),
        }
    }

    fn by_lib(git: &Git, folder: &Path, git_dir: Option<&Path>) -> Option<Self> {
        let repository = match git_dir {
            Some(dir) => Repository::open(folder.join(dir)),
            None => Repository::open_ext(folder, RepositoryOpenFlags::empty(), &[] as &[&Path]),
        }
        .ok()?;
        if let Some(quarantine) = git.quarantine() {
            let folder = quarantine.objects.to_str()?;
            repository.odb().and_then(|odb| odb.add_disk_alternate(folder)).ok()?;
        }
        let common_dir = real(repository.commondir());
        let git_dir = real(repository.path());
        let inside_git_dir = real(folder).starts_with(&git_dir);
        let worktree = repository.workdir().filter(|_| !inside_git_dir).map(real);
        // libgit2 looks for the ends of a shallow history beside a worktree's own files, where they
        // are not, and takes each for damage.
        if repository.is_worktree() && common_dir.join("shallow").exists() {
            return None;
        }
        let main_worktree = if repository.is_worktree() {
            Repository::open(&common_dir).ok()?.workdir().map(real)
        } else {
            repository.workdir().map(real)
        };
        let objects =
            LibObjects::new(repository, &common_dir.join(OWN_FOLDER).join(DURABLE_CONFIG)).ok()?;
        Some(Self {
            git: git.clone(),
            common_dir,
            git_dir,
            worktree,
            main_worktree,
            objects: Box::new(objects),
            by_lib: true,
        })
    }

    fn by_command(git: Git, folder: &Path, git_dir: Option<&Path>) -> Result<Self, GitError> {
        let ask = |args: &[&str]| {
            let mut call = git.at(folder);
            if let Some(dir) = git_dir {
                call = call.arg("--git-dir").arg(dir);
            }
            call.args(["rev-parse", "--path-format=absolute"]).args(args).run()
        };
        let dirs = ask(&["--git-common-dir", "--git-dir"])?;
        let mut lines = lines(&dirs.stdout);
        let (Some(common), Some(own), 0) = (lines.next(), lines.next(), dirs.code) else {
            return Err(GitError::NoRepository(folder.to_owned()));
        };
        let (common_dir, own) = (real(common), real(own));
        let top = ask(&["--show-toplevel"])?;
        let worktree = self::lines(&top.stdout).next().filter(|_| top.code == 0).map(real);
        let main = git
            .in_repository(&common_dir, None)
            .args(["worktree", "list", "--porcelain"])
            .done()?;
        // The main one comes first, up to an empty line.
        let first = || main.stdout.split(|&b| b == b'\n').take_while(|line| !line.is_empty());
        let path = first().find_map(|line| line.strip_prefix(b"worktree "));
        let main_worktree = path
            .filter(|_| !first().any(|line| line == b"bare"))
            .map(|path| real(Path::new(OsStr::from_bytes(path))));
        let objects = CommandObjects::new(git.clone(), common_dir.clone());
        Ok(Self {
            git,
            git_dir: own,
            worktree,
            main_worktree,
            objects: Box::new(objects),
            by_lib: false,
            common_dir,
        })
    }

    /// Where our own files lie.
    pub fn own_folder(&self) -> PathBuf {
        self.common_dir.join(OWN_FOLDER)
    }

    /// The folder that names the repository: the main worktree, or a bare repository itself.
    pub fn home(&self) -> &Path {
        self.main_worktree.as_deref().unwrap_or(&self.common_dir)
    }

    /// The name of the repository: that of its folder, without `.git`.
    pub fn name(&self) -> String {
        let name = self.home().file_name().unwrap_or_default().to_string_lossy();
        name.strip_suffix(".git").unwrap_or(&name).to_owned()
    }

    /// Moves several refs in one transaction, durably: all of them, or none. `git` is the
    /// program, with the locks that its child is to keep.
    pub fn move_refs(&self, git: &Git, changes: &[RefChange]) -> Result<(), GitError> {
        move_refs(git, &self.common_dir, changes)
    }

    /// The refs below `prefix`, which ends in `/`, whose files say nothing: each stops `git gc` and
    /// `git fsck`, and git moves or deletes none of them.
    pub fn broken_refs(&self, prefix: &str) -> Vec<String> {
        RefFiles::new(&self.common_dir).broken(prefix)
    }

    /// Whether the file of the ref `name` says nothing.
    pub fn is_broken(&self, name: &str) -> bool {
        RefFiles::new(&self.common_dir).is_broken(name)
    }

    /// The commit of a branch; `None` when there is no such branch.
    pub fn branch_tip(&self, branch: &str) -> Result<Option<CommitId>, GitError> {
        self.objects.read_ref(&format!("refs/heads/{branch}"))
    }
}

/// The paths that git printed, a line each, in whatever encoding.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &Path> {
    let lines = bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Path::new(OsStr::from_bytes(line)))
}

/// The path without links and `..`, or as it is when it cannot be resolved.
pub fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
