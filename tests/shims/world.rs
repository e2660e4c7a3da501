#![expect(clippy::disallowed_methods, reason = "tests run git and write files themselves")]
//! A repository in a private folder, a script in place of the program, and git without any of
//! the user's settings.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use git_orch::git::hooks_dir::{
    self, Change, Hook, HooksDirError, Inspection, Lookup, Scope, Setting, ShimSettings,
};

/// Writes down arguments, what the shim had read, and the rest of the input; refuses while the
/// file `deny` holds its first three words. Uses nothing but what the shell has built in.
const PROGRAM: &str = r#"#!/bin/sh
here=${0%/*}
{
    printf 'call'
    printf ' %s' "$@"
    printf '\n'
    printf %s "${GIT_ORCH_SEEN-}" | while read -r line; do printf 'seen %s\n' "$line"; done
    while read -r line; do printf 'rest %s\n' "$line"; done
} >>"$here/log"
deny=
[ ! -f "$here/deny" ] || read -r deny <"$here/deny"
[ "$1 $2 ${3-}" != "$deny" ]
"#;

pub struct World {
    top: tempfile::TempDir,
    pub git: PathBuf,
}

/// How a call ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl World {
    /// A repository with one commit on `main`.
    pub fn new() -> Self {
        let world = Self::empty();
        fs::create_dir(world.repo()).unwrap();
        world.ok(&["init", "-q", "-b", "main"]);
        world.commit(&world.repo(), "first");
        world
    }

    /// No repository yet.
    pub fn empty() -> Self {
        let git = std::env::var_os("GIT_UNDER_TEST")
            .map_or_else(|| which::which("git").unwrap(), PathBuf::from);
        let world = Self { top: tempfile::tempdir().unwrap(), git };
        fs::create_dir_all(world.bin()).unwrap();
        script(&world.program(), PROGRAM);
        world
    }

    pub fn root(&self) -> PathBuf {
        self.top.path().join("o'ne twö")
    }

    pub fn repo(&self) -> PathBuf {
        self.root().join("repo")
    }

    pub fn hooks(&self) -> PathBuf {
        self.repo().join(".git/hooks")
    }

    fn bin(&self) -> PathBuf {
        self.root().join("b'in $HOME")
    }

    pub fn program(&self) -> PathBuf {
        self.bin().join("git-orch")
    }

    /// Runs git in the repository.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.run_in(&self.repo(), args)
    }

    pub fn run_in(&self, folder: &Path, args: &[&str]) -> Outcome {
        self.run_with(folder, args, &[])
    }

    pub fn run_with(&self, folder: &Path, args: &[&str], vars: &[(&str, &str)]) -> Outcome {
        let mut command = self.command(&self.git);
        command.current_dir(folder).args(args).envs(vars.iter().copied());
        finish(&mut command, "")
    }

    pub fn ok(&self, args: &[&str]) -> String {
        self.ok_in(&self.repo(), args)
    }

    pub fn ok_in(&self, folder: &Path, args: &[&str]) -> String {
        let outcome = self.run_in(folder, args);
        assert_eq!(outcome.code, 0, "git {args:?}: {}", outcome.err);
        outcome.out.trim_end().to_owned()
    }

    /// A program with an environment of its own.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.root())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "a").env(format!("GIT_{role}_EMAIL"), "a@b");
        }
        command
    }

    /// A commit that adds the file `name`.
    pub fn commit(&self, folder: &Path, name: &str) {
        fs::write(folder.join(name), name).unwrap();
        self.ok_in(folder, &["add", name]);
        self.ok_in(folder, &["commit", "-q", "-m", name]);
    }

    /// The calls of the program since the last time, each with the lines it got.
    pub fn calls(&self) -> Vec<String> {
        let log = self.bin().join("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        let mut calls: Vec<String> = Vec::new();
        for line in text.lines() {
            match line.strip_prefix("call ") {
                Some(call) => calls.push(call.to_owned()),
                None => calls.last_mut().unwrap().extend(["\n", line]),
            }
        }
        calls
    }

    /// The same without the lines: `hook pre-push origin …`.
    pub fn called(&self) -> Vec<String> {
        let first = |call: String| call.lines().next().unwrap().to_owned();
        self.calls().into_iter().map(first).collect()
    }

    /// From now on the program refuses calls that begin so.
    pub fn deny(&self, words: &str) {
        fs::write(self.bin().join("deny"), format!("{words}\n")).unwrap();
    }

    /// The program disappears.
    pub fn lose_program(&self) {
        fs::remove_file(self.program()).unwrap();
    }

    pub fn settings(&self) -> ShimSettings {
        ShimSettings {
            program: self.program(),
            issue_prefix: "issue/".to_owned(),
            protected: vec!["main".to_owned(), "release/*".to_owned()],
            ignore_case: false,
            hooks: Hook::ALL.to_vec(),
        }
    }

    pub fn lookup(&self) -> Lookup {
        self.lookup_at(&self.repo().join(".git"), Some(self.repo()))
    }

    /// What git says of `core.hooksPath` in the repository `common_dir`.
    pub fn lookup_at(&self, common_dir: &Path, top: Option<PathBuf>) -> Lookup {
        let folder = top.clone().unwrap_or_else(|| common_dir.to_owned());
        let read = |kind: &[&str]| {
            let mut command = self.command(&self.git);
            command.current_dir(&folder).args(["config", "--show-scope", "-z"]).args(kind);
            let out = command.args(["--get-all", "core.hooksPath"]).output().unwrap().stdout;
            let words = out.split(|byte| *byte == 0).map(|w| OsString::from_vec(w.to_vec()));
            words.collect::<Vec<_>>()
        };
        let (values, paths) = (read(&[]), read(&["--type=path"]));
        let settings = values.chunks_exact(2).zip(paths.chunks_exact(2)).map(|(raw, path)| {
            let scope = Scope::named(raw[0].to_str().unwrap()).unwrap();
            Setting { scope, raw: raw[1].clone(), path: PathBuf::from(&path[1]) }
        });
        let settings = settings.collect();
        Lookup { common_dir: common_dir.to_owned(), top, settings }
    }

    /// Sets `core.hooksPath` as git-orch does: in the repository's own config.
    fn set(&self, value: Option<&OsStr>) {
        let mut command = self.command(&self.git);
        command.current_dir(self.repo()).args(["config", "--local"]);
        match value {
            Some(value) => command.arg("core.hooksPath").arg(value),
            None => command.args(["--unset-all", "core.hooksPath"]),
        };
        assert_eq!(finish(&mut command, "").code, 0);
    }

    pub fn install(&self) -> Vec<Change> {
        self.try_install(&self.settings()).unwrap()
    }

    pub fn try_install(&self, settings: &ShimSettings) -> Result<Vec<Change>, HooksDirError> {
        let mut set = |value: Option<&OsStr>| {
            self.set(value);
            Ok(())
        };
        hooks_dir::install(&self.lookup(), settings, &mut set)
    }

    pub fn uninstall(&self) -> Vec<Change> {
        let mut set = |value: Option<&OsStr>| {
            self.set(value);
            Ok(())
        };
        hooks_dir::uninstall(&self.lookup(), &mut set).unwrap()
    }

    pub fn inspect(&self) -> Inspection {
        hooks_dir::inspect(&self.lookup(), &self.settings()).unwrap()
    }
}

/// Writes an executable file.
pub fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a command with `input` and waits for it.
pub fn finish(command: &mut Command, input: &str) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = loop {
        match command.spawn() {
            // Another thread's child was being started while we had the script open to write it.
            Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            child => break child.unwrap(),
        }
    };
    // A hook that leaves early does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Every file below `folder`: name, mode, content or link target, in order.
pub fn tree(folder: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let content = if meta.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_vec()
            } else if meta.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            all.push((path, meta.permissions().mode(), content));
        }
    }
    all.sort();
    all
}
