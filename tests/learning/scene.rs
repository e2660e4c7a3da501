//! What the tests of learnings share: giving one, and running a command with words on stdin.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::harness::{Ended, World, binary};

/// The commands that a refusal names.
pub fn fixes(ended: &Ended) -> Vec<String> {
    let lines = ended.stderr.lines().chain(ended.stdout.lines());
    lines.filter_map(|line| line.trim().strip_prefix("fix: ")).map(str::to_owned).collect()
}

/// Runs git-orch in `folder` with `input` on its standard input.
pub fn with_input(world: &World, folder: &Path, args: &[&str], input: &str) -> Ended {
    let mut command = world.command(folder, &binary());
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("git-orch");
    child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("stdin");
    let output = child.wait_with_output().expect("git-orch");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The `data` of a JSON answer.
pub fn data(ended: &Ended) -> serde_json::Value {
    let mut answer: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(answer["schema"], 1);
    answer["data"].take()
}
