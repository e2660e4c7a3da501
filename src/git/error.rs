//! What can go wrong with git.

use std::io;
use std::path::PathBuf;

/// What can go wrong with git.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program is not on PATH.
    #[error("git is not installed, or not on PATH")]
    NoProgram,
    /// The program could not be started.
    #[error("git could not be started: {0}")]
    Start(#[source] io::Error),
    /// It ended with a non-zero exit code.
    #[error("git {command} failed with exit code {code}: {stderr}")]
    Failed {
        /// The subcommand and its arguments.
        command: String,
        /// Exit code; 128 and above for a signal.
        code: i32,
        /// What it said.
        stderr: String,
    },
    /// It ran past its limit and was ended.
    #[error("git {command} was still running after {seconds} s and was ended")]
    TimedOut {
        /// The subcommand and its arguments.
        command: String,
        /// The limit.
        seconds: u64,
    },
    /// libgit2 failed.
    #[error("reading the repository failed: {0}")]
    Lib(#[from] git2::Error),
    /// There is no repository here.
    #[error("this is not a git repository: {0}")]
    NoRepository(PathBuf),
    /// git printed what we cannot read.
    #[error("git printed something unexpected: {0}")]
    Unexpected(String),
    /// The file of a ref says nothing.
    #[error("the file of {0} is broken: it names no commit")]
    Broken(String),
    /// A ref was moved by somebody else in between.
    #[error("{0} was moved by another process")]
    Moved(String),
    /// A file of the repository could not be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
