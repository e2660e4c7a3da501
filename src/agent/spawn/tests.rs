//! Real shells, real signals; nothing here asserts how long anything took.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn run_in(folder: &Path, command: &str, limit: Duration) -> Ran {
    let run = Check { command, folder, without: &[], with: &[], limit, held: None };
    check(&run, &mut |_| {})
}

fn run(command: &str) -> Ran {
    run_in(Path::new("/"), command, LONG)
}

fn text(ran: &Ran) -> String {
    String::from_utf8_lossy(&ran.output).into_owned()
}

fn code(ran: &Ran) -> i32 {
    match &ran.end {
        End::Exited(code) => *code,
        other => panic!("{other:?}"),
    }
}

/// Whether the process whose number `file` holds is gone, given a moment.
fn gone(file: &Path) -> bool {
    let pid: i32 = fs::read_to_string(file).unwrap().trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let patience = Instant::now() + Duration::from_secs(10);
    while Instant::now() < patience {
        let zombie = fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")));
        if zombie || rustix::process::test_kill_process(pid).is_err() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn both_streams_arrive_in_the_order_they_were_written() {
    let ran = run("echo one; echo two >&2; echo three; exit 7");
    assert_eq!((code(&ran), text(&ran).as_str()), (7, "one\ntwo\nthree\n"));
    assert!(!ran.left_running);
}

#[test]
fn a_command_killed_by_a_signal_says_which() {
    assert_eq!(code(&run("kill -9 $$")), 137);
}

#[test]
fn there_is_nothing_on_stdin_and_the_variables_are_those_asked_for() {
    let run = Check {
        command: "cat; echo ${ORCH_ISSUE-none} ${PATH+path} ${HOME-no home}",
        folder: Path::new("/"),
        without: &["HOME"],
        with: &[("ORCH_ISSUE", "81".into())],
        limit: LONG,
        held: None,
    };
    let ran = check(&run, &mut |_| {});
    assert_eq!(text(&ran), "81 path no home\n");
}

#[test]
fn a_command_that_cannot_start_says_why() {
    let ran = run_in(Path::new("/there/is/no/such/folder"), "true", LONG);
    assert!(matches!(ran.end, End::NotStarted(_)), "{:?}", ran.end);
    assert!(ran.output.is_empty());
}

#[test]
fn past_the_limit_the_whole_group_is_ended_and_its_output_kept() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run_in(
        folder.path(),
        "sleep 300 & echo $! > child; echo begun; wait",
        Duration::from_millis(300),
    );
    assert!(matches!(ran.end, End::TimedOut), "{:?}", ran.end);
    assert_eq!(text(&ran), "begun\n");
    assert!(gone(&folder.path().join("child")));
}

#[test]
fn past_the_limit_who_ignores_the_asking_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run_in(
        folder.path(),
        "trap '' TERM; echo $$ > self; while :; do sleep 0.1; done",
        Duration::from_millis(300),
    );
    assert!(matches!(ran.end, End::TimedOut), "{:?}", ran.end);
    assert!(gone(&folder.path().join("self")));
}

#[test]
fn past_the_limit_who_listens_may_clean_up() {
    let ran = run_in(
        Path::new("/"),
        "trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.05; done",
        Duration::from_millis(300),
    );
    assert!(matches!(ran.end, End::TimedOut), "{:?}", ran.end);
    // Some shells also name the signal that ended the inner sleep.
    assert!(text(&ran).ends_with("cleaned\n"), "{}", text(&ran));
}

#[test]
fn a_suspended_command_is_ended_too() {
    let ran = run_in(Path::new("/"), "kill -STOP $$", Duration::from_millis(300));
    assert!(matches!(ran.end, End::TimedOut), "{:?}", ran.end);
}

#[test]
fn what_is_left_running_is_ended_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let quiet = "sleep 300 >/dev/null 2>&1 & echo $! > child; echo over";
    let ran = run_in(folder.path(), quiet, LONG);
    assert_eq!((code(&ran), ran.left_running), (0, true));
    assert!(gone(&folder.path().join("child")));
    // This one also keeps the pipe open.
    let ran = run_in(folder.path(), "sleep 300 & echo $! > child; echo over", LONG);
    assert_eq!((code(&ran), text(&ran).as_str(), ran.left_running), (0, "over\n", true));
    assert!(gone(&folder.path().join("child")));
}

#[test]
fn a_command_that_leaves_the_group_does_not_hang_us() {
    if which::which("setsid").is_err() {
        return;
    }
    let ran = run("setsid sleep 4 & echo over");
    assert_eq!((code(&ran), text(&ran).as_str()), (0, "over\n"));
}

#[test]
fn a_flood_is_drained_and_bounded() {
    let ran = run("yes | head -c 3000000; echo the end");
    assert_eq!(code(&ran), 0);
    assert!(ran.output.len() < 70_000);
    assert!(text(&ran).ends_with("the end\n"));
    assert!(text(&ran).contains("git-orch left out 2934472 bytes here"));
}

#[test]
fn every_line_is_heard_as_it_comes() {
    let mut lines = Vec::new();
    let run = Check {
        command: "echo a; echo b; printf c",
        folder: Path::new("/"),
        without: &[],
        with: &[],
        limit: LONG,
        held: None,
    };
    check(&run, &mut |line| lines.push(line.to_owned()));
    assert_eq!(lines, ["a", "b", "c"]);
}

#[test]
fn a_lock_given_along_is_not_inherited_by_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let lock = fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
    lock.lock().unwrap();
    // Without /proc the listing is empty and says nothing.
    let run = Check {
        command: "ls -l /proc/self/fd 2>/dev/null",
        folder: folder.path(),
        without: &[],
        with: &[],
        limit: LONG,
        held: Some(&lock),
    };
    let ran = check(&run, &mut |_| {});
    // What whoever started the tests has open is none of our business.
    let own = path.canonicalize().unwrap();
    assert!(!text(&ran).contains(own.to_str().unwrap()), "{}", text(&ran));
    drop(lock);
    assert!(File::open(&path).unwrap().try_lock().is_ok(), "somebody still holds the lock");
}
