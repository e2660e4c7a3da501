//! What git-orch costs, as ratios against git in the same run, medians of several.
//!
//! `scripts/bench.sh walk` prints the table that `docs/speed.md` shows. Each pair is run
//! alternately, so that whatever else the machine does falls on both.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark starts programs, prints and may panic"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Times of one thing, and of the thing it is compared with.
struct Pair {
    ours: Vec<Duration>,
    theirs: Vec<Duration>,
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn report(name: &str, pair: &Pair, limit: f64) {
    let (ours, theirs) = (median(&pair.ours), median(&pair.theirs));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "{name:<46} {:>8.1} ms {:>8.1} ms {ratio:>6.2} x  (aim {limit:.2} x)",
        millis(ours),
        millis(theirs)
    );
}

fn report_alone(name: &str, times: &[Duration], limit: f64) {
    println!("{name:<46} {:>8.1} ms {:>27}(aim {limit:.0} ms)", millis(median(times)), "");
}

struct World {
    top: TempDir,
}

/// How large files are.
#[derive(Clone, Copy)]
enum Size {
    /// About 1 KB each.
    Small,
    /// As source files are: half of them below 3 KB, one in a hundred above 60 KB, 7 KB on average
    /// (the shape of the sources of this program's own dependencies).
    Source,
}

impl Size {
    /// The text of file `n`; no two are alike.
    fn text(self, n: usize) -> String {
        let lines = match self {
            Self::Small => 40 + n % 60,
            // Quantiles of the sizes, in lines of 35 bytes, in an order that mixes them.
            Self::Source => match (n * 37) % 100 {
                rank @ 0..50 => 4 + rank * 2,
                rank @ 50..90 => 86 + (rank - 50) * 8,
                rank @ 90..99 => 420 + (rank - 90) * 120,
                _ => 2000,
            },
        };
        (0..lines)
            .map(|line| format!("    let x{line} = f{n}(y{}, {});\n", line * 7, n * line))
            .collect()
    }
}

impl World {
    fn new(files: usize) -> Self {
        Self::of(files, Size::Small)
    }

    /// A repository as a clone has it: packed, its files clean.
    fn of(files: usize, size: Size) -> Self {
        let world = Self { top: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(world.repo()).unwrap();
        world.git(&["init", "-q", "-b", "main"]);
        for n in 0..files {
            let folder = world.repo().join(format!("d{}", n / 100));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("f{n}.txt")), size.text(n)).unwrap();
        }
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "Begin"]);
        world.git(&["repack", "-adq"]);
        // Freshly written files are racily clean; a second later they are simply clean.
        std::thread::sleep(Duration::from_millis(1100));
        world.git(&["status", "--porcelain"]);
        world
    }

    fn repo(&self) -> PathBuf {
        self.top.path().join("repo")
    }

    fn command(&self, folder: &Path, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("HOME", self.top.path())
            .env("XDG_STATE_HOME", self.top.path().join("state"))
            .envs(["AUTHOR", "COMMITTER"].map(|r| (format!("GIT_{r}_NAME"), "Ada")))
            .envs(["AUTHOR", "COMMITTER"].map(|r| (format!("GIT_{r}_EMAIL"), "a@example.org")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn timed(&self, folder: &Path, program: &str, args: &[&str]) -> Duration {
        let mut command = self.command(folder, program);
        let start = Instant::now();
        let status = command.args(args).status().unwrap();
        let took = start.elapsed();
        assert!(status.success(), "{program} {args:?} in {}", folder.display());
        took
    }

    fn run(&self, program: &str) {
        self.timed(&self.repo(), program, &[]);
    }

    fn git(&self, args: &[&str]) -> Duration {
        self.timed(&self.repo(), "git", args)
    }

    fn orch(&self, args: &[&str]) -> Duration {
        self.timed(&self.repo(), &program(), args)
    }
}

/// The program to measure: `scripts/bench.sh` names the one that is installed.
fn program() -> String {
    std::env::var("GIT_ORCH").unwrap_or_else(|_| env!("CARGO_BIN_EXE_git-orch").to_owned())
}

/// `new-issue` against a plain `git worktree add` in the same repository without our hooks.
fn new_issue(files: usize, size: Size, limit: f64) {
    let plain = World::of(files, size);
    let world = World::of(files, size);
    world.orch(&["init", "--yes"]);
    let mut pair = Pair { ours: Vec::new(), theirs: Vec::new() };
    for round in 0..7 {
        let (branch, path) = (format!("b{round}"), format!("../w{round}"));
        // What one leaves to be written later is not to be waited for by the other.
        plain.run("sync");
        pair.theirs.push(plain.git(&["worktree", "add", "-q", "-b", &branch, &path]));
        plain.run("sync");
        pair.ours.push(world.orch(&["new-issue", &format!("{round}"), "--yes"]));
    }
    let kind = match size {
        Size::Small => "small",
        Size::Source => "source",
    };
    report(&format!("new-issue, {files} {kind} files / worktree add"), &pair, limit);
}

/// A do-nothing native program in the place of each hook.
fn do_nothing_hooks(world: &World) {
    let source = world.top.path().join("nothing.c");
    std::fs::write(&source, "int main(void){return 0;}\n").unwrap();
    let hooks = world.repo().join(".git/hooks");
    for hook in [
        "reference-transaction",
        "pre-push",
        "pre-merge-commit",
        "pre-rebase",
        "prepare-commit-msg",
    ] {
        let out = hooks.join(hook);
        let args = ["-O2", "-o", out.to_str().unwrap(), source.to_str().unwrap()];
        world.timed(world.top.path(), "cc", &args);
    }
}

/// `git commit` and `git merge` with our hooks against do-nothing native ones, in the same place:
/// on an issue's branch, and on main.
fn hooks() {
    let ours = World::new(1000);
    ours.orch(&["init", "--yes"]);
    ours.orch(&["new-issue", "1", "--yes"]);
    let plain = World::new(1000);
    do_nothing_hooks(&plain);
    plain.git(&["worktree", "add", "-q", "-b", "issue/1", "../repo.worktrees/1"]);
    for (name, place) in [("on an issue's branch", "repo.worktrees/1"), ("on main", "repo")] {
        let mut pair = Pair { ours: Vec::new(), theirs: Vec::new() };
        for round in 0..31 {
            for (world, times) in [(&ours, &mut pair.ours), (&plain, &mut pair.theirs)] {
                let folder = world.top.path().join(place);
                // Other words in each place: the same content would be the issue's work on main.
                let text = format!("{place}, round {round}\n");
                std::fs::write(folder.join("d0/f1.txt"), text).unwrap();
                times.push(world.timed(&folder, "git", &["commit", "-qam", "Change"]));
            }
        }
        report(&format!("git commit {name} / do-nothing hooks"), &pair, 1.3);
    }
    let mut pair = Pair { ours: Vec::new(), theirs: Vec::new() };
    for round in 0..31 {
        for (world, times) in [(&ours, &mut pair.ours), (&plain, &mut pair.theirs)] {
            let branch = format!("topic{round}");
            world.git(&["switch", "-qc", &branch]);
            std::fs::write(world.repo().join("d1/f101.txt"), format!("topic {round}\n")).unwrap();
            world.git(&["commit", "-qam", "Topic"]);
            world.git(&["switch", "-q", "main"]);
            times.push(world.git(&["merge", "-q", "--no-ff", "--no-edit", &branch]));
        }
    }
    report("git merge --no-ff into main / do-nothing hooks", &pair, 1.3);
}

/// One durable change of state, and reading the state of fifty issues.
fn state() {
    let world = World::new(100);
    world.orch(&["init", "--yes"]);
    for n in 1..=50 {
        world.orch(&["new-issue", &n.to_string(), "--yes"]);
    }
    let mut pair = Pair { ours: Vec::new(), theirs: Vec::new() };
    for round in 0..31 {
        pair.ours.push(world.orch(&["task", "add", &format!("Step {round}"), "--issue", "1"]));
        pair.theirs.push(world.git(&[
            "-c",
            "core.fsync=all",
            "-c",
            "core.hooksPath=/dev/null",
            "commit",
            "--allow-empty",
            "-qm",
            "x",
        ]));
    }
    report("task add (durable) / durable empty commit", &pair, 1.0);
    report_alone("task add, whole command", &pair.ours, 10.0);
    let status: Vec<Duration> = (0..31).map(|_| world.orch(&["status"])).collect();
    report_alone("status, 50 issues open", &status, 100.0);
}

fn main() {
    // `cargo test --benches` calls with --test; there is nothing to test here.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    // `scripts/bench.sh walk hooks` measures that part alone.
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|name| name == part);
    println!("{:<46} {:>11} {:>11} {:>8}", "", "git-orch", "git", "ratio");
    if wanted("new-issue") {
        new_issue(100, Size::Source, 1.3);
        new_issue(10_000, Size::Source, 0.7);
        new_issue(10_000, Size::Small, 0.7);
    }
    if wanted("hooks") {
        hooks();
    }
    if wanted("state") {
        state();
    }
}
