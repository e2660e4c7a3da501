//! Runs what is printed, in the state it is printed in.
//!
//! Where a remedy leaves a word to the user (`'…'`), or opens an editor, the test fills in what a
//! user would.

use std::path::{Path, PathBuf};

use super::{Ended, SPEC, World};

/// The editor of a person who knows what to write.
fn editor(world: &World) -> String {
    // A configuration is mended as the test says, a message is written.
    let script = "#!/bin/sh\ncase $1 in\n*.toml) exec \"${0%/*}/mend.sh\" \"$1\" ;;\nesac\n\
        echo 'Write it down' >\"$1\"\n";
    world.write_in(&world.root(), "editor.sh", script);
    world.sh(&world.root(), "chmod +x editor.sh").ok();
    world.root().join("editor.sh").display().to_string()
}

/// `command` with the words that a user would put in.
fn filled(command: &str) -> String {
    command
        .replace("--issue ID", "--issue 90")
        .replace("new-issue ID", "new-issue 90")
        .replace("compact ID", "compact 90")
        .replace("--when '…'", "--when 'work.txt'")
        .replace("--lesson '…'", "--lesson 'The work file must end with a line break.'")
        .replace("--evidence '…'", "--evidence README.md")
        .replace("--reason '…'", "--reason 'the change was mechanical and met no surprise'")
}

/// A line of shell as a person at work runs it.
pub fn run(world: &World, folder: &Path, line: &str) -> Ended {
    let server = world.root().join("origin.git");
    let folder = if line.ends_with("# on the server") { &server } else { folder };
    let output = world
        .command(folder, "sh")
        .env("GIT_EDITOR", editor(world))
        .env("TOP", world.root())
        .env("OFF", "core.hooksPath=/dev/null")
        .args(["-c", &filled(line)])
        .output()
        .expect("sh");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What a refusal or an error says after this word, line by line, also when a server says it.
fn said(ended: &Ended, word: &str) -> Vec<String> {
    let bare = |line: &'_ str| line.strip_prefix("remote: ").unwrap_or(line).trim().to_owned();
    let lines = ended.stderr.lines().map(bare);
    lines.filter_map(|line| Some(line.strip_prefix(word)?.to_owned())).collect()
}

/// The remedies of a refusal or an error.
pub fn fixes(ended: &Ended) -> Vec<String> {
    said(ended, "fix: ")
}

/// The command that restores what git had already changed.
pub fn undo(ended: &Ended) -> Option<String> {
    said(ended, "undo: ").into_iter().next()
}

/// The lines of a refusal or an error, without what git puts before, between and after them.
fn lines(ended: &Ended) -> Vec<&str> {
    let words = ["why: ", "fix: ", "undo: "];
    ended
        .stderr
        .lines()
        .map(|line| line.strip_prefix("remote: ").unwrap_or(line).trim_end())
        .skip_while(|line| !line.starts_with("refused:") && !line.starts_with("error:"))
        .filter(|line| {
            let text = line.trim_start();
            line.starts_with("refused:")
                || line.starts_with("error:") && !line.starts_with("error: failed to push")
                || words.iter().any(|word| text.starts_with(word))
        })
        .collect()
}

/// Runs `line`, and whatever is printed as the way to it, until it succeeds. Everything that was
/// run and every refusal, as a user sees it. What git left behind is put back before the next try.
#[track_caller]
pub fn follow(world: &World, folder: &Path, line: &str) -> String {
    follow_with(world, line, |line| run(world, folder, line))
}

/// The same for a reader whose commands `run` runs.
#[track_caller]
pub fn follow_with(world: &World, line: &str, run: impl Fn(&str) -> Ended) -> String {
    let mut told = String::new();
    let mut waiting = vec![line.to_owned()];
    for _ in 0..64 {
        let Some(next) = waiting.last().cloned() else { return told.trim_end().to_owned() };
        let ended = run(&next);
        told.push_str(&format!("$ {}\n", world.plain(&next)));
        if ended.code == 0 {
            waiting.pop();
            // Whoever agrees with a learning has said what there was to say.
            if next.starts_with("git orch learn confirm") {
                waiting.pop();
            }
            if next.starts_with("git orch spec edit") {
                // Without a terminal it names the file, for whoever writes into it.
                std::fs::write(ended.line(), SPEC).expect("the specification");
            }
            continue;
        }
        let said = lines(&ended);
        assert!(!said.is_empty(), "{told}\n{}\n{}", ended.stdout, ended.stderr);
        assert!(said.len() >= 2, "{told}\n{}\n{}", ended.stdout, ended.stderr);
        told.push_str(&format!("{}\n", world.plain(&said.join("\n"))));
        if let Some(undo) = undo(&ended) {
            told.push_str(&format!("$ {}\n", world.plain(&undo)));
            let back = run(&undo);
            assert_eq!(back.code, 0, "{told}\n{}", back.stderr);
        }
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
