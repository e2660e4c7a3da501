//! Every refusal of the walk, as it is printed; and following what is printed leads there.
//!
//! `follow` runs a command and, for as long as it is refused, the first remedy that was printed,
//! in the state it was printed in. Where a remedy leaves a word to the user (`'…'`), or opens an
//! editor, the test fills in what a user would.
#![expect(clippy::disallowed_methods, reason = "tests write and remove what a user might")]

mod harness;

use std::path::Path;

use harness::{Ended, SPEC, World};
use insta::assert_snapshot;

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
fn run(world: &World, folder: &Path, line: &str) -> Ended {
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
fn fixes(ended: &Ended) -> Vec<String> {
    let line = |line: &str| Some(line.trim_start().strip_prefix("fix: ")?.to_owned());
    ended.stderr.lines().filter_map(line).collect()
}

/// Runs `line`, and whatever is printed as the way to it, until it succeeds. Everything that was
/// run and every refusal, as a user sees it.
#[track_caller]
fn follow(world: &World, folder: &Path, line: &str) -> String {
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

fn opened(world: &World) -> std::path::PathBuf {
    world.orch(&["new-issue", "81", "--yes"]).ok();
    world.worktree("81")
}

#[test]
fn from_a_draft_to_execute() {
    let world = World::ready();
    let worktree = opened(&world);
    std::fs::remove_file(worktree.join(".context/spec.md")).expect("removed");
    assert_snapshot!(follow(&world, &worktree, "git orch next"), @"
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: there is no .context/spec.md
        fix: git orch spec new 81
    $ git orch spec new 81
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: .context/spec.md: no goal is given
        fix: git orch spec edit 81   # write a sentence or two under `## Goal`
        why: .context/spec.md: no acceptance criterion is given
        fix: git orch spec edit 81   # write `- [ ] what must be true` and below it `  verify: command` under `## Acceptance criteria`
    $ git orch spec edit 81   # write a sentence or two under `## Goal`
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: the specification is not final yet
        fix: git orch spec finalise 81
    $ git orch spec finalise 81
    $ git orch next
    ");
}

#[test]
fn a_task_waits_for_the_specification() {
    let world = World::ready();
    let worktree = opened(&world);
    world.orch(&["task", "add", "Write it", "--issue", "81"]).ok();
    assert_snapshot!(follow(&world, &worktree, "git orch task done 1"), @"
    $ git orch task done 1
    refused: ticking task 1 of issue 81
        why: it is in DISCUSSION: spec finalised: a criterion at least, no must-ask question open
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: .context/spec.md: no goal is given
        fix: git orch spec edit 81   # write a sentence or two under `## Goal`
        why: .context/spec.md: no acceptance criterion is given
        fix: git orch spec edit 81   # write `- [ ] what must be true` and below it `  verify: command` under `## Acceptance criteria`
    $ git orch spec edit 81   # write a sentence or two under `## Goal`
    $ git orch next 81
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: the specification is not final yet
        fix: git orch spec finalise 81
    $ git orch spec finalise 81
    $ git orch next 81
    $ git orch task done 1
    ");
}

#[test]
fn out_of_execute() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "Write it", "--issue", "81"]).ok();
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &worktree, "git orch next"), @"
    $ git orch next
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: task 1 is open: Write it
        fix: git orch task done 1 --issue 81
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch task done 1 --issue 81
    $ git orch next
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch next
    ");
}

#[test]
fn without_any_work_the_brief_is_the_way() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let refused = run(&world, &worktree, "git orch next").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: branch issue/81 holds no commit of its own
        fix: git orch prime 81   # says what is to be done and committed
    ");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    run(&world, &worktree, "git orch next").ok();
}

#[test]
fn validate_waits_for_its_phase() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &worktree, "git orch validate"), @"
    $ git orch validate
    refused: validating issue 81
        why: it is in EXECUTE: every task done or dropped, work tree clean, a commit at least
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch next 81
    $ git orch validate
    ");
}

#[test]
fn compact_waits_for_green_checks_and_for_what_was_learned() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &worktree, "git orch compact"), @"
    $ git orch compact
    refused: compacting issue 81
        why: it is in EXECUTE: every task done or dropped, work tree clean, a commit at least
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch next 81
    $ git orch compact
    refused: compacting issue 81
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch validate 81
    $ git orch compact
    refused: compacting issue 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch compact
    ");
}

#[test]
fn out_of_compact() {
    let world = World::ready();
    let worktree = world.validated("81");
    run(&world, &worktree, "git orch next").ok();
    assert_snapshot!(follow(&world, &worktree, "git orch next"), @"
    $ git orch next
    refused: moving issue 81 from COMPACT to COMPLETE
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch next
    ");
}

#[test]
fn a_red_criterion_is_met_by_mending_and_validating() {
    let world = World::ready();
    let worktree = opened(&world);
    let spec = SPEC.replace("verify: true", "verify: test -s other.txt");
    world.write_in(&worktree, ".context/spec.md", &spec);
    run(&world, &worktree, "git orch spec finalise && git orch next").ok();
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    run(&world, &worktree, "git orch next").ok();
    run(&world, &worktree, "git orch validate").code(5);
    let refused = run(&world, &worktree, "git orch next").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: moving issue 81 from VALIDATE to COMPACT
        why: criterion 1 (It holds): exit code 1
        fix: git orch validate 81
    ");
    world.write_in(&worktree, "other.txt", "the rest of the work\n");
    world.commit(&worktree, "Mend");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    run(&world, &worktree, "git orch next").ok();
}

#[test]
fn what_is_frozen_stays() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let refused = run(&world, &worktree, "git orch spec edit").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: writing the specification of issue 81
        why: it was made final on [TIME] and cannot change on the way
        fix: git orch task add 'what is to be done besides' --issue 81
    ");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
}

#[test]
fn tasks_that_are_done_or_dropped() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    run(&world, &worktree, "git orch task add One && git orch task add Two").ok();
    run(&world, &worktree, "git orch task drop 1 --reason 'it was not needed after all'").ok();
    assert_snapshot!(follow(&world, &worktree, "git orch task done 1"), @"
    $ git orch task done 1
    refused: ticking task 1 of issue 81
        why: it was dropped: it was not needed after all
        fix: git orch task reopen 1 --issue 81
    $ git orch task reopen 1 --issue 81
    $ git orch task done 1
    ");
    assert_snapshot!(
        follow(&world, &worktree, "git orch task drop 1 --reason 'not needed after all'"), @"
    $ git orch task drop 1 --reason 'not needed after all'
    refused: dropping task 1 of issue 81
        why: it is done
        fix: git orch task reopen 1 --issue 81
    $ git orch task reopen 1 --issue 81
    $ git orch task drop 1 --reason 'not needed after all'
    ");
}

#[test]
fn what_was_learned_is_not_taken_back_by_saying_nothing_was() {
    let world = World::ready();
    let worktree = world.validated("81");
    let learn = "git orch learn add --kind pitfall --when '…' --lesson '…' --evidence '…'";
    run(&world, &worktree, learn).ok();
    let none = "git orch learn none --reason 'nothing was learned in all this work'";
    let refused = run(&world, &worktree, none).code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: recording that issue 81 taught nothing
        why: learning 81.1 was given: The work file must end with a line break.
        fix: git orch compact 81
    ");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    let sealed = run(&world, &worktree, learn).code(1);
    assert_snapshot!(world.plain(sealed.stderr.trim_end()), @"
    refused: changing what issue 81 taught
        why: its receipt is sealed over the learnings
        fix: git orch show 81
    ");
    run(&world, &worktree, &fixes(&sealed)[0]).ok();
}

#[test]
fn a_reason_that_says_nothing() {
    let world = World::ready();
    let worktree = world.validated("81");
    let refused = run(&world, &worktree, "git orch learn none --reason no").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @r#"
    refused: recording that issue 81 taught nothing
        why: "no" does not say why
        fix: git orch learn none 81 --reason 'why this work taught nothing new'
    "#);
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    run(&world, &worktree, "git orch compact").ok();
}

#[test]
fn a_merge_is_refused_until_it_is_compacted() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    assert_snapshot!(follow(&world, &world.repo, "git merge -q issue/81"), @"
    $ git merge -q issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in EXECUTE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    $ git orch next 81
    $ git merge -q issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in VALIDATE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from VALIDATE to COMPACT
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
    $ git orch validate 81
    $ git orch next 81
    $ git merge -q issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in COMPACT, compaction is missing; commit [SHORT] is its work
        fix: git orch compact 81
    $ git orch compact 81
    refused: compacting issue 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch compact 81
    $ git merge -q issue/81
    ");
}

#[test]
fn an_issue_is_archived_once_it_landed() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    assert_snapshot!(follow(&world, &world.repo, "git orch archive 81"), @"
    $ git orch archive 81
    refused: archiving issue 81
        why: it is in EXECUTE, compaction is missing
        fix: git orch next 81
    $ git orch next 81
    $ git orch archive 81
    refused: archiving issue 81
        why: it is in VALIDATE, compaction is missing
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from VALIDATE to COMPACT
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
    $ git orch validate 81
    $ git orch next 81
    $ git orch archive 81
    refused: archiving issue 81
        why: it is in COMPACT, compaction is missing
        fix: git orch compact 81
    $ git orch compact 81
    refused: compacting issue 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch compact 81
    $ git orch archive 81
    refused: archiving issue 81
        why: 1 of its commits are not in main: [SHORT]
        fix: git orch land 81
    $ git orch land 81
    $ git orch archive 81
    ");
    assert!(!worktree.exists());
}

#[test]
fn work_is_given_up_with_a_reason_and_nothing_uncommitted() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &world.repo, "git orch abandon 81 --reason ''"), @"
    $ git orch abandon 81 --reason ''
    refused: abandoning issue 81
        why: no reason is given
        fix: git orch abandon 81 --reason 'why it is given up'
    $ git orch abandon 81 --reason 'why it is given up'
    $ git orch abandon 81 --reason ''
    ");
    assert!(!worktree.exists());
}
