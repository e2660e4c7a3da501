//! Runs what is printed, in the state it is printed in.
//!
//! Where a remedy leaves a word to the user (`'…'`), or opens an editor, the test fills in what a
//! user would.

use std::path::{Path, PathBuf};

use crate::harness::{Ended, SPEC, World};

/// The editor of a person who knows what to write.
fn editor(world: &World) -> String {
    world.write_in(&world.root(), "editor.sh", "#!/bin/sh\necho 'Write it down' >\"$1\"\n");
    world.sh(&world.root(), "chmod +x editor.sh").ok();
    world.root().join("editor.sh").display().to_string()
}

/// `command` with the words that a user would put in.
fn filled(command: &str) -> String {
    command
        .replace("--when '…'", "--when 'work.txt'")
        .replace("--lesson '…'", "--lesson 'The work file must end with a line break.'")
        .replace("--evidence '…'", "--evidence README.md")
        .replace("--reason '…'", "--reason 'the change was mechanical and met no surprise'")
}

/// A line of shell as a person at work runs it.
pub fn run(world: &World, folder: &Path, line: &str) -> Ended {
    let output = world
        .command(folder, "sh")
        .env("GIT_EDITOR", editor(world))
        .args(["-c", &filled(line)])
        .output()
        .expect("sh");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The remedies of a refusal or an error.
pub fn fixes(ended: &Ended) -> Vec<String> {
    let line = |line: &str| Some(line.trim_start().strip_prefix("fix: ")?.to_owned());
    ended.stderr.lines().filter_map(line).collect()
}

/// Runs `line`, and whatever is printed as the way to it, until it succeeds. Everything that was
/// run and every refusal, as a user sees it.
#[track_caller]
pub fn follow(world: &World, folder: &Path, line: &str) -> String {
    let mut told = String::new();
    let mut waiting = vec![line.to_owned()];
    for _ in 0..24 {
        let Some(next) = waiting.last().cloned() else { return told.trim_end().to_owned() };
        let ended = run(world, folder, &next);
        told.push_str(&format!("$ {}\n", world.plain(&next)));
        if ended.code == 0 {
            waiting.pop();
            if next.starts_with("git orch spec edit") {
                // Without a terminal it names the file, for whoever writes into it.
                std::fs::write(ended.line(), SPEC).expect("the specification");
            }
            continue;
        }
        // 128: what git makes of a hook that refused.
        assert!([1, 5, 128].contains(&ended.code), "{told}\n{}\n{}", ended.stdout, ended.stderr);
        let refusal: Vec<&str> = ended
            .stderr
            .lines()
            .skip_while(|line| !line.starts_with("refused:"))
            .take_while(|line| line.starts_with("refused:") || line.starts_with("   "))
            .collect();
        assert!(refusal.len() >= 3, "{told}\n{}\n{}", ended.stdout, ended.stderr);
        told.push_str(&format!("{}\n", world.plain(&refusal.join("\n"))));
        let fix = fixes(&ended).into_iter().next().expect("a remedy");
        assert_ne!(fix, next, "a remedy that is the refused command itself\n{told}");
        waiting.push(fix);
    }
    panic!("the remedies lead nowhere:\n{told}");
}

/// Issue 81, opened and not yet specified; its worktree.
pub fn opened(world: &World) -> PathBuf {
    world.orch(&["new-issue", "81", "--yes"]).ok();
    world.worktree("81")
}
