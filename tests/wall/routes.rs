//! What one who pushes reads, over each way to a server, and what CI reads.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Ended, World};
use crate::scene::{configure, origin, refusal, unfinished};

pub const REFUSAL: &str = "refused: bringing issue 81 onto main
    why: commit [SHORT] is of issue 81, whose receipt is not here
    fix: git orch compact 81 --push";

/// A repository whose server has the wall, with unfinished work.
pub fn walled() -> (World, PathBuf) {
    let world = World::ready();
    let bare = origin(&world);
    world.orch(&["init", "--server", bare.to_str().expect("text")]).ok();
    unfinished(&world, "81");
    (world, bare)
}

fn push_to(world: &World, address: &str, refs: &str) -> Ended {
    let off = ["-c", "core.hooksPath=/dev/null", "push", "-q", address, refs];
    world.git(&off)
}

#[test]
fn over_a_path() {
    let (world, bare) = walled();
    let ended = push_to(&world, bare.to_str().expect("text"), "issue/81:main").code(1);
    assert_eq!(refusal(&world, &ended), REFUSAL);
    let ended = push_to(&world, &format!("file://{}", bare.display()), "issue/81:main").code(1);
    assert_eq!(refusal(&world, &ended), REFUSAL);
}

/// git starts what `GIT_SSH_COMMAND` names, which runs here what sshd would run there: the other end
/// is `git receive-pack` with the two pipes that ssh would be.
#[test]
fn over_ssh() {
    let (world, bare) = walled();
    world.write_in(
        &world.root(),
        "ssh",
        "#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\nexec sh -c \"$1\"\n",
    );
    world.sh(&world.root(), "chmod +x ssh").ok();
    let push = |refs: &str| {
        let output = world
            .command(&world.repo, "git")
            .env("GIT_SSH_COMMAND", world.root().join("ssh"))
            .env("GIT_SSH_VARIANT", "simple")
            .args(["-c", "core.hooksPath=/dev/null", "push", "-q"])
            .args([&format!("ssh://server{}", bare.display()), refs])
            .output()
            .expect("git");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::new(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    };
    assert_eq!(refusal(&world, &push("issue/81:main").code(1)), REFUSAL);
    push("issue/81:refs/heads/backup").ok();
}

#[test]
fn over_http() {
    let (world, bare) = walled();
    world.git_in(&bare, &["config", "http.receivepack", "true"]).ok();
    let address = serve(&world);
    let ended = push_to(&world, &format!("{address}/origin.git"), "issue/81:main").code(1);
    assert_eq!(refusal(&world, &ended), REFUSAL);
    push_to(&world, &format!("{address}/origin.git"), "issue/81:refs/heads/backup").ok();
}

/// Serves the repositories of this world by `git http-backend`; returns the address.
fn serve(world: &World) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("port");
    let address = format!("http://{}", listener.local_addr().expect("address"));
    let template = |method: &str, path: &str| {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut command = world.command(&world.root(), "git");
        command
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", world.root())
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REQUEST_METHOD", method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("REMOTE_ADDR", "127.0.0.1");
        command
    };
    // One request of a push after the other: where refs stand, then the objects. The commands are
    // made here, because the world stays on this thread.
    let mut commands = Vec::new();
    for _ in 0..2 {
        commands.push(template("GET", "/origin.git/info/refs?service=git-receive-pack"));
        commands.push(template("POST", "/origin.git/git-receive-pack"));
    }
    std::thread::spawn(move || {
        for command in commands {
            let Ok((stream, _)) = listener.accept() else { return };
            answer(stream, command);
        }
    });
    address
}

/// One request, passed on to a CGI program and back.
fn answer(stream: TcpStream, mut command: Command) {
    let mut reader = BufReader::new(stream.try_clone().expect("stream"));
    let mut first = String::new();
    reader.read_line(&mut first).expect("request");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("header");
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("length"),
            "content-type" => drop(command.env("CONTENT_TYPE", value)),
            "git-protocol" => drop(command.env("GIT_PROTOCOL", value)),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("body");
    let mut child = command
        .env("CONTENT_LENGTH", length.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git http-backend");
    child.stdin.take().expect("stdin").write_all(&body).expect("body");
    let output = child.wait_with_output().expect("end").stdout;
    let mut stream = stream;
    let status: &[u8] = if first.starts_with("GET") || first.starts_with("POST") {
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
    } else {
        b"HTTP/1.1 405 No\r\nConnection: close\r\n"
    };
    stream.write_all(status).expect("answer");
    stream.write_all(&output).expect("answer");
}

/// git-orch in a workflow of GitHub, started by this event.
fn github(world: &World, folder: &Path, event: &Value, more: &[&str]) -> Ended {
    let file = world.root().join("event.json");
    world.write_in(&world.root(), "event.json", &event.to_string());
    let output = world
        .command(folder, &crate::harness::binary())
        .env("GITHUB_EVENT_PATH", &file)
        .args(["check", "--github-event"])
        .args(more)
        .output()
        .expect("git-orch");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A clone as `actions/checkout` leaves it: everything fetched, a commit checked out, no branch.
fn checkout(world: &World, commit: &str) -> PathBuf {
    let clone = world.root().join("ci");
    if !clone.exists() {
        let origin = world.root().join("origin.git");
        let (from, to) = (origin.to_str().expect("text"), clone.to_str().expect("text"));
        world.git(&["init", "-q", to]).ok();
        world.git_in(&clone, &["remote", "add", "origin", from]).ok();
    }
    let all =
        ["+refs/heads/*:refs/remotes/origin/*", "+refs/git-orch/issues/*:refs/git-orch/issues/*"];
    world.git_in(&clone, &[&["fetch", "-q", "origin"], &all[..]].concat()).ok();
    world.git_in(&clone, &["checkout", "-q", "--detach", commit]).ok();
    clone
}

#[test]
fn a_pull_request_is_judged_by_the_branch_it_is_for() {
    let world = World::ready();
    configure(&world, "[push]\nissue_branches = 'any'\n");
    origin(&world);
    let worktree = unfinished(&world, "81");
    world.write_in(&worktree, ".orchestration/config.toml", "[gate]\nprotected = ['none']\n");
    world.commit(&worktree, "Loosen");
    world.git(&["push", "-q", "origin", "issue/81"]).ok();
    let base = world.git(&["rev-parse", "main"]).ok().line();
    let head = world.git(&["rev-parse", "issue/81"]).ok().line();
    let ci = checkout(&world, &head);
    let request = json!({ "pull_request": {
        "base": { "ref": "main", "sha": base }, "head": { "ref": "issue/81", "sha": head },
    } });
    let ended = github(&world, &ci, &request, &[]).code(1);
    assert_snapshot!(world.plain(&ended.stdout), @"::error title=git-orch refuses bringing issue 81 onto main::commit [SHORT] is of issue 81, whose receipt is not here%0Afix: git orch compact 81 --push");
    assert_eq!(refusal(&world, &ended), REFUSAL);
    let ended = github(&world, &ci, &request, &["--json"]).code(1);
    let data: Value = serde_json::from_str(&ended.stdout).expect("one document");
    assert_eq!(data["data"]["verdict"], "refuse");
    assert_eq!(data["data"]["commits"][0]["how"], "uncompacted");
    assert_eq!(data["data"]["commits"][0]["issue"], "81");
    let ended = github(&world, &ci, &request, &["--format", "sarif"]).code(1);
    let sarif: Value = serde_json::from_str(&ended.stdout).expect("one document");
    let result = &sarif["runs"][0]["results"][1];
    assert_eq!(result["ruleId"], "uncompacted");
    assert_eq!(
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "work-81.txt"
    );
}

#[test]
fn a_merge_group_and_a_push_are_judged_too() {
    let world = World::ready();
    origin(&world);
    world.sealed("81");
    world.git(&["push", "-q", "origin", "issue/81"]).ok();
    let base = world.git(&["rev-parse", "main"]).ok().line();
    let head = world.git(&["rev-parse", "issue/81"]).ok().line();
    let ci = checkout(&world, &head);
    let group = json!({ "merge_group": {
        "base_ref": "refs/heads/main", "base_sha": base, "head_sha": head, "head_ref": "x",
    } });
    let push = json!({ "ref": "refs/heads/main", "before": base, "after": head });
    github(&world, &ci, &group, &[]).code(1);
    github(&world, &ci, &push, &[]).code(1);
    world.orch(&["compact", "81", "--push"]).ok();
    checkout(&world, &head);
    let ended = github(&world, &ci, &group, &[]).ok();
    assert_eq!(ended.stdout, "1 commit may come onto main\n");
    github(&world, &ci, &push, &[]).ok();
    // Nothing that is not protected is anybody's business, nor what is no push of a branch.
    let repository = json!({ "default_branch": "main" });
    let other = json!({
        "ref": "refs/heads/side", "before": base, "after": head, "repository": repository,
    });
    let ended = github(&world, &ci, &other, &[]).ok();
    assert_eq!(ended.stderr, "nothing comes onto a protected branch\n");
    github(&world, &ci, &json!({ "action": "opened" }), &[]).ok();
}

#[test]
fn the_workflow_is_written_once_and_never_over_anothers() {
    let world = World::ready();
    configure(&world, "[gate]\nprotected = ['main', 'release/*']\n");
    let plan = world.orch(&["init", "--ci", "github", "--dry-run"]).ok().stdout;
    assert_snapshot!(world.plain(&plan), @"would write [TOP]/repo/.github/workflows/git-orch.yml");
    world.orch(&["init", "--ci", "github"]).ok();
    let file = world.repo.join(".github/workflows/git-orch.yml");
    let text = std::fs::read_to_string(&file).expect("workflow");
    for line in [
        "  pull_request:",
        "  merge_group:",
        "    branches: ['main', 'release/*']",
        "        run: git-orch check --github-event",
    ] {
        assert!(text.lines().any(|there| there == line), "{line}:\n{text}");
    }
    let again = world.orch(&["init", "--ci", "github"]).ok();
    assert_eq!(again.stderr, "nothing to change\n");
    world.write(".github/workflows/git-orch.yml", "name: own\n");
    let ended = world.orch(&["init", "--ci", "github"]).code(1);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: writing [TOP]/repo/.github/workflows/git-orch.yml
        why: another file stands there, and git-orch did not write it
        fix: git mv .github/workflows/git-orch.yml .github/workflows/git-orch-own.yml
    ");
    world.git(&["add", ".github"]).ok();
    world
        .sh(&world.repo, "git mv .github/workflows/git-orch.yml .github/workflows/git-orch-own.yml")
        .ok();
    world.orch(&["init", "--ci", "github"]).ok();
}

#[test]
fn check_tells_beforehand_and_changes_nothing() {
    let world = World::ready();
    unfinished(&world, "81");
    let before = world.git(&["for-each-ref"]).ok().stdout;
    let ended = world.orch(&["check", "--range", "main..issue/81"]).code(1);
    assert_eq!(refusal(&world, &ended), REFUSAL);
    world.orch(&["check"]).ok();
    assert_eq!(world.git(&["for-each-ref"]).ok().stdout, before);
    world.sealed("82");
    let ended = world.orch(&["check", "--range", "main..issue/82"]).ok();
    assert_eq!(ended.stdout, "1 commit may come onto main\n");
}
