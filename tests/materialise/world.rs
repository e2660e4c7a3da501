//! A repository in a temporary folder, and the comparison of a filled worktree with git's own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use git_orch::git::materialise::{GitCall, GitFailure, Job, MaterialiseError, Report, materialise};

/// A repository with its main worktree in `main`, and room for others beside it.
pub struct World {
    temp: tempfile::TempDir,
}

/// What a path of a worktree is: mode of a file or link, and its bytes.
type Tree = BTreeMap<Vec<u8>, (&'static str, Vec<u8>)>;

impl World {
    /// An empty repository.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// An empty repository made by `git init` with these options.
    pub fn with(options: &[&str]) -> Self {
        let world = Self { temp: tempfile::tempdir().unwrap() };
        fs::create_dir(world.temp.path().join("home")).unwrap();
        let mut args = vec!["init", "--quiet", "--initial-branch=main"];
        args.extend(options);
        args.push("main");
        world.git_in(world.temp.path(), &args);
        world.git(&["config", "user.name", "A"]);
        world.git(&["config", "user.email", "a@example.com"]);
        world
    }

    /// The main worktree.
    pub fn main(&self) -> PathBuf {
        self.beside("main")
    }

    /// A folder beside the main worktree.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    /// Writes a file of the main worktree, and the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.main().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Makes a symbolic link in the main worktree.
    pub fn link(&self, path: &str, to: &str) {
        symlink(to, self.main().join(path)).unwrap();
    }

    /// Makes a file of the main worktree executable.
    pub fn make_executable(&self, path: &str) {
        fs::set_permissions(self.main().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Commits everything in the main worktree.
    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") || name == "XDG_CONFIG_HOME" {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.beside("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .arg("-C")
            .arg(folder)
            .args(["-c", "protocol.file.allow=always"]);
        command
    }

    /// Runs git in `folder`; stdout.
    pub fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        let output = self.command(folder).args(args).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {complaint}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs git in the main worktree; stdout.
    pub fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.main(), args)
    }

    /// Registers a worktree for `commit` without files.
    pub fn register(&self, name: &str, commit: &str) -> PathBuf {
        let path = self.beside(name);
        let shown = path.to_string_lossy().into_owned();
        self.git(&["worktree", "add", "--quiet", "--detach", "--no-checkout", &shown, commit]);
        path
    }

    /// The git directory of a worktree.
    pub fn git_dir(&self, worktree: &Path) -> PathBuf {
        PathBuf::from(self.git_in(worktree, &["rev-parse", "--absolute-git-dir"]).trim_end())
    }

    /// Fills the registered worktree `target` from `source`.
    pub fn fill(&self, source: &Path, target: &Path) -> Result<Report, MaterialiseError> {
        let tree = self.git_in(target, &["rev-parse", "HEAD^{tree}"]);
        let job = Job {
            source_worktree: source,
            source_git_dir: &self.git_dir(source),
            target_worktree: target,
            target_git_dir: &self.git_dir(target),
            tree: &tree.trim_end().parse().unwrap(),
            settings: None,
            attributes_outside: true,
            threads: 2,
        };
        materialise(&job, &|call| self.answer(target, call))
    }

    fn answer(&self, target: &Path, call: GitCall<'_>) -> Result<Vec<u8>, GitFailure> {
        let GitCall { args, input, vars } = call;
        let mut child = self
            .command(target)
            .args(args)
            .envs(vars.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().unwrap();
        let feeding = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output()?;
        feeding.join().unwrap().ok();
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
        }
    }

    /// Fills a new worktree of `commit` from the main one and compares it with git's own.
    pub fn check(&self, commit: &str) -> Report {
        let target = self.register("target", commit);
        let report = self.fill(&self.main(), &target).unwrap();
        self.compare(&target, commit);
        report
    }

    /// Asserts that `target` is what `git worktree add` makes of `commit`, and known to be clean.
    pub fn compare(&self, target: &Path, commit: &str) {
        // Before `status`, which would refresh the index.
        self.assert_fresh(target);
        self.git_in(target, &["diff-files", "--quiet"]);
        assert_eq!(self.git_in(target, &["status", "--porcelain", "--ignored"]), "");
        let tree = format!("{commit}^{{tree}}");
        assert_eq!(self.git_in(target, &["write-tree"]), self.git(&["rev-parse", &tree]));
        self.git_in(target, &["fsck", "--no-dangling", "--no-progress"]);

        let reference = self.beside("reference");
        let shown = reference.to_string_lossy().into_owned();
        self.git(&["worktree", "add", "--quiet", "--detach", &shown, commit]);
        let flags = |worktree: &Path| self.git_in(worktree, &["ls-files", "-t", "-v", "-s"]);
        assert_eq!(flags(target), flags(&reference));
        let (ours, gits) = (read_tree(target), read_tree(&reference));
        assert_eq!(ours.keys().collect::<Vec<_>>(), gits.keys().collect::<Vec<_>>());
        for (path, expected) in &gits {
            assert!(ours[path] == *expected, "{} differs", String::from_utf8_lossy(path));
        }
    }

    /// Asserts that the index holds the stat data of every file as it is now, so that git need not
    /// read the files to know that they are clean.
    fn assert_fresh(&self, target: &Path) {
        let listing = self.command(target).args(["ls-files", "-z", "--debug"]).output().unwrap();
        let mut rest = listing.stdout.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == 0) {
            let path = OsString::from_vec(rest[..end].to_vec());
            let facts = &rest[end + 1..];
            let length = facts.windows(6).position(|w| w == b"flags:").unwrap();
            let line = length + facts[length..].iter().position(|b| *b == b'\n').unwrap() + 1;
            let shown = String::from_utf8(facts[..line].to_vec()).unwrap();
            rest = &facts[line..];
            let Ok(file) = fs::symlink_metadata(target.join(&path)) else { continue };
            let times = format!(
                "ctime: {}:{}\n  mtime: {}:{}\n",
                file.ctime(),
                file.ctime_nsec(),
                file.mtime(),
                file.mtime_nsec()
            );
            let numbers =
                format!("ino: {}\n  uid: {}\tgid: {}\n", file.ino(), file.uid(), file.gid());
            assert!(shown.contains(&times), "{}: {times} is not in {shown}", path.display());
            assert!(shown.contains(&numbers), "{}: {numbers} is not in {shown}", path.display());
            let size = format!("size: {}\t", file.len());
            assert!(shown.contains(&size), "{}: {shown}", path.display());
        }
    }
}

/// Everything below a worktree except its `.git`.
fn read_tree(top: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_owned();
            if name == Path::new(".git") {
                continue;
            }
            let kind = fs::symlink_metadata(&path).unwrap();
            let what = if kind.is_symlink() {
                ("link", fs::read_link(&path).unwrap().into_os_string().into_vec())
            } else if kind.is_dir() {
                folders.push(path);
                ("folder", Vec::new())
            } else if kind.mode() & 0o111 == 0 {
                ("file", fs::read(&path).unwrap())
            } else {
                ("program", fs::read(&path).unwrap())
            };
            tree.insert(name.into_os_string().into_vec(), what);
        }
    }
    tree
}

/// The report of a worktree of which `copied` paths were copied and `written` written by git.
pub fn copied(copied: usize, written: usize) -> Report {
    Report::Copied { copied, written }
}

/// Whether git wrote everything.
pub fn by_git_alone(report: Report) -> bool {
    matches!(report, Report::Written { .. })
}
