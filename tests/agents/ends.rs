//! What the ends of agents come to: crashes, rate limits, empty words, budgets.

use super::scene::{QUICK, WHOLE, all, open_tasks, program, run, runs, world};

#[test]
fn a_crash_after_three_of_five_tasks_is_followed_by_the_fourth() {
    let world = world(&format!("[agent]\nattempts = 1\n{QUICK}"));
    let crash = format!("[[step]]\nrole = 'implement'\ntask = 4\nkill = true\n{WHOLE}");
    let said = run(&world, &crash, &[]).code(1);
    assert!(all(&said).contains("refused: running issue 81 any further"), "{}", all(&said));
    assert_eq!(open_tasks(&world), [4, 5]);
    let said = run(&world, WHOLE, &["--until", "validate"]).ok();
    let text = all(&said);
    let begun = text.lines().find(|line| line.contains("implement, task")).unwrap();
    assert!(begun.contains("implement, task 4"), "{}", all(&said));
    assert!(open_tasks(&world).is_empty());
    let steps = world.git(&["log", "--format=%s", "main..issue/81"]).ok().stdout;
    assert_eq!(steps, "Step 5\nStep 4\nStep 3\nStep 2\nStep 1\n");
}

#[test]
fn a_crash_is_tried_again_after_a_wait() {
    let world = world(QUICK);
    let once = format!("[[step]]\nrole = 'implement'\ntask = 2\nattempt = 1\nkill = true\n{WHOLE}");
    let said = run(&world, &once, &["--until", "validate"]).ok();
    assert!(all(&said).contains("implement, task 2 (scripted, attempt 2)"), "{}", all(&said));
}

#[test]
fn a_rate_limit_is_waited_for() {
    let world = world("[agent.retry]\nrate_limit_wait = 1.0\nlongest_wait = 1.0\n");
    let limited = format!(
        "[[step]]\nrole = 'spec-agent'\nattempt = 1\nsay = 'Error: Rate limit reached'\n\
         [[step]]\nrole = 'spec-agent'\nattempt = 1\nend = 1\n{WHOLE}"
    );
    let said = run(&world, &limited, &["--until", "execute"]).ok();
    assert!(all(&said).contains("a rate limit"), "{}", all(&said));
    assert!(all(&said).contains("before the next attempt"), "{}", all(&said));
}

#[test]
fn an_agent_that_says_done_has_done_nothing() {
    let world = world(&format!("[agent]\nattempts = 2\n{QUICK}"));
    let agent = program(&world, "done.sh", "#!/bin/sh\necho 'All done! Everything passes.'\n");
    let said = world.orch(&["run", "81", "--", &agent]).code(1);
    assert!(all(&said).contains("2 runs in a row brought it no further"), "{}", all(&said));
    let status = world.orch(&["status", "--json"]).ok().stdout;
    assert!(status.contains("\"discussion\""), "{status}");
}

#[test]
fn what_was_parked_is_shown_and_goes_on_by_the_same_command() {
    let world = world(&format!("[agent]\nattempts = 1\n{QUICK}"));
    let said = run(&world, "[[step]]\nend = 3\n", &[]).code(1);
    assert!(all(&said).contains("fix: git orch run 81"), "{}", all(&said));
    assert_eq!(runs(&world)["parked"]["code"], "attempts");
    let status = world.orch(&["status"]).ok().stderr;
    assert!(status.contains("parked"), "{status}");
    let said = run(&world, WHOLE, &[]).ok();
    assert!(all(&said).contains("it was parked: a run brought it no further"), "{}", all(&said));
}

#[test]
fn an_agent_that_cannot_work_is_not_tried_again() {
    let world = world(QUICK);
    let agent = program(&world, "out.sh", "#!/bin/sh\necho 'Invalid API key'\nexit 1\n");
    let said = world.orch(&["run", "81", "--", &agent]).code(1);
    assert!(all(&said).contains("cannot work"), "{}", all(&said));
    assert_eq!(runs(&world)["spent"]["runs"], 1);
}

#[test]
fn budgets_end_a_run() {
    let few = world(&format!("[agent]\nruns = 2\n{QUICK}"));
    let said = run(&few, WHOLE, &[]).code(1);
    assert!(all(&said).contains("its agents ran 2 times"), "{}", all(&said));

    let turns = world(&format!("[agent]\nturns = 10\n{QUICK}"));
    let says = "#!/bin/sh\necho '{\"type\":\"result\",\"num_turns\":12}'\n";
    let agent = program(&turns, "turns.sh", says);
    let said = turns.orch(&["run", "81", "--", &agent]).code(1);
    assert!(all(&said).contains("12 turns"), "{}", all(&said));
}

#[test]
fn an_agent_is_ended_at_its_time_limit_with_all_it_started() {
    let world = world(&format!("[agent]\ntimeout = 1\nattempts = 1\n{QUICK}"));
    let text = "#!/bin/sh\nsleep 300 & echo $! >child\nsleep 300\n";
    let agent = program(&world, "slow.sh", text);
    world.orch(&["run", "81", "--", &agent]).code(1);
    let child = super::scene::pid_in(&world.worktree("81").join("child"));
    assert!(!super::scene::lives(child));
}
