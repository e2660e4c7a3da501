#![expect(clippy::disallowed_methods, reason = "it is told where to look, and writes files")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]
//! Attribution measured on a real history: each topic of it becomes the work of an open issue and
//! is brought onto a protected branch in ways that keep no commit id; then other topics are, which
//! must pass. `scripts/attribution.sh REPOSITORY` runs it and prints the figures for
//! `docs/gate.md`; without a repository a small part of that runs on a history made here.

mod harness;

use std::collections::BTreeMap;
use std::path::PathBuf;

use git_orch::context::{Context, Surroundings};
use git_orch::domain::gate::{Case, Verdict};
use git_orch::domain::ids::{CommitId, IssueId};
use git_orch::ops::gate::{Gate, Proposal, Strays};
use git_orch::store::births;
use harness::World;

/// A piece of work: commits on top of a base.
struct Topic {
    base: String,
    tip: String,
    commits: Vec<String>,
    /// Lines it adds.
    size: usize,
}

/// A repository in which issue 81 is open, with the history below `refs/history`.
struct Bench {
    world: World,
    topics: Vec<Topic>,
}

impl Bench {
    fn on(history: &str) -> Self {
        let world = World::ready();
        world.orch(&["new-issue", "81", "--yes"]).ok();
        world.git(&["fetch", "-q", history, "HEAD:refs/history"]).ok();
        let mut bench = Self { world, topics: Vec::new() };
        bench.topics = bench.find();
        bench
    }

    fn git(&self, line: &str) -> String {
        self.world.sh(&self.world.repo, line).stdout.trim_end().to_owned()
    }

    /// Every commit with one parent, and every merged branch of several.
    fn find(&self) -> Vec<Topic> {
        let mut topics = Vec::new();
        let single = self.git("git log --no-merges --format='%H %P' refs/history");
        for line in single.lines() {
            let Some((tip, base)) = line.split_once(' ').filter(|(_, base)| !base.is_empty())
            else {
                continue;
            };
            topics.push((base.to_owned(), tip.to_owned(), vec![tip.to_owned()]));
        }
        let merges = self.git("git log --merges --format='%P' refs/history");
        for line in merges.lines() {
            let parents: Vec<&str> = line.split(' ').collect();
            let [first, second] = parents[..] else { continue };
            let list = self.git(&format!("git rev-list --no-merges {first}..{second}"));
            let commits: Vec<String> = list.lines().map(str::to_owned).collect();
            let base = self.git(&format!("git merge-base {first} {second}"));
            // A branch that ends in a merge of the base holds more than its own commits.
            let whole = commits.iter().any(|commit| commit == second);
            if commits.len() > 1 && whole && !base.is_empty() {
                topics.push((base, second.to_owned(), commits));
            }
        }
        let sized = topics.into_iter().filter_map(|(base, tip, commits)| {
            let stat = self.git(&format!("git diff --numstat {base} {tip}"));
            let added = stat.lines().filter_map(|l| l.split('\t').next()?.parse::<usize>().ok());
            let size = added.sum();
            (size > 0).then_some(Topic { base, tip, commits, size })
        });
        sized.collect()
    }

    /// Makes the topic the work of the issue.
    fn own(&self, topic: &Topic) -> Gate {
        let at =
            ["-c", "core.hooksPath=/dev/null", "update-ref", "refs/heads/issue/81", &topic.tip];
        self.world.git(&at).ok();
        let around = Surroundings { folder: self.world.repo.clone(), ..Surroundings::default() };
        let ctx = Context::open_at(around, &self.world.repo, "test").expect("repository");
        let id: IssueId = "81".parse().expect("id");
        let own = ctx.repo.own_folder();
        births::forget(&own, &id).expect("births");
        let _ = std::fs::remove_dir_all(own.join("prints"));
        let mut commits: Vec<CommitId> = topic.commits.iter().map(|c| commit(c)).collect();
        commits.reverse();
        births::note(&own, &id, &commits).expect("births");
        Gate::of(ctx.repo)
    }

    /// How the gate recognises `new` on top of `there`; `None` when it does not.
    fn found(gate: &Gate, new: &str, there: &str) -> Option<String> {
        let proposal = Proposal {
            case: Case::onto("main"),
            new: vec![commit(new)],
            there: vec![commit(there)],
            judged: Vec::new(),
            strays: Strays::All,
        };
        match gate.judge(&proposal).expect("judged") {
            Verdict::Refuse(refusal) => refusal.unmet.first().map(|unmet| unmet.why.clone()),
            _ => None,
        }
    }

    /// The topic in another form: the new commit and what it is on.
    fn changed(&self, topic: &Topic, how: How) -> Option<(String, String)> {
        let Topic { base, tip, .. } = topic;
        let (on, tree) = match how {
            How::Squashed => (base.clone(), format!("{tip}^{{tree}}")),
            How::Elsewhere => {
                let on = self.git(&format!("git rev-parse -q --verify {base}~8"));
                let tree = self.git(&format!(
                    "git merge-tree --write-tree --merge-base={base} {on} {tip} || echo conflict"
                ));
                (on, tree.lines().next()?.to_owned())
            }
            How::Edited => (base.clone(), self.edited(topic, "")?),
            How::Moved => (base.clone(), self.edited(topic, "moved/")?),
        };
        let new = self.git(&format!("git commit-tree -p {on} -m 'Something else' {tree}"));
        let same = self.git(&format!("git diff --name-only {on} {tree} | head -1")).is_empty();
        (new.len() >= 40 && !same).then_some((new, on))
    }

    /// The tree with every fifth added line written otherwise, below `folder`.
    fn edited(&self, topic: &Topic, folder: &str) -> Option<String> {
        let Topic { base, tip, .. } = topic;
        let list =
            self.git(&format!("git diff --no-renames --diff-filter=AM --name-only {base} {tip}"));
        let mut script = format!(
            "export GIT_INDEX_FILE='{}'; git read-tree {} &&",
            self.world.root().join("index").display(),
            if folder.is_empty() { tip } else { base }
        );
        for (number, path) in list.lines().enumerate() {
            let old = self.git(&format!("git show '{base}:{path}' 2>/dev/null"));
            let new = self.git(&format!("git show '{tip}:{path}'"));
            let there: std::collections::BTreeSet<&str> = old.lines().collect();
            let mut count = 0;
            let mut text = String::new();
            for line in new.lines() {
                let is_new = !there.contains(line);
                count += usize::from(is_new);
                let otherwise = is_new && count % 5 == 0;
                text.push_str(line);
                text.push_str(if otherwise { " and something else\n" } else { "\n" });
            }
            let file = self.world.root().join(format!("text-{number}"));
            std::fs::write(&file, text).expect("text");
            script.push_str(&format!(
                " git update-index --add --cacheinfo \"100644,$(git hash-object -w '{}'),{folder}{path}\" &&",
                file.display()
            ));
        }
        let tree = self.git(&format!("{script} git write-tree"));
        (!list.is_empty() && !tree.is_empty()).then_some(tree)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// As one commit on its own base.
    Squashed,
    /// As one commit on a base eight commits away.
    Elsewhere,
    /// With every fifth added line written otherwise.
    Edited,
    /// The same, under other paths.
    Moved,
}

fn commit(text: &str) -> CommitId {
    text.parse().expect("commit")
}

/// Figures of one form, for topics that add enough lines to tell, and smaller ones.
#[derive(Default)]
struct Count {
    found: [usize; 2],
    missed: [usize; 2],
}

fn measure(bench: &Bench, pairs: usize) -> (BTreeMap<How, Count>, usize, Vec<String>) {
    let mut counts: BTreeMap<How, Count> = BTreeMap::new();
    let mut alarms = Vec::new();
    let mut asked = 0;
    let each = pairs / bench.topics.len().max(1) + 1;
    for (at, topic) in bench.topics.iter().enumerate() {
        let gate = bench.own(topic);
        for how in [How::Squashed, How::Elsewhere, How::Edited, How::Moved] {
            let Some((new, on)) = bench.changed(topic, how) else { continue };
            let small = usize::from(topic.size < 12);
            let count = counts.entry(how).or_default();
            if Bench::found(&gate, &new, &on).is_some() {
                count.found[small] += 1;
            } else {
                count.missed[small] += 1;
                println!("missed: {how:?} of {} ({} lines)", &topic.tip[..10], topic.size);
            }
        }
        // Others that neither hold the topic nor are part of it, spread over the history.
        let step = (bench.topics.len() / each).max(1);
        for other in bench.topics.iter().skip(at % step).step_by(step) {
            let apart = other.commits.len() == 1
                && !topic.commits.contains(&other.tip)
                && !bench.holds(&other.tip, &topic.tip);
            if apart {
                asked += 1;
                if let Some(why) = Bench::found(&gate, &other.tip, &other.base) {
                    alarms.push(format!(
                        "{} taken for {}: {why}",
                        &other.tip[..10],
                        &topic.tip[..10]
                    ));
                }
            }
        }
    }
    (counts, asked, alarms)
}

impl Bench {
    fn holds(&self, tip: &str, other: &str) -> bool {
        self.world.git(&["merge-base", "--is-ancestor", other, tip]).code == 0
    }
}

fn report(counts: &BTreeMap<How, Count>, asked: usize, alarms: &[String]) {
    println!("| form | found | missed | found, under 12 lines | missed, under 12 lines |");
    for (how, count) in counts {
        let ([f, fs], [m, ms]) = (count.found, count.missed);
        println!("| {how:?} | {f} | {m} | {fs} | {ms} |");
    }
    println!("other topics: {asked}, refused: {}", alarms.len());
    for alarm in alarms {
        println!("refused: {alarm}");
    }
}

/// The same on a history of a few commits, so that the measurement itself stays right.
#[test]
fn copies_are_found_and_others_pass() {
    let source = World::new();
    for n in 1..8 {
        let words = ["parse", "store", "send", "paint", "count", "merge", "sort"];
        let word = words[n - 1];
        let text: String = (1..30)
            .map(|line| format!("fn {word}_{line}() -> usize {{ {word}({line} * {n}) }}\n"))
            .collect();
        source.write(&format!("src/{word}.rs"), &text);
        source.commit(&source.repo, &format!("Add {word}"));
    }
    let bench = Bench::on(&source.repo.display().to_string());
    let (counts, asked, alarms) = measure(&bench, 50);
    assert!(counts.values().all(|count| count.missed == [0, 0] && count.found[0] > 0));
    assert!(asked > 10);
    assert_eq!(alarms, Vec::<String>::new());
}

/// `ORCH_HISTORY` names the repository, `ORCH_PAIRS` how many other topics are tried.
#[test]
#[ignore = "measures a history of the user's: scripts/attribution.sh"]
fn on_a_history() {
    let history = PathBuf::from(std::env::var_os("ORCH_HISTORY").expect("ORCH_HISTORY"));
    let pairs = std::env::var("ORCH_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(3000);
    let bench = Bench::on(&history.display().to_string());
    println!("{} topics", bench.topics.len());
    let (counts, asked, alarms) = measure(&bench, pairs);
    report(&counts, asked, &alarms);
}
