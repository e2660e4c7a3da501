//! Where our files are, each place named once.

use crate::domain::ids::IssueId;

/// Folder in each worktree that is the working copy of its issue's record.
pub const CONTEXT: &str = ".context";
/// Folder in `.context/` for what agents print.
pub const LOGS: &str = ".context/logs";
/// The record, in `.context/` and in the state chain.
pub const SESSION_LOG: &str = "session-log.xml";
/// The flag in `.context/` that says a receipt is sealed; the proof is the receipt.
pub const FLAG: &str = "compaction-complete.flag";
/// In `.context/`: why nothing was learned, from an agent that cannot run `git orch learn none`.
pub const NONE_LEARNED: &str = "none-learned.txt";
/// The specification, in `.context/` while it is a draft, in the chain once frozen.
pub const SPEC: &str = "spec.md";
/// The receipt, in the state chain.
pub const RECEIPT: &str = "receipt.xml";
/// Folder of the chain that keeps the output of checks, a file a piece of evidence.
pub const EVIDENCE: &str = "evidence";
/// What stood there before the issue was opened: its `branch`, or that with its `worktree`.
pub const FOUND: &str = "found";

/// Folder in the main worktree for what a team shares and what is archived.
pub const ORCHESTRATION: &str = ".orchestration";
/// The team's configuration, tracked.
pub const CONFIG: &str = ".orchestration/config.toml";
/// Finished sessions, readable, excluded from git by default.
pub const SESSIONS: &str = ".orchestration/archived-sessions";
/// Folder of an archive for what agents printed; on this machine alone.
pub const TRANSCRIPTS: &str = "transcripts";
/// Signals of lanes, a folder a run.
pub const SIGNALS: &str = ".orchestration/signals";
/// Reports of runs of lanes.
pub const REPORTS: &str = ".orchestration/reports";
/// Receipts that travel in the tree.
pub const RECEIPTS: &str = ".orchestration/receipts";
/// Overrides of our templates.
pub const TEMPLATES: &str = ".orchestration/templates";

/// Lines of `info/exclude`: what we write and nobody should commit by accident.
pub const EXCLUDED: [&str; 5] = [
    "/.context/",
    "/.orchestration/archived-sessions/",
    "/.orchestration/signals/",
    "/.orchestration/reports/",
    "/.orchestration/index/",
];

/// Folders below the common directory's `git-orch/`.
pub mod own {
    /// Lock files; never removed.
    pub const LOCKS: &str = "locks";
    /// What was born on each issue's branch, a file an issue.
    pub const BIRTHS: &str = "births";
    /// Commits on issues' branches that a hook wrote down and nobody has looked at yet.
    pub const PENDING: &str = "pending";
    /// Intents of operations that are under way.
    pub const INTENTS: &str = "intents";
    /// What was removed, until it is emptied.
    pub const TRASH: &str = "trash";
    /// What `init` did, so that `uninit` can undo exactly that.
    pub const MANIFEST: &str = "install.json";
    /// How the runs of each issue's agents stand, a file an issue.
    pub const RUNS: &str = "runs";
    /// Runs of lanes.
    pub const LANES: &str = "lanes";
    /// Last judged value of each protected branch.
    pub const JUDGED: &str = "judged";
    /// What the births of each issue change; derived.
    pub const PRINTS: &str = "prints";
    /// The index of what was learned; derived.
    pub const INDEX: &str = "recall";
    /// Which learnings were told to each issue, a file an issue.
    pub const SHOWN: &str = "shown";
    /// Stands there when an issue has a branch whose name the shims do not take for an issue's.
    pub const ADOPTED: &str = "adopted";
    /// The branch that was deleted last: a rename deletes before it replaces.
    pub const DELETED: &str = "deleted";
}

/// The folder of an issue's archive, with the slash at its end.
pub fn archive_folder(issue: &IssueId) -> String {
    format!("{SESSIONS}/{issue}/")
}

/// The file that carries the receipt of an issue in the tree.
pub fn carried_receipt(issue: &IssueId) -> String {
    format!("{RECEIPTS}/{issue}.xml")
}

/// The issue whose receipt the file `path` of the tree carries.
pub fn carried_issue(path: &str) -> Option<IssueId> {
    path.strip_prefix(RECEIPTS)?.strip_prefix('/')?.strip_suffix(".xml")?.parse().ok()
}

/// The file beside a receipt that holds its signature.
pub fn signature_of(receipt: &str) -> String {
    format!("{receipt}.sig")
}

/// The file of the chain that holds the output of piece `number` of evidence.
pub fn evidence_file(number: u32) -> String {
    format!("{EVIDENCE}/{number:04}.txt")
}
