//! Hunters: what they propose is looked at before it gets into the catalogue.

use std::os::unix::fs::PermissionsExt;

use super::scene::{page, ready};
use crate::harness::World;

fn proposal(title: &str, path: &str, command: &str) -> String {
    format!(
        "---\nlane: \"M\"\nseverity: 5\naffected_paths: [\"{path}\"]\n---\n\n# {title}\n\n\
         ## Problem Description\n\nIt is so.\n\n## Verification Commands\n\n```sh\n{command}\n```\n"
    )
}

/// A hunter that writes these files into its inbox, and something else beside it.
fn hunter(world: &World, files: &[(&str, String)]) -> String {
    let from = world.root().join("proposals");
    std::fs::create_dir_all(&from).expect("folder");
    for (name, text) in files {
        std::fs::write(from.join(name), text).expect("proposal");
    }
    let path = world.root().join("hunter.sh");
    let text = format!(
        "#!/bin/sh\ngrep -q 'You hunt issues of lane M' || exit 9\necho tampered >README.md\n\
         cp {}/* \"$ORCH_INBOX\"\n",
        from.display()
    );
    std::fs::write(&path, text).expect("hunter");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    path.to_str().expect("text").to_owned()
}

#[test]
fn what_is_new_and_fails_now_is_added_and_the_rest_is_named() {
    let world = ready();
    let schema = "examples/minimal_demo/config/schema.yaml";
    let files = [
        (
            "new.md",
            proposal(
                "Fields carry no description",
                schema,
                &format!("grep -q description: {schema}"),
            ),
        ),
        (
            "fixed.md",
            proposal("Validation is not enabled", schema, &format!("grep -q enabled: {schema}")),
        ),
        (
            "twin.md",
            proposal(
                "The schema version field is missing in the config",
                schema,
                &format!("grep -q schema_version: {schema}"),
            ),
        ),
        ("bare.md", "---\nlane: \"M\"\n---\n\n# Nothing shows it\n".to_owned()),
        ("torn.md", "no front matter at all\n".to_owned()),
    ];
    let hunter = hunter(&world, &files);
    let args = ["lanes", "hunt", "--catalog", page(), "--lanes", "M", "--", &hunter];
    let said = world.orch(&args).ok();
    for words in [
        "lane M, new.md: added as M-03",
        "lane M, fixed.md: no issue: its verification commands pass already",
        "lane M, twin.md: no issue: M-01 says the same",
        "lane M, bare.md: no issue: ",
        "lane M, torn.md: no issue: ",
    ] {
        assert!(said.stdout.contains(words), "{words}\n{}\n{}", said.stdout, said.stderr);
    }
    let file = world.repo.join("examples/minimal_demo/issues/M/M-03.md");
    assert!(std::fs::read_to_string(file).unwrap().contains("Fields carry no description"));
    let status = world.git(&["status", "--porcelain"]).ok().stdout;
    assert!(!status.contains("README.md"), "{status}");
    assert_eq!(world.git(&["worktree", "list"]).ok().stdout.lines().count(), 1);
    // The same hunt again adds nothing.
    let again = world.orch(&args).ok();
    assert!(again.stdout.contains("new.md: no issue: M-03 says the same"), "{}", again.stdout);
}
