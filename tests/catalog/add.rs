//! `catalog add`.

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{self, PAGE, catalog, seeded};

#[test]
fn an_issue_gets_a_number_a_file_and_a_row() {
    let world = seeded();
    let add = [
        "add",
        "--lane",
        "E",
        "--title",
        "The | address is wrong",
        "--severity",
        "6",
        "--tag",
        "policy",
        "--path",
        "examples/minimal_demo/config/guidelines.yaml",
        "--depends-on",
        "E-01",
        "--problem",
        "It names example.com.",
        "--fix",
        "Name the real one.",
        "--verify",
        "grep -q support@real.example examples/minimal_demo/config/guidelines.yaml",
    ];
    let file = catalog(&world, &add).ok().line();
    assert_eq!(file, "examples/minimal_demo/issues/E/E-04.md");
    assert_snapshot!(scene::read(&world, &file), @r#"
    ---
    issue_id: "E-04"
    lane: "E"
    severity: 6
    severity_level: "MEDIUM"
    type_tags: ["policy"]
    status: "OPEN"
    affected_paths:
      - "examples/minimal_demo/config/guidelines.yaml"
    depends_on: ["E-01"]
    ---

    # [LANE E] Issue E-04: The | address is wrong

    ## Problem Description

    It names example.com.

    ## Fix Requirements

    Name the real one.

    ## Verification Commands

    ```bash
    grep -q support@real.example examples/minimal_demo/config/guidelines.yaml
    ```

    - **Status:** OPEN
    "#);
    let page = scene::read(&world, PAGE);
    let row =
        "| E-04 | The \\| address is wrong | 6/10 MEDIUM | policy | OPEN |\n<!-- LANE_E_ISSUES -->";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("| 6 | 0 | 6 |") && page.contains("| E | 4 | 0 | 4 |"), "{page}");
    catalog(&world, &["check"]).ok();
    // Again: the same answer, nothing changed.
    assert_eq!(catalog(&world, &add).ok().line(), file);
    assert_eq!(scene::read(&world, PAGE), page);
    assert!(!world.repo.join("examples/minimal_demo/issues/E/E-05.md").exists());
}

#[test]
fn the_first_issue_makes_the_catalog_and_a_new_lane_its_section() {
    let world = World::ready();
    let add = |lane: &str, title: &str| {
        let args = ["catalog", "add", "--lane", lane, "--title", title, "--verify", "true"];
        world.orch(&args).ok().line()
    };
    assert_eq!(add("DOCS", "One"), ".orchestration/issues/DOCS/DOCS-01.md");
    assert_eq!(add("E", "Two"), ".orchestration/issues/E/E-01.md");
    assert_eq!(add("DOCS", "Three"), ".orchestration/issues/DOCS/DOCS-02.md");
    assert_snapshot!(scene::read(&world, ".orchestration/catalog.md"), @"
    # Issue Catalog

    ## Summary

    | Total | Resolved | Open | Progress |
    |-------|----------|------|----------|
    | 3 | 0 | 3 | [░░░░░░░░░░░░░░░░░░░░] 0% |

    ## Open Issues by Lane

    ### Lane DOCS

    | ID | Title | Severity | Type Tags | Status |
    |---|---|---|---|---|
    | DOCS-01 | One | - |  | OPEN |
    | DOCS-02 | Three | - |  | OPEN |

    ### Lane E

    | ID | Title | Severity | Type Tags | Status |
    |---|---|---|---|---|
    | E-01 | Two | - |  | OPEN |
    ");
    world.orch(&["catalog", "check"]).ok();
    for bad in ["../x", "a b", ""] {
        world.orch(&["catalog", "add", "--lane", bad, "--title", "x", "--verify", "true"]).code(2);
    }
}
