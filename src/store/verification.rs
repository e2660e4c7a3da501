//! The evidence of a verification, as JSON that people and programs read.

use serde::Serialize;
use serde_json::json;

/// What the commands of an issue said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The issue.
    pub issue_id: String,
    /// Its lane.
    pub lane: String,
    /// When, in UTC.
    pub timestamp: String,
    /// The commit that was checked out.
    pub commit: Option<String>,
    /// The kind of verification that the issue names.
    pub verification_pattern: Option<String>,
    /// Files that the issue affects.
    pub affected_paths: Vec<String>,
    /// Each command.
    pub checks: Vec<CheckResult>,
}

/// What one command said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// What it shows.
    pub name: String,
    /// The command, as it stands in the issue.
    pub command: String,
    /// What it had to say.
    pub expected: String,
    /// What it said.
    pub actual: String,
    /// Whether that counts as passed.
    pub passed: bool,
    /// What it printed, the beginning of it.
    pub output: String,
    /// How long it took.
    pub duration_ms: u64,
}

impl Verification {
    /// How many checks passed.
    pub fn passed(&self) -> usize {
        self.checks.iter().filter(|check| check.passed).count()
    }

    /// Whether there are checks, and all of them passed.
    pub fn all_passed(&self) -> bool {
        !self.checks.is_empty() && self.passed() == self.checks.len()
    }

    /// The evidence as a value.
    pub fn value(&self) -> serde_json::Value {
        let (passed, total) = (self.passed(), self.checks.len());
        json!({
            "issue_id": self.issue_id,
            "lane": self.lane,
            "timestamp": self.timestamp,
            "all_passed": self.all_passed(),
            "passed_checks": passed,
            "failed_checks": total - passed,
            "total_checks": total,
            // The share of checks that passed, in percent: nothing else is known.
            "confidence_score": (passed * 100).checked_div(total).unwrap_or(0),
            "verification_pattern":
                self.verification_pattern.as_deref().unwrap_or("embedded_commands"),
            "affected_paths": self.affected_paths,
            "commit": self.commit,
            "checks": self.checks,
        })
    }

    /// The evidence as a file.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(&self.value()).unwrap_or_default() + "\n"
    }
}
