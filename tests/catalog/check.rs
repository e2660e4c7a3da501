//! `catalog list` and `catalog check`.
#![expect(clippy::disallowed_methods, reason = "tests write files")]

use insta::assert_snapshot;

use crate::scene::{self, PAGE, catalog, issue_file, seeded};

#[test]
fn the_real_catalogue_is_read_as_it_is() {
    let world = seeded();
    assert_snapshot!(catalog(&world, &["list"]).ok().stdout, @r"
     issue  lane  severity     status  title
     E-01   E     7/10 HIGH    OPEN    Missing customer data retention policy
     E-02   E     5/10 MEDIUM  OPEN    Incomplete privacy notice template
     E-03   E     4/10 LOW     OPEN    Customer response time not documented
     M-01   M     6/10 MEDIUM  OPEN    Schema version field missing in config
     M-02   M     5/10 MEDIUM  OPEN    Validation rule not enforced
    ");
    let ended = catalog(&world, &["check"]).ok();
    assert_eq!((ended.stdout.as_str(), ended.stderr.trim()), ("", "✓ 5 issues, none malformed"));
    let list = scene::json(&catalog(&world, &["list", "--lane", "M", "--json"]).ok().stdout);
    assert_eq!(list["schema"], 1);
    let issues = list["data"]["issues"].as_array().unwrap();
    assert_eq!(issues.len(), 2);
    assert_eq!(issues[0]["file"], issue_file("M-01"));
    assert_eq!(issues[0]["type_tags"][1], "config");
}

#[test]
fn every_malformed_line_is_reported_and_the_rest_is_read() {
    let world = seeded();
    let page = scene::read(&world, PAGE)
        .replace("| E-02 | Incomplete privacy notice template |", "| E-02 | Incomplete | notice |")
        .replace("4/10 LOW", "14/10 LOW")
        .replace("| M-02 | Validation rule not enforced | 5/10 MEDIUM | validation, enforcement | OPEN |",
            "| M-02 | Validation rule not enforced | 5/10 MEDIUM | x | MAYBE |\n| ../M | Bad id | 1/10 LOW | x | OPEN |\n| E-01 | Twice | 7/10 HIGH | x | OPEN |\n| M-09 | No file | 1/10 LOW | x | OPEN |")
        .replace("## Lane Descriptions", "| M-07 | No table | 1/10 LOW | x | OPEN |\n\n## Lane Descriptions");
    world.write(PAGE, &page);
    let change = |id: &str, from: &str, to: &str| {
        let file = issue_file(id);
        let text = scene::read(&world, &file);
        assert!(text.contains(from), "{from}");
        world.write(&file, &text.replacen(from, to, 1));
    };
    change("E-01", "severity: 7", "severity: [7");
    change("E-03", "issue_id: \"E-03\"", "issue_id: \"E-3\"\ndepends_on: [X-9, E-3]");
    change(
        "E-03",
        "examples/minimal_demo/config/guidelines.yaml\n\n## Fix",
        "../../etc/passwd\n\n## Fix",
    );
    change("M-01", "grep -q", "test -f <file-name> && grep -q");
    change("M-02", "```bash", "```text");
    world.write("examples/minimal_demo/issues/M/M-05.md", "# No front\n");
    std::os::unix::fs::symlink("/etc/passwd", world.repo.join(issue_file("M-06"))).unwrap();
    let ended = catalog(&world, &["check"]).code(5);
    let shown = ended.stdout.replace("examples/minimal_demo/", "");
    assert_snapshot!(world.plain(&shown), @r#"
    wrong SAF_ISSUE_CATALOG.md:28: the row has 6 cells, the table 5 columns (a | within a cell is written \|)
    wrong SAF_ISSUE_CATALOG.md:29: "14/10 LOW" is no severity such as 7/10 HIGH
    wrong SAF_ISSUE_CATALOG.md:37: "MAYBE" is no status such as OPEN or RESOLVED
    wrong SAF_ISSUE_CATALOG.md:38: "../M" is not an issue id: use letters, digits and hyphens, such as 81, GH-81 or E-01
    look SAF_ISSUE_CATALOG.md:39: issue E-01 stands among those of lane M
    wrong SAF_ISSUE_CATALOG.md:39: issue E-01 stands in line 27 already
    wrong SAF_ISSUE_CATALOG.md:40: issue M-09 has no file issues/M/M-09.md
    wrong SAF_ISSUE_CATALOG.md:45: the row of issue M-07 belongs to no table
    wrong issues/E/E-01.md:4: the YAML cannot be read: expected string scalar
    look issues/E/E-03.md: it names no affected_paths
    look issues/E/E-03.md: open issue E-3 stands in no table of the page
    wrong issues/E/E-03.md: depends_on names X-9, and there is no such issue
    wrong issues/E/E-03.md:2: it says E-3 and the file is called E-03.md
    wrong issues/E/E-03.md:3: depends_on names the issue itself
    wrong issues/E/E-03.md:23: "../../etc/passwd" is no path within the repository
    wrong issues/M/M-01.md:31: its verification command still has a placeholder: <file-name>
    wrong issues/M/M-02.md: it has no verification commands
    wrong issues/M/M-05.md:1: it does not begin with a line of --- and YAML below it
    wrong issues/M/M-06.md: it cannot be read: [TOP]/repo/issues/M/M-06.md is a link or special file; git-orch does not follow it
    "#);
    assert_snapshot!(ended.stderr, @"red: 20 places are malformed in a catalog of 4 issues");
    // What is well formed is still listed.
    let list = catalog(&world, &["list"]).ok();
    assert!(list.stdout.contains("E-02") && list.stdout.contains("M-01"), "{}", list.stdout);
}

#[test]
fn circles_and_stale_counts_are_reported() {
    let world = seeded();
    for (id, on) in [("E-01", "E-02"), ("E-02", "M-01"), ("M-01", "E-01")] {
        let file = issue_file(id);
        let text = scene::read(&world, &file);
        world.write(&file, &text.replacen("status:", &format!("depends_on: [{on}]\nstatus:"), 1));
    }
    let page = scene::read(&world, PAGE).replace("| E | 3 | 0 | 3 |", "| E | 4 | 0 | 3 |");
    world.write(PAGE, &page);
    let ended = catalog(&world, &["check"]).code(5);
    assert_snapshot!(ended.stdout.replace("examples/minimal_demo/", ""), @"
    look SAF_ISSUE_CATALOG.md: its counts are out of date (catalog sync recomputes them)
    wrong issues/E/E-01.md: these issues wait for each other: E-01, E-02, M-01
    ");
}

#[test]
fn a_catalog_that_is_not_there_is_said() {
    let world = seeded();
    let ended = world.orch(&["catalog", "list"]).code(2);
    assert_snapshot!(world.plain(&ended.stderr), @"
    error: there is no catalog at [TOP]/repo/.orchestration/catalog.md
      fix: git orch catalog add --lane E --title 'what is wrong' --verify 'command'
    ");
}
