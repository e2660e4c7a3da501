//! From the opened issue to the archive.

use super::scene::{QUICK, WHOLE, all, open_tasks, program, run, world};

#[test]
fn the_scripted_agent_walks_an_issue_to_its_archive() {
    let world = world(QUICK);
    let said = run(&world, WHOLE, &[]).ok();
    for n in 1..=5 {
        assert!(world.repo.join(format!("f{n}")).exists(), "{}", said.stderr);
    }
    assert!(!world.worktree("81").exists());
    assert!(world.repo.join(".orchestration/archived-sessions/81").is_dir());
    let moved: Vec<&str> = said.stdout.lines().filter(|line| line.contains('→')).collect();
    assert_eq!(
        moved,
        [
            "✓ issue 81: DISCUSSION → EXECUTE",
            "✓ issue 81: EXECUTE → VALIDATE",
            "✓ issue 81: VALIDATE → COMPACT",
            "✓ issue 81: COMPACT → COMPLETE",
        ],
        "{}",
        said.stderr
    );
    let again = run(&world, WHOLE, &[]).ok();
    assert!(again.stderr.contains("no agent was needed"), "{}", again.stderr);
}

#[test]
fn a_run_stops_at_the_phase_it_was_told() {
    let world = world(QUICK);
    let json = run(&world, WHOLE, &["--until", "validate", "--json"]).ok().stdout;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&value["data"]["end"], &value["data"]["phase"]),
        (&"reached".into(), &"validate".into())
    );
    assert!(open_tasks(&world).is_empty());
}

/// An agent that knows nothing but sh, git and what it reads.
const PLAIN: &str = r#"#!/bin/sh
set -eu
cat >"$ORCH_CONTEXT/prompt-$ORCH_PHASE.txt"
grep -q "issue $ORCH_ISSUE" "$ORCH_CONTEXT/prompt-$ORCH_PHASE.txt"
case $ORCH_PHASE in
discussion)
    printf '%s\n' '# Work' '' '## Goal' 'A file is there.' '' '## Acceptance criteria' \
        '- [ ] It is there' '  verify: test -s f1' >"$ORCH_CONTEXT/spec.md"
    git orch spec finalise ;;
execute)
    if [ -z "${ORCH_TASK:-}" ]; then
        git orch task add 'make it' --verify 'test -s f1'
    else
        echo 'words that make up the file' >f1
        git add f1
        git commit -qm 'Make it'
    fi ;;
compact) git orch learn none --reason 'the change was mechanical and met no surprise' ;;
complete) git -C "$MAIN" merge -q "issue/$ORCH_ISSUE" ;;
esac
"#;

#[test]
fn a_shell_agent_reads_its_brief_on_stdin_and_its_task_is_ticked_for_it() {
    let world = world(&format!("[land]\nby = 'agent'\n{QUICK}"));
    let agent = program(&world, "agent.sh", PLAIN);
    let main = world.repo.to_str().unwrap().to_owned();
    let said = world.orch(&["run", "81", "--", "env", &format!("MAIN={main}"), &agent]).ok();
    assert!(world.repo.join("f1").exists(), "{}", said.stderr);
    assert!(all(&said).contains("task 1 (make it): passed"), "{}", all(&said));
    assert!(said.stderr.contains("issue 81 is archived; 5 agents ran"), "{}", said.stderr);
}

#[test]
fn the_prompt_can_be_an_argument() {
    let world = world(QUICK);
    let agent = program(&world, "asked.sh", "#!/bin/sh\nprintf '%s' \"$1\" >got\ncat >stdin\n");
    let said = world.orch(&["run", "81", "--until", "execute", "--", &agent, "{prompt}"]).code(1);
    let worktree = world.worktree("81");
    let got = std::fs::read_to_string(worktree.join("got")).unwrap();
    let brief = world.orch(&["prime", "81"]).ok().stdout;
    assert_eq!(got.trim_end(), brief.trim_end(), "{}", said.stderr);
    assert_eq!(std::fs::read_to_string(worktree.join("stdin")).unwrap(), "");
}
