//! A repository with one issue in the middle of its work, and `main` checked out somewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git_orch::context::{Context, Surroundings};
use git_orch::domain::ids::{Digest, IssueId};
use git_orch::domain::receipt::Receipt;
use git_orch::domain::session::{Seal, Session};
use git_orch::ops::births;
use git_orch::store::chain::{self, Change};
use git_orch::store::{layout, xml};

use crate::harness::{Ended, World};

/// Where `main` is checked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the main worktree.
    Main,
    /// In a linked worktree, while the main one is on another branch.
    Linked,
}

/// How the refs of the repository are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file a ref.
    Files,
    /// Tables, which git knows since 2.45.
    Reftable,
}

/// The repository, and what a route starts from.
pub struct Scene {
    pub world: World,
    /// The worktree that has `main` checked out.
    pub at: PathBuf,
    /// The worktree of issue 81.
    pub issue: PathBuf,
}

/// Everything of a worktree that a refusal must leave as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    head: String,
    branches: String,
    index: String,
    files: BTreeMap<String, String>,
    state: Vec<String>,
}

/// Whether the git under test is at least this version.
pub fn git_is(major: u32, minor: u32) -> bool {
    let world = World::new();
    let text = world.git(&["--version"]).ok().stdout;
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut next = || numbers.next().and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    (next(), next()) >= (major, minor)
}

/// The work of an issue: what its commits write, realistic enough to be recognised.
pub const WORK: &str = "def rebase_agent(branch, upstream):\n    \
    \"\"\"Replays the commits of branch on upstream, one at a time.\"\"\"\n    \
    commits = list_commits_between(upstream, branch)\n    \
    for number, commit in enumerate(commits, start=1):\n        \
    report_progress(number, len(commits), commit.subject)\n        \
    conflict = replay_commit(commit, upstream)\n        \
    if conflict is not None and not resolve_conflict(conflict):\n            \
    raise RebaseStopped(commit, conflict.paths)\n    \
    return finish_rebase(branch, commits)\n";

impl Scene {
    /// A repository in the usual form.
    pub fn new(place: Place) -> Self {
        Self::with(place, Form::Files).expect("every git keeps refs in files")
    }

    /// The same with refs in this form; `None` when the git under test does not know it.
    pub fn with(place: Place, form: Form) -> Option<Self> {
        let options: &[&str] = match form {
            Form::Files => &["-b", "main"],
            Form::Reftable if git_is(2, 45) => &["-b", "main", "--ref-format=reftable"],
            Form::Reftable => return None,
        };
        let world = World::named("repo", options);
        world.write("src/app.py", &base_text());
        world.write("Cargo.lock", "# generated\n");
        world.commit(&world.repo, "Add the application");
        world.orch(&["init", "--yes"]).ok();
        world.commit(&world.repo, "Set git-orch up");
        let at = match place {
            Place::Main => world.repo.clone(),
            Place::Linked => {
                let linked = world.root().join("linked");
                world.git(&["switch", "-q", "-c", "side"]).ok();
                world.git(&["worktree", "add", "-q", linked.to_str().expect("text"), "main"]).ok();
                linked
            }
        };
        let mut scene = Self { at, issue: world.worktree("81"), world };
        scene.issue = scene.open_issue("81");
        Some(scene)
    }

    /// Opens an issue and does three commits of work in it.
    pub fn open_issue(&self, id: &str) -> PathBuf {
        let world = &self.world;
        world.orch(&["new-issue", id, "--base", "main", "--yes"]).ok();
        let worktree = world.worktree(id);
        let name = |text: &str| text.replace("rebase", &format!("rebase_{id}"));
        world.write_in(&worktree, &format!("src/rebase_{id}.py"), &name(WORK));
        world.commit(&worktree, &format!("Add the rebase agent of {id}"));
        let app = base_text().replace("line 30 of", &format!("line 30, which {id} rewrote, of"));
        let app = app + &format!("\n\ndef entry_point_{id}():\n    return rebase_agent_{id}()\n");
        world.write_in(&worktree, "src/app.py", &app);
        world.commit(&worktree, &format!("Call the rebase agent of {id}"));
        let more =
            name(WORK) + &format!("\n\ndef describe_agent_{id}():\n    return 'agent {id}'\n");
        world.write_in(&worktree, &format!("src/rebase_{id}.py"), &more);
        world.commit(&worktree, &format!("Describe the agent of {id}"));
        worktree
    }

    /// Runs a script where `main` is checked out. `$ISSUE` is the worktree of the issue, `$TOP`
    /// the folder of everything, `$OFF` what switches hooks off.
    pub fn sh(&self, script: &str) -> Ended {
        self.sh_in(&self.at, script)
    }

    /// The same in another folder.
    pub fn sh_in(&self, folder: &Path, script: &str) -> Ended {
        let output = self
            .world
            .command(folder, "sh")
            .arg("-c")
            .arg(script)
            .env("ISSUE", &self.issue)
            .env("TOP", self.world.root())
            .env("OFF", "core.hooksPath=/dev/null")
            .output()
            .expect("sh");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Where `main` stands.
    pub fn main(&self) -> String {
        self.world.git_in(&self.at, &["rev-parse", "refs/heads/main"]).ok().line()
    }

    /// The state of the worktree that has `main` checked out.
    pub fn snapshot(&self) -> Snapshot {
        let git = |args: &[&str]| self.world.git_in(&self.at, args);
        let mut files = BTreeMap::new();
        gather(&self.at, &self.at, &mut files);
        let dir = PathBuf::from(git(&["rev-parse", "--absolute-git-dir"]).ok().line());
        let left = [
            "MERGE_HEAD",
            "MERGE_MSG",
            "CHERRY_PICK_HEAD",
            "REVERT_HEAD",
            "SQUASH_MSG",
            "rebase-merge",
            "rebase-apply",
            "sequencer",
            "index.lock",
            "HEAD.lock",
        ];
        Snapshot {
            head: git(&["symbolic-ref", "HEAD"]).stdout + &git(&["rev-parse", "HEAD"]).stdout,
            branches: git(&["for-each-ref", "refs/heads", "refs/tags"]).ok().stdout,
            index: git(&["ls-files", "--stage"]).ok().stdout,
            files,
            state: left
                .iter()
                .filter(|name| {
                    dir.join(name).exists()
                        || (name.ends_with("_HEAD")
                            && git(&["rev-parse", "-q", "--verify", name]).code == 0)
                })
                .map(|name| (*name).to_owned())
                .collect(),
        }
    }

    /// The repository as the library opens it.
    pub fn context(&self) -> Context {
        let around = Surroundings { folder: self.world.repo.clone(), ..Surroundings::default() };
        Context::open_at(around, &self.world.repo, "test").expect("repository")
    }

    /// Seals the receipt of an issue, without asking for checks and learnings.
    pub fn seal(&self, id: &str) {
        let ctx = self.context();
        let issue: IssueId = id.parse().expect("id");
        let chain = chain::open(&ctx.repo, &issue).expect("chain").expect("issue");
        let session = &chain.session;
        let covered = births::gather(&ctx, session).expect("births");
        let tip = ctx.repo.branch_tip(session.branch.as_str()).expect("tip").expect("branch");
        let receipt = Receipt {
            issue,
            session: session.id.clone(),
            base: session.fork.clone(),
            tree: ctx.repo.objects.commit(&tip).expect("commit").tree,
            tip: tip.clone(),
            whole: None,
            waiver: None,
            covered: covered.clone(),
            learnings: Digest::of(b"none"),
            evidence: Digest::of(b"none"),
            sealed: ctx.now,
            tool: "test".to_owned(),
        };
        let bytes = xml::receipt::write(&receipt).into_bytes();
        let seal = Seal { receipt: Digest::of(&bytes), tip, at: ctx.now };
        let files = vec![(layout::RECEIPT.to_owned(), bytes)];
        let done = |session: &mut Session| {
            while let Some(next) = session.phase.next() {
                *session = session.moved(next, &seal.tip, ctx.now, None);
            }
            session.births = covered;
            session.seal = Some(seal.clone());
        };
        self.record(id, done, files);
    }

    fn record(&self, id: &str, change: impl FnOnce(&mut Session), files: Vec<(String, Vec<u8>)>) {
        let ctx = self.context();
        let chain = chain::open(&ctx.repo, &id.parse().expect("id")).expect("chain");
        let chain = chain.expect("issue");
        let mut session = chain.session.clone();
        change(&mut session);
        let change = Change {
            session: &session,
            files,
            subject: "Change by a test",
            author: "Ada <ada@example.org>",
            at: ctx.now,
        };
        chain::append(&ctx.repo, Some(&chain.tip), change).expect("append");
    }
}

/// Every file of a worktree with its content, git's own left out.
fn gather(top: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.file_name().is_some_and(|name| name == ".git") {
            continue;
        }
        if path.is_dir() {
            gather(top, &path, files);
        } else {
            let name = path.strip_prefix(top).expect("below").display().to_string();
            let bytes = std::fs::read(&path).expect("file");
            files.insert(name, Digest::of(&bytes).to_string());
        }
    }
}

fn base_text() -> String {
    (1..60).map(|n| format!("value_{n} = compute('line {n} of the application')\n")).collect()
}
