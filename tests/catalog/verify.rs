//! `catalog verify`: commands run once a person has read them, and leave evidence.

use insta::assert_snapshot;

use crate::scene::{self, PAGE, answered, approve, catalog, issue_file, seeded};

const GUIDELINES: &str = "examples/minimal_demo/config/guidelines.yaml";

#[test]
fn commands_wait_for_a_person_and_then_decide() {
    let world = seeded();
    let ended = catalog(&world, &["verify", "E-01"]).code(1);
    assert_snapshot!(ended.stderr, @"
    refused: verifying issue E-01
        why: nobody here has read the verification commands of E-01
        fix: git orch trust --catalog examples/minimal_demo/SAF_ISSUE_CATALOG.md
    ");
    let ended = world.orch(&["trust", "--catalog", PAGE]).code(1);
    assert_snapshot!(ended.stderr, @"
    refused: approving the verification commands of the catalog
        why: a person has to read them at a terminal, and this is none
        fix: git orch trust --catalog examples/minimal_demo/SAF_ISSUE_CATALOG.md
    ");
    let shown = approve(&world, PAGE);
    assert!(shown.contains("issue E-01\n    # bash\n    grep -q \"data_retention:\""), "{shown}");
    assert!(shown.contains("Let the commands of these 5 issues run"), "{shown}");

    let ended = catalog(&world, &["verify", "E-01"]).code(5);
    let evidence = scene::json(&std::fs::read_to_string(answered(&ended)).unwrap());
    assert_eq!(evidence["issue_id"], "E-01");
    assert_eq!(evidence["all_passed"], false);
    assert_eq!(evidence["checks"][0]["actual"], "FAIL");
    assert_eq!(evidence["checks"][0]["output"], "FAIL\n");

    let text = scene::read(&world, GUIDELINES) + "\ndata_retention:\n  retention_days: 365\n";
    world.write(GUIDELINES, &text);
    let ended = catalog(&world, &["verify", "E-01"]).ok();
    let folder = world.repo.join(".orchestration/reports/evidence/E");
    assert!(answered(&ended).starts_with(&folder), "{}", ended.stdout);
    let evidence = scene::json(&std::fs::read_to_string(answered(&ended)).unwrap());
    for (key, value) in [
        ("lane", serde_json::json!("E")),
        ("all_passed", serde_json::json!(true)),
        ("passed_checks", serde_json::json!(1)),
        ("failed_checks", serde_json::json!(0)),
        ("total_checks", serde_json::json!(1)),
        ("confidence_score", serde_json::json!(100)),
        ("affected_paths", serde_json::json!([GUIDELINES])),
    ] {
        assert_eq!(evidence[key], value, "{key}");
    }
    let check = &evidence["checks"][0];
    assert_eq!((&check["expected"], &check["actual"]), (&"PASS".into(), &"PASS".into()));
    assert!(check["duration_ms"].is_u64() && check["command"].as_str().unwrap().contains("grep"));
    // The evidence is none of the user's files.
    let status = world.git(&["status", "--porcelain", "--untracked-files=all"]).ok().stdout;
    assert!(!status.contains("reports"), "{status}");
}

#[test]
fn an_approval_holds_for_the_commands_that_were_read() {
    let world = seeded();
    approve(&world, PAGE);
    let file = issue_file("E-02");
    let text = scene::read(&world, &file);
    world.write(&file, &text.replace("grep -q", "touch ran; grep -q"));
    let ended = catalog(&world, &["verify", "E-02"]).code(1);
    assert!(ended.stderr.contains("nobody here has read"), "{}", ended.stderr);
    assert!(!world.repo.join("ran").exists());
    catalog(&world, &["verify", "M-01"]).code(5);
}

#[test]
fn each_command_of_a_block_is_judged_by_itself() {
    let world = seeded();
    let block = "```bash\ncd examples\n# Check 1: It is there\ntest -f minimal_demo/NONE && echo \"PASS\"\n\
                 # Check 2: The folder is there\ntest -d minimal_demo && echo \"PASS\"\n\
                 for f in config issues; do\n  test -d \"minimal_demo/$f\" || { echo \"FAIL $f\"; exit 1; }\n\
                 done && echo PASS\ntrue\n[[ -n $BASH_VERSION ]]\n```";
    let file = issue_file("M-01");
    let text = scene::read(&world, &file);
    let start = text.find("```bash").unwrap();
    world.write(&file, &format!("{}{block}\n", &text[..start]));
    approve(&world, PAGE);
    let ended = catalog(&world, &["verify", "M-01"]).code(5);
    assert_snapshot!(ended.stderr, @"
    ✗ M-01 It is there: neither PASS nor FAIL
    ✓ M-01 The folder is there: PASS
    ✓ M-01 The folder is there (3): PASS
    ✓ M-01 The folder is there (4): exit code 0
    ✓ M-01 The folder is there (5): exit code 0
    red: not verified: M-01 (4 of 5)
    ");
}

#[test]
fn a_command_that_hangs_is_ended() {
    let world = seeded();
    world.write(".orchestration/config.toml", "[validate]\ntimeout = 1\n");
    let file = issue_file("M-02");
    let text = scene::read(&world, &file);
    world.write(&file, &text.replace("grep -q", "sleep 600; grep -q"));
    world.commit(&world.repo, "Hang");
    approve(&world, PAGE);
    let ended = catalog(&world, &["verify", "M-02"]).code(5);
    assert!(ended.stderr.contains("still running after 1 s"), "{}", ended.stderr);
}
