#![expect(
    clippy::disallowed_methods,
    reason = "one of the two places that start programs other than git"
)]
//! Other people's tools: `gh` and `glab`, `ssh-keygen`, the user's editor.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// How a tool ended.
#[derive(Clone, Debug)]
pub struct ToolOutput {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr, trimmed.
    pub stderr: String,
}

/// Whether `name` is on PATH, and where.
pub fn find(name: &str) -> Option<std::path::PathBuf> {
    which::which(name).ok()
}

/// Runs `program` without a terminal and keeps what it says.
pub fn capture(
    program: &Path,
    args: &[&str],
    folder: &Path,
    without: &[&str],
) -> io::Result<ToolOutput> {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for name in without {
        command.env_remove(name);
    }
    let output = command.output()?;
    Ok(ToolOutput {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// Runs `program` with `input` on its stdin and keeps what it says.
pub fn feed(program: &Path, args: &[&OsStr], input: &[u8]) -> io::Result<ToolOutput> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // One that stops reading early says so by its exit code.
        let _ = pipe.write_all(input);
    }
    let output = child.wait_with_output()?;
    Ok(ToolOutput {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// Opens `file` in the user's editor and waits. The editor's command may hold arguments, so a
/// shell reads it, as git does; the file is passed beside it, never pasted in.
pub fn edit(editor: &str, file: &Path) -> io::Result<bool> {
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(editor)
        .arg(file)
        .status()?;
    Ok(status.success())
}
