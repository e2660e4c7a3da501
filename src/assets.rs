//! What is compiled in: texts that live as files of their own in the source tree. Nothing here is
//! computed.

/// The draft of a specification.
pub const SPEC: &str = include_str!("../templates/spec.md");
/// The default configuration.
pub const CONFIG: &str = include_str!("../templates/config.toml");
/// What the agent of a role is told.
pub fn agent_template(role: &str) -> Option<&'static str> {
    Some(match role {
        "spec-agent" => include_str!("../templates/agents/spec-agent.md"),
        "implement" => include_str!("../templates/agents/implement.md"),
        "validator" => include_str!("../templates/agents/validator.md"),
        "compact-agent" => include_str!("../templates/agents/compact-agent.md"),
        "critic" => include_str!("../templates/agents/critic.md"),
        "merge" => include_str!("../templates/agents/merge.md"),
        _ => return None,
    })
}

/// The frame of the manual page.
pub const MANUAL: &str = include_str!("../templates/git-orch.1");
/// What `git orch demo` plays.
pub const DEMO: &str = include_str!("../templates/demo.toml");
/// The lock: git runs it at every change of a ref.
pub const REFERENCE_TRANSACTION: &str = include_str!("../hooks/reference-transaction");
/// The boundary: git runs it before a push.
pub const PRE_PUSH: &str = include_str!("../hooks/pre-push");
/// The wall: git runs it on a server before a push is let in.
pub const PRE_RECEIVE: &str = include_str!("../hooks/pre-receive");
/// The text of a pull request.
pub const PULL_REQUEST: &str = include_str!("../templates/pr.md");
/// The workflow that judges pull requests and merge queues on GitHub.
pub const GITHUB_WORKFLOW: &str = include_str!("../templates/ci/github.yml");
/// Earlier words: git runs it before it commits a clean merge.
pub const PRE_MERGE_COMMIT: &str = include_str!("../hooks/pre-merge-commit");
/// Earlier words: git runs it before a rebase.
pub const PRE_REBASE: &str = include_str!("../hooks/pre-rebase");
/// The trailer: git runs it for every commit message.
pub const PREPARE_COMMIT_MSG: &str = include_str!("../hooks/prepare-commit-msg");
/// Runs from the configuration of git 2.54 and later.
pub const GUARD: &str = include_str!("../hooks/guard");
/// Stands in a hooks folder of ours for every other hook and runs the one it stands before.
pub const DISPATCH: &str = include_str!("../hooks/dispatch");
