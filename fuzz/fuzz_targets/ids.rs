//! Names are refused, or they read back as what they are shown as, and are fit for refs and paths.
#![no_main]

use git_orch::domain::ids::IssueId;
use git_orch::domain::names::BranchName;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(id) = text.parse::<IssueId>() {
        let shown = id.to_string();
        assert_eq!(shown.parse::<IssueId>().ok(), Some(id));
        assert!(
            !shown.contains(['/', '\0', ' ', '~', '^', ':', '\\'])
                && !shown.starts_with(['-', '.'])
        );
        format!("issue/{shown}").parse::<BranchName>().expect("fit for a branch");
    }
    if let Ok(name) = text.parse::<BranchName>() {
        assert_eq!(name.full().parse::<BranchName>().ok(), Some(name.clone()));
        assert!(name.full().starts_with("refs/heads/"));
    }
});
