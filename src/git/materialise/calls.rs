//! What filling a worktree asks of git, one function for each call.
//!
//! Knows arguments and nothing else: what the answers mean is told in `conversion`, and how git is
//! started is the caller's affair.

use std::error::Error;

/// A call of git in the new worktree.
#[derive(Clone, Debug)]
pub struct GitCall<'a> {
    /// The subcommand and its arguments, `-c` settings before it.
    pub args: &'a [&'a str],
    /// What it reads on stdin, up to megabytes: feed it while draining stdout.
    pub input: Vec<u8>,
    /// Variables for this call alone.
    pub vars: &'a [(&'a str, &'a str)],
}

/// What a call of git may fail with.
pub type GitFailure = Box<dyn Error + Send + Sync>;

/// Runs git in the new worktree and answers its stdout; a non-zero exit code is a failure.
pub type RunGit<'a> = dyn Fn(GitCall<'_>) -> Result<Vec<u8>, GitFailure> + 'a;

/// Every setting that applies in the new worktree, as `conversion::Settings` reads it.
pub fn settings(git: &RunGit<'_>) -> Result<Vec<u8>, GitFailure> {
    git(GitCall { args: &["config", "-z", "--list"], input: Vec::new(), vars: &[] })
}

/// The attributes of `paths` (each ended by a zero), as `conversion::converted` reads them.
///
/// `--cached`: what counts are the attribute files of the tree to be written, not those that
/// happen to lie in the folder by now. Without `GIT_FLUSH` git writes each line on its own, which
/// takes five times as long.
pub fn attributes(git: &RunGit<'_>, paths: Vec<u8>) -> Result<Vec<u8>, GitFailure> {
    git(GitCall {
        args: &["check-attr", "-z", "--stdin", "--cached", "--all"],
        input: paths,
        vars: &[("GIT_FLUSH", "0")],
    })
}

/// Writes an index of `tree`, without stat data and in a form that `index` reads.
pub fn write_index_of(git: &RunGit<'_>, tree: &str) -> Result<(), GitFailure> {
    let args = ["-c", "core.splitIndex=false", "-c", "index.sparse=false", "read-tree", tree];
    git(GitCall { args: &args, input: Vec::new(), vars: &[] }).map(drop)
}

/// Writes the files at `paths` (each ended by a zero) as the index names them.
pub fn write_files(git: &RunGit<'_>, paths: Vec<u8>) -> Result<(), GitFailure> {
    let args = ["checkout-index", "--force", "--index", "-z", "--stdin"];
    git(GitCall { args: &args, input: paths, vars: &[] }).map(drop)
}

/// Writes every file that is not there as `tree` wants it, by one worker for each core, and the
/// index.
pub fn write_tree(git: &RunGit<'_>, tree: &str) -> Result<(), GitFailure> {
    let args =
        ["-c", "checkout.workers=0", "read-tree", "--reset", "-u", "--no-recurse-submodules", tree];
    git(GitCall { args: &args, input: Vec::new(), vars: &[] }).map(drop)
}
