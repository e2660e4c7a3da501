//! Signals that are not what they should be: ignored, with a warning.

use super::scene::{ready, resolved, run, script, signals, step, tidy};

#[test]
fn odd_signals_are_ignored_with_a_warning() {
    let world = ready();
    // Written while the lane is at work, by whoever likes.
    let odd = step(
        "E-01",
        "cd \"$ORCH_SIGNALS\"; echo 'NORMAL: who am I' >X.status; ln -s /etc/passwd L.status; \
         head -c 100 /dev/zero >M.done; printf 'result: complete\\nlanded: 9' >E.done; sleep 1; \
         rm -f E.status; ln -s /etc/passwd E.status; sleep 1; rm E.status; \
         truncate -s 1G E.status; sleep 1",
    );
    let script = script(&world, &[("E-01", odd + &super::scene::fix("E-01"))]);
    let said = run(&world, &script, &["--jobs", "2"]).ok();
    for words in [
        "odd Status: this run has no such lane",
        "completion ignored: it is torn",
        "status ignored: it is no plain file",
        "status ignored: it is longer than 120 bytes",
    ] {
        assert!(said.stderr.contains(words), "{words}\n{}", said.stderr);
    }
    assert_eq!(resolved(&world).len(), 5);
    tidy(&world);
}

#[test]
fn a_completion_of_an_earlier_run_is_stale() {
    let world = ready();
    let stale = step(
        "M-01",
        "printf 'result: complete\\nlanded: 2\\nskipped: 0\\nleft: 0\\nattempt: 1\\npid: 1\\nrun: 20200101T000000Z\\nstarted: x\\nwhy: \\nended: y\\n' >\"$ORCH_SIGNALS/M.done\"; sleep 1",
    );
    let script = script(&world, &[("M-01", stale + &super::scene::fix("M-01"))]);
    let said = run(&world, &script, &["--lanes", "M"]).ok();
    assert!(said.stderr.contains("it is stale: it is of run 20200101T000000Z"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["M-01", "M-02"]);
}

#[test]
fn signals_are_said_by_the_verb() {
    let world = ready();
    let script = script(&world, &[]);
    run(&world, &script, &["--lanes", "M"]).ok();
    let folder = signals(&world);
    let file = world.orch(&["signal", "COMPLEX", "E-45 (EXTREME - 15 files)", "--lane", "E"]).ok();
    assert_eq!(file.line(), folder.join("E.status").display().to_string());
    let text = std::fs::read_to_string(folder.join("E.status")).unwrap();
    assert_eq!(text, "COMPLEX: E-45 (EXTREME - 15 files)\n");
    world.orch(&["signal", "done", "--lane", "E", "--landed", "2"]).ok();
    let done = std::fs::read_to_string(folder.join("E.done")).unwrap();
    assert!(done.contains("result: complete\nlanded: 2\n"), "{done}");
    world.orch(&["signal", "HELLO", "--lane", "E"]).code(2);
    let unclear = world.orch(&["signal", "NORMAL"]).code(2);
    assert!(unclear.stderr.contains("which lane"), "{}", unclear.stderr);
}
