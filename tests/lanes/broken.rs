//! What goes wrong: a fix that does not verify, one that leaves something to do, workers and
//! orchestrators that are killed. All of it ends right, and nothing lands by half.

use super::scene::{
    landings, ready, report, resolved, run, script, signals, start, step, tidy, until,
};
use crate::harness::World;

#[test]
fn a_fix_that_does_not_verify_is_given_up_and_its_work_is_kept() {
    let world = ready();
    let wrong = step(
        "E-02",
        "echo 'privacy: fixed, I am sure' >notes.yaml; git add -A; git commit -qm 'Fix E-02' || true",
    );
    let script = script(&world, &[("E-02", wrong)]);
    let said = run(&world, &script, &["--jobs", "2"]).ok();
    assert!(said.stderr.contains("4 landed, 1 skipped, 0 left"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["E-01", "E-03", "M-01", "M-02"]);
    assert_eq!(landings(&world, "E-02"), 0);
    assert!(!world.repo.join("notes.yaml").exists());
    tidy(&world);
    let kept = world
        .git(&["for-each-ref", "--format=%(refname)", "refs/git-orch/salvage/E-02"])
        .ok()
        .line();
    world.git(&["cat-file", "-e", &format!("{kept}:notes.yaml")]).ok();
    assert!(report(&world).contains(&format!("its work is kept under `{kept}`")));

    // The same agent at the same issue would do the same again; another one may try.
    let again = run(&world, &script, &[]).ok();
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    let right = super::scene::script(&world, &[]);
    let text =
        std::fs::read_to_string(&right).unwrap().replace("issue = \"E-02\"", "issue = \"E-02-2\"");
    std::fs::write(&right, text).unwrap();
    run(&world, &right, &[]).ok();
    assert_eq!(resolved(&world).len(), 5);
}

#[test]
fn a_placeholder_fails_an_issue() {
    let world = ready();
    let later = step(
        "M-01",
        "printf 'schema_version: \"1\" # TODO: the right one\\n' >>examples/minimal_demo/config/schema.yaml; git commit -qam 'Fix M-01'",
    );
    let script = script(&world, &[("M-01", later)]);
    let said = run(&world, &script, &["--jobs", "2"]).ok();
    assert!(said.stderr.contains("skipped M-01: a placeholder was added: TODO in examples/minimal_demo/config/schema.yaml"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["E-01", "E-02", "E-03", "M-02"]);
    tidy(&world);
}

/// The process of a lane's worker, once it is at work on `issue`.
fn worker(world: &World, lane: &str, issue: &str) -> u32 {
    let mut pid = 0;
    let current = world.repo.join(".git/git-orch/lanes/run.json");
    until("the worker", || {
        let Ok(text) = std::fs::read_to_string(&current) else { return false };
        let Ok(run) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
        let name = run["run"].as_str().unwrap_or_default();
        let file = world.repo.join(format!(".git/git-orch/lanes/{name}/{lane}.json"));
        let Ok(text) = std::fs::read_to_string(file) else { return false };
        let Ok(progress) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
        let at = progress["taken"].as_array().and_then(|taken| taken.last().cloned());
        pid = u32::try_from(progress["claim"]["pid"].as_u64().unwrap_or(0)).unwrap_or(0);
        pid != 0 && at.is_some_and(|taken| taken["issue"] == issue && taken["end"].is_null())
    });
    pid
}

fn kill(pid: u32) {
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill");
}

/// A step that waits the first time it comes to an issue, and says that it does.
fn slow(world: &World, id: &str) -> String {
    let mark = world.root().join(format!("at-{id}"));
    let wait = format!("test -e {0} || {{ touch {0}; sleep 60; }}", mark.display());
    format!("{}{}", step(id, &wait), super::scene::fix(id))
}

#[test]
fn a_worker_that_is_killed_is_followed_by_one_that_goes_on() {
    let world = ready();
    let script = script(&world, &[("E-02", slow(&world, "E-02"))]);
    let mut orchestrator = start(&world, &script);
    let mark = world.root().join("at-E-02");
    until("the agent of E-02", || mark.exists());
    kill(worker(&world, "E", "E-02"));
    assert!(orchestrator.wait().unwrap().success());
    assert_eq!(resolved(&world).len(), 5);
    for id in ["E-01", "E-02", "E-03", "M-01", "M-02"] {
        assert_eq!(landings(&world, id), 1, "{id}");
    }
    tidy(&world);
    let report = report(&world);
    assert!(report.contains("E died: its worker was ended by signal 9"), "{report}");
}

#[test]
fn an_orchestrator_that_is_killed_is_followed_by_one_that_finds_its_workers() {
    let world = ready();
    let script = script(&world, &[("E-02", slow(&world, "E-02")), ("M-02", slow(&world, "M-02"))]);
    let mut orchestrator = start(&world, &script);
    for id in ["E-02", "M-02"] {
        let mark = world.root().join(format!("at-{id}"));
        until("the agents", || mark.exists());
    }
    orchestrator.kill().unwrap();
    orchestrator.wait().unwrap();
    let doctor = world.orch(&["lanes", "doctor"]).ok().stdout;
    assert!(doctor.contains("did not come to its end"), "{doctor}");
    // One worker is gone with it, the other is still there.
    kill(worker(&world, "M", "M-02"));
    let left = worker(&world, "E", "E-02");
    let mut again = start(&world, &script);
    let events = world.repo.join(".git/git-orch/lanes");
    let name = signals(&world).file_name().unwrap().to_owned();
    let events = events.join(name).join("events.jsonl");
    until("the worker to be found", || {
        std::fs::read_to_string(&events)
            .unwrap()
            .contains(&format!("\"found\",\"text\":\"pid {left}\""))
    });
    kill(left);
    assert!(again.wait().unwrap().success());
    assert_eq!(resolved(&world).len(), 5);
    tidy(&world);
}

#[test]
fn a_run_that_is_stopped_is_resumed() {
    let world = ready();
    let script = script(&world, &[("M-01", slow(&world, "M-01"))]);
    let mut orchestrator = start(&world, &script);
    let mark = world.root().join("at-M-01");
    until("the agent of M-01", || mark.exists());
    world.orch(&["lanes", "stop"]).ok();
    assert!(!orchestrator.wait().unwrap().success());
    let status = world.orch(&["lanes", "status"]).ok();
    assert!(status.stdout.contains("ended before its end"), "{}", status.stdout);
    world.orch(&["lanes", "resume"]).ok();
    assert_eq!(resolved(&world).len(), 5);
    tidy(&world);
    // A run that is through is not begun once more under the name of resuming it.
    let again = world.orch(&["lanes", "resume"]).ok().stderr;
    assert!(again.contains("no run was left before its end"), "{again}");
}

#[test]
fn a_lane_whose_workers_die_is_given_up_and_untouched() {
    let world = ready();
    // The agent ends whoever started it.
    let fatal = step(
        "M-01",
        "echo half >half.txt; git add -A; git commit -qm Half || true; kill -9 $(ps -o ppid= -p $PPID)",
    );
    let script = script(&world, &[("M-01", fatal)]);
    let said = run(&world, &script, &["--jobs", "2"]).ok();
    assert!(said.stderr.contains("3 landed, 1 skipped, 1 left"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["E-01", "E-02", "E-03"]);
    assert!(!world.repo.join("half.txt").exists());
    tidy(&world);
}

#[test]
fn a_lane_that_says_nothing_is_ended_and_begun_again() {
    let world = ready();
    let config = "[agent.retry]\ncrash_wait = 0.05\n[lanes]\nsilence = 6\nattempts = 9\n";
    world.write(".orchestration/config.toml", config);
    world.commit(&world.repo.clone(), "Configure");
    let script = script(&world, &[("M-01", slow(&world, "M-01"))]);
    let said = run(&world, &script, &["--lanes", "M"]).ok();
    assert!(said.stderr.contains("silent for 6 s, at M-01; ending it"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["M-01", "M-02"]);
    tidy(&world);
}

#[test]
fn a_worker_that_hears_nothing_any_more_is_killed_and_the_run_ends() {
    let world = ready();
    let config = "[agent.retry]\ncrash_wait = 0.05\n[lanes]\nsilence = 6\nattempts = 9\n";
    world.write(".orchestration/config.toml", config);
    world.commit(&world.repo.clone(), "Configure");
    let mark = world.root().join("at-M-01");
    // Suspends whoever started the agent, once: no request to stop is heard there.
    let stuck = format!(
        "test -e {0} || {{ touch {0}; kill -STOP $(ps -o ppid= -p $PPID); sleep 60; }}",
        mark.display()
    );
    let script = script(&world, &[("M-01", step("M-01", &stuck) + &super::scene::fix("M-01"))]);
    let said = run(&world, &script, &["--lanes", "M"]).ok();
    assert!(said.stderr.contains("its worker was ended by signal 9"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["M-01", "M-02"]);
    tidy(&world);
}

#[test]
fn a_worker_that_is_killed_before_it_commits_what_it_wrote_loses_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let world = ready();
    let script = script(&world, &[]);
    // A git that ends whoever asks it to add everything, once.
    let folder = world.root().join("bin");
    std::fs::create_dir(&folder).unwrap();
    let wrapper = folder.join("git");
    let real = world.sh(&world.repo, "command -v git").ok().line();
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *' add -A'*) test -e {0} || {{ touch {0}; kill -9 $PPID; exit 1; }} ;; \
         esac\nexec {real} \"$@\"\n",
        world.root().join("killed").display()
    );
    std::fs::write(&wrapper, text).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let line = format!(
        "PATH={}:$PATH exec git-orch lanes run --catalog {} --script {script} --lanes M",
        folder.display(),
        super::scene::page()
    );
    let text = world.sh(&world.repo, &line).ok().stderr;
    assert!(text.contains("its worker was ended by signal 9"), "{text}");
    assert_eq!(resolved(&world), ["M-01", "M-02"], "{text}");
    tidy(&world);
}
