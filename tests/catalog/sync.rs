//! `catalog sync`.

use crate::scene::{self, PAGE, catalog, issue_file, seeded};

#[test]
fn resolved_issues_move_and_nothing_else_changes() {
    let world = seeded();
    catalog(&world, &["sync"]).ok();
    assert_eq!(world.git(&["status", "--porcelain", "examples"]).ok().stdout, "", "up to date");
    for id in ["E-02", "M-01", "M-02"] {
        let file = issue_file(id);
        let text = scene::read(&world, &file);
        world.write(&file, &text.replace("\"OPEN\"", "\"RESOLVED\""));
    }
    catalog(&world, &["sync"]).ok();
    let diff = world.git(&["diff", "-U0", "--", PAGE]).ok().stdout;
    let lines: Vec<&str> = diff
        .lines()
        .filter(|l| {
            (l.starts_with('+') || l.starts_with('-'))
                && !l.starts_with("+++")
                && !l.starts_with("---")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    -| 5 | 0 | 5 | [░░░░░░░░░░░░░░░░░░░░] 0% |
    +| 5 | 3 | 2 | [████████████░░░░░░░░] 60% |
    -| E | 3 | 0 | 3 | 🔴 0% |
    -| M | 2 | 0 | 2 | 🔴 0% |
    +| E | 3 | 1 | 2 | 🔴 33% |
    +| M | 2 | 2 | 0 | ✅ 100% |
    -| E-02 | Incomplete privacy notice template | 5/10 MEDIUM | template, documentation | OPEN |
    -| M-01 | Schema version field missing in config | 6/10 MEDIUM | schema, config | OPEN |
    -| M-02 | Validation rule not enforced | 5/10 MEDIUM | validation, enforcement | OPEN |
    +## Resolved Issues
    +
    +| ID | Title | Severity | Type Tags | Status |
    +|----|-------|----------|-----------|--------|
    +| E-02 | Incomplete privacy notice template | 5/10 MEDIUM | template, documentation | RESOLVED |
    +| M-01 | Schema version field missing in config | 6/10 MEDIUM | schema, config | RESOLVED |
    +| M-02 | Validation rule not enforced | 5/10 MEDIUM | validation, enforcement | RESOLVED |
    +
    ");
    let once = scene::read(&world, PAGE);
    let again = catalog(&world, &["sync"]).ok();
    assert!(again.stderr.contains("the page says what the files say"), "{}", again.stderr);
    assert_eq!(scene::read(&world, PAGE), once);
    catalog(&world, &["check"]).ok();
}
