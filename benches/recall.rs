//! Recall over 10,000 finished issues with 30,000 learnings, and what they cost open work.
//!
//! `scripts/bench.sh recall` prints a table. The texts are real: messages of this repository's own
//! history, or of that which `RECALL_HISTORY` names, and lines of the change logs of the packages this
//! project depends on, as cargo unpacked them. `RECALL_SESSIONS` sets another number of issues. Every
//! tenth issue's first learning is reviewed, so that briefs have something to tell.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark starts programs, prints and may panic"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use git_orch::domain::evidence::{Evidence, Outcome, Subject};
use git_orch::domain::ids::Digest;
use git_orch::domain::learning::anchor::Anchor;
use git_orch::domain::learning::standing::{Act, Mark};
use git_orch::domain::learning::{Kind, Learning};
use git_orch::domain::phase::Phase;
use git_orch::domain::session::{End, Ending, Move, Session};
use git_orch::domain::spec::{Check, Criterion, FrozenSpec, Spec};
use git_orch::domain::time::Moment;
use git_orch::store::xml;
use tempfile::TempDir;

const LEARNINGS: usize = 3;
const QUESTIONS: usize = 60;

fn main() {
    let sessions: usize =
        std::env::var("RECALL_SESSIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let lines = lines();
    println!("{} real lines; {sessions} issues, {} learnings", lines.len(), sessions * LEARNINGS);
    let world = World::new();
    let before = world.open_work();
    world.import(0, sessions, &lines);
    world.review(sessions);
    world.git(&["pack-refs", "--all"]);
    // A ref that changed within the last second is looked at again, whatever the index says.
    std::thread::sleep(Duration::from_millis(2_100));

    report("index built from nothing", &[world.timed(&["recall", "--rebuild"])]);
    std::thread::sleep(Duration::from_millis(2_100));
    world.timed(&["recall", "cache"]);
    let questions: Vec<String> =
        (0..QUESTIONS).map(|n| words(&lines[n * 97 % lines.len()], 5)).collect();
    let warm: Vec<Took> = questions.iter().map(|q| world.timed(&["recall", q])).collect();
    report("recall by words, warm", &warm);
    let errors: Vec<Took> = (0..20)
        .map(|n| world.timed(&["recall", "--error", &lines[n * 131 % lines.len()]]))
        .collect();
    report("recall by an error text, warm", &errors);
    let start: Vec<Took> = (0..20).map(|_| world.timed(&["--version"])).collect();
    report("  of this, starting the program", &start);
    world.import(sessions, sessions + 10, &lines);
    report("recall after 10 more issues", &[world.timed(&["recall", "cache"])]);
    std::thread::sleep(Duration::from_millis(2_100));
    world.timed(&["recall", "cache"]);
    report("patterns", &[world.timed(&["patterns"])]);
    report("archive list", &[world.timed(&["archive", "list"])]);
    let after = world.open_work();
    println!("open work without and with all of it:");
    for ((name, without), (_, with)) in before.iter().zip(&after) {
        let clock = |times: &[Took]| {
            millis(median(&times.iter().map(|took| took.clock).collect::<Vec<_>>()))
        };
        let (a, b) = (clock(without), clock(with));
        println!("  {name:<34} {a:>8.1} ms {b:>8.1} ms {:>6.2} x", b / a);
    }
}

/// Messages of a history, and lines of change logs that say what was changed.
fn lines() -> Vec<String> {
    let history =
        std::env::var("RECALL_HISTORY").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let log =
        Command::new("git").args(["-C", &history, "log", "--format=%s%n%b"]).output().unwrap();
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    let said = |line: &str| (30..220).contains(&line.len()).then(|| line.to_owned());
    let messages: Vec<String> = log.lines().filter_map(|line| said(line.trim())).collect();
    let home = match std::env::var("CARGO_HOME") {
        Ok(home) => PathBuf::from(home),
        Err(_) => PathBuf::from(std::env::var("HOME").unwrap()).join(".cargo"),
    };
    let mut lines = messages;
    let folders = |path: &Path| -> Vec<PathBuf> {
        let mut list: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        list.sort();
        list
    };
    for registry in folders(&home.join("registry/src")) {
        for package in folders(&registry) {
            let text = std::fs::read_to_string(package.join("CHANGELOG.md")).unwrap_or_default();
            lines.extend(text.lines().filter_map(|line| {
                let line = line.trim().strip_prefix(['-', '*'])?.trim();
                said(line)
            }));
        }
    }
    lines.sort();
    lines.dedup();
    assert!(lines.len() > 500, "there is too little to make texts from");
    lines
}

fn words(line: &str, most: usize) -> String {
    line.split_whitespace().take(most).collect::<Vec<_>>().join(" ")
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn report(name: &str, times: &[Took]) {
    let clock: Vec<Duration> = times.iter().map(|took| took.clock).collect();
    let busy: f64 = times.iter().filter_map(|took| took.busy).sum();
    let (clock, many) = (millis(median(&clock)), times.len());
    let busy = busy / f64::from(u32::try_from(many).unwrap());
    println!("{name:<36} {clock:>8.1} ms (median of {many}), {busy:>8.1} ms of a processor (mean)");
}

/// The program to measure: `scripts/bench.sh` names the one that is installed.
fn program() -> String {
    std::env::var("GIT_ORCH").unwrap_or_else(|_| env!("CARGO_BIN_EXE_git-orch").to_owned())
}

/// How long a command took, and how long a processor was busy with it, which other programs that run
/// beside it make longer by less.
#[derive(Clone, Copy)]
struct Took {
    clock: Duration,
    busy: Option<f64>,
}

/// How long processors were busy with our children that ended, in milliseconds, where Linux tells.
fn busy() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u32>().ok();
    // A tick is a hundredth of a second.
    Some(f64::from(ticks(13)? + ticks(14)?) * 10.0)
}

/// A finished issue, made of real lines.
fn session(number: usize, lines: &[String]) -> Session {
    let at = |hours: usize| {
        Moment::from_seconds(1_700_000_000 + i64::try_from(number * 3_600 + hours * 600).unwrap())
    };
    let line = |n: usize| lines[(number * 7 + n * 1_009) % lines.len()].clone();
    let commit = format!("{:040x}", number + 1).parse().unwrap();
    let learning = |n: usize| {
        let number_in = u32::try_from(n + 1).unwrap();
        Learning {
            number: number_in,
            kind: Kind::ALL[(number + n) % 6],
            trigger: words(&line(n + 3), 6),
            error: n.eq(&0).then(|| format!("error: {}", words(&line(n + 11), 9))),
            paths: vec![format!("src/part{}/file{}.rs", number % 40, (number + n) % 300)],
            lesson: line(n + 20),
            evidence: format!("evidence {number_in}"),
            anchor: Anchor { check: Some(number_in), ..Anchor::default() },
            author: "compact-agent".to_owned(),
            at: at(5),
            expires: None,
        }
    };
    let step = |from: Phase, to: Phase, hours: usize| Move {
        from,
        to,
        at: at(hours + number % 5),
        tip: commit_of(number),
        reason: None,
    };
    let red = Evidence {
        number: 1,
        subject: Subject::Criterion(1),
        command: "cargo test".to_owned(),
        commit: commit_of(number),
        tree: format!("{:040x}", number + 1).parse().unwrap(),
        started: at(2),
        millis: 1_200,
        outcome: if number.is_multiple_of(3) { Outcome::Exit(101) } else { Outcome::Green },
        tests: Some(3),
        output: Digest::of(b"x"),
        confirmed: None,
    };
    Session {
        issue: format!("L{}-{}", number % 7, number + 1).parse().unwrap(),
        id: format!("walk-{number}"),
        title: words(&line(1), 8),
        source: None,
        created: at(0),
        branch: format!("issue/L{}-{}", number % 7, number + 1).parse().unwrap(),
        base: "main".to_owned(),
        fork: commit,
        worktree: format!("/nowhere/{number}"),
        phase: Phase::Complete,
        end: Some(End { how: Ending::Landed { into: "main".to_owned() }, at: at(9) }),
        spec: Some(FrozenSpec {
            digest: Digest::of(b"x"),
            at: at(1),
            spec: Spec {
                goal: line(2),
                criteria: vec![Criterion {
                    number: 1,
                    text: words(&line(number % 3), 9),
                    check: Check::Command("cargo test".to_owned()),
                }],
                questions: Vec::new(),
            },
        }),
        tasks: Vec::new(),
        evidence: vec![red],
        learnings: (0..LEARNINGS).map(learning).collect(),
        none_learned: None,
        seal: None,
        births: Vec::new(),
        moves: vec![
            step(Phase::Discussion, Phase::Execute, 1),
            step(Phase::Execute, Phase::Validate, 3),
            step(Phase::Validate, Phase::Compact, 6),
            step(Phase::Compact, Phase::Complete, 8),
        ],
    }
}

fn commit_of(number: usize) -> git_orch::domain::ids::CommitId {
    format!("{:040x}", number + 1).parse().unwrap()
}

struct World {
    top: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { top: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(world.repo()).unwrap();
        world.git(&["init", "-q", "-b", "main"]);
        std::fs::write(world.repo().join("a.txt"), "a line\n").unwrap();
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "Begin"]);
        world.timed(&["init", "--yes"]);
        world
    }

    fn repo(&self) -> PathBuf {
        self.top.path().join("repo")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.repo())
            .env("HOME", self.top.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.org")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn git(&self, args: &[&str]) {
        assert!(self.command("git").args(args).status().unwrap().success(), "git {args:?}");
    }

    /// How long git-orch takes.
    fn timed(&self, args: &[&str]) -> Took {
        let mut command = self.command(&program());
        command.args(args);
        let (begin, before) = (Instant::now(), busy());
        let status = command.status().unwrap();
        let clock = begin.elapsed();
        assert!(status.success(), "git-orch {args:?}");
        Took { clock, busy: busy().zip(before).map(|(after, before)| after - before) }
    }

    /// What open work costs: three commands, several times each.
    fn open_work(&self) -> Vec<(&'static str, Vec<Took>)> {
        let title = "Fix the cache of parsed files, and update its documentation";
        self.timed(&["new-issue", "O-1", "--title", title, "--yes"]);
        let times = |args: &[&str]| (0..15).map(|_| self.timed(args)).collect::<Vec<_>>();
        std::thread::sleep(Duration::from_millis(2_100));
        vec![
            ("status", times(&["status"])),
            ("show", times(&["show", "O-1"])),
            ("prime", times(&["prime", "O-1"])),
        ]
    }

    /// Has a person accept the first learning of every tenth issue.
    fn review(&self, sessions: usize) {
        let mut stream: Vec<u8> = Vec::new();
        let when = "1700000000 +0000";
        writeln!(
            stream,
            "commit refs/git-orch/learnings\ncommitter Ada <ada@x> {when}\ndata 6\nReview"
        )
        .unwrap();
        for number in (0..sessions).step_by(10) {
            let id: git_orch::domain::ids::IssueId =
                format!("L{}-{}", number % 7, number + 1).parse().unwrap();
            let mark = Mark {
                learning: 1,
                act: Act::Accepted,
                at: Moment::from_seconds(1_700_000_000),
                by: "Ada <ada@example.org>".to_owned(),
                issue: None,
                reason: None,
                successor: None,
            };
            let text = xml::marks::write(&id, &[mark]);
            writeln!(stream, "M 100644 inline marks/{id}.xml\ndata {}\n{text}", text.len())
                .unwrap();
        }
        self.fast_import(&stream);
    }

    /// Puts issues into the archive.
    fn import(&self, from: usize, to: usize, lines: &[String]) {
        let mut stream: Vec<u8> = Vec::new();
        for number in from..to {
            let session = session(number, lines);
            let log = xml::session_log::write(&session);
            let output = format!("running 3 tests\nerror: {}\n", lines[number % 400]);
            let mut head = String::new();
            writeln!(head, "commit refs/git-orch/archive/{}", session.issue).unwrap();
            writeln!(head, "committer Ada <ada@example.org> {} +0000", 1_700_000_000 + number)
                .unwrap();
            let message = format!(
                "Archive\n\nPhase: complete\nBranch: {}\nFork: {}\n",
                session.branch, session.fork
            );
            writeln!(head, "data {}\n{message}", message.len()).unwrap();
            stream.extend(head.bytes());
            for (path, text) in [("session-log.xml", &log), ("evidence/0001.txt", &output)] {
                stream.extend(
                    format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len()).bytes(),
                );
            }
        }
        self.fast_import(&stream);
    }

    /// What `git fast-import` takes.
    fn fast_import(&self, stream: &[u8]) {
        let mut command = self.command("git");
        command.args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stream).unwrap();
        assert!(child.wait().unwrap().success(), "git fast-import");
    }
}
