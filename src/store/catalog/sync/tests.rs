//! What sync changes, and that it changes nothing else.

use super::*;
use proptest::prelude::*;

const SEED: &str = "# Catalog\n\n> **Last Updated:** 2024-01-15\n\n## Summary\n\n\
    | Total | Resolved | Open | Progress |\n|---|---|---|---|\n| 5 | 0 | 5 | [░░░░░] 0% |\n\n\
    ## Progress by Lane\n\n| Lane | Total | Resolved | Open | % |\n|---|---|---|---|---|\n\
    | E | 3 | 0 | 3 | 🔴 0% |\n| M | 2 | 0 | 2 | 🔴 0% |\n\n---\n\n## Open Issues by Lane\n\n\
    ### Lane E - Customer\n\n| ID | Title | Severity | Type Tags | Status |\n|---|---|---|---|---|\n\
    | E-01 | One | 7/10 HIGH | a, b | OPEN |\n| E-02 | Two | 5/10 MEDIUM | c | OPEN |\n\
    <!-- LANE_E_ISSUES -->\n\n### Lane M - Schema\n\n\
    | ID | Title | Severity | Type Tags | Status |\n|---|---|---|---|---|\n\
    | M-01 | Three | 6/10 MEDIUM | d | OPEN |\n<!-- LANE_M_ISSUES -->\n\n---\n\n\
    ## Lane Descriptions\n\n- **Lane E**: words\n";

fn facts(issues: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (id, status) in issues {
        let id: IssueId = id.parse().unwrap();
        let status = Status::read(status);
        facts.lanes.entry(lane_of(&id).unwrap()).or_default().add(status.is_resolved());
        facts.statuses.insert(id, status);
    }
    facts
}

#[test]
fn what_is_resolved_moves_and_the_counts_follow() {
    let facts = facts(&[("E-01", "RESOLVED"), ("E-02", "OPEN"), ("M-01", "OPEN")]);
    let synced = sync(SEED, &facts);
    let expected = SEED
        .replace("| 5 | 0 | 5 | [░░░░░] 0% |", "| 3 | 1 | 2 | [█░░░░] 33% |")
        .replace("| E | 3 | 0 | 3 | 🔴 0% |", "| E | 2 | 1 | 1 | 🔴 50% |")
        .replace("| M | 2 | 0 | 2 | 🔴 0% |", "| M | 1 | 0 | 1 | 🔴 0% |")
        .replace("| E-01 | One | 7/10 HIGH | a, b | OPEN |\n", "")
        .replace(
            "<!-- LANE_M_ISSUES -->\n",
            "<!-- LANE_M_ISSUES -->\n\n## Resolved Issues\n\n\
             | ID | Title | Severity | Type Tags | Status |\n|---|---|---|---|---|\n\
             | E-01 | One | 7/10 HIGH | a, b | RESOLVED |\n",
        );
    assert_eq!(synced.text, expected);
    assert_eq!(sync(&synced.text, &facts).text, expected, "a second time changes nothing");
}

#[test]
fn what_is_reopened_comes_back() {
    let done = sync(SEED, &facts(&[("E-01", "RESOLVED"), ("M-01", "CLOSED")]));
    let again = sync(&done.text, &facts(&[("E-01", "OPEN"), ("M-01", "CLOSED")]));
    assert_eq!(again.reopened, ["E-01".parse().unwrap()]);
    let at = |text: &str| again.text.find(text).unwrap();
    assert!(at("| E-01 | One | 7/10 HIGH | a, b | OPEN |") < at("<!-- LANE_E_ISSUES -->"));
    assert!(at("| M-01 | Three | 6/10 MEDIUM | d | CLOSED |") > at("## Resolved Issues"));
}

#[test]
fn a_lane_without_a_row_gets_one() {
    let synced = sync(SEED, &facts(&[("E-01", "OPEN"), ("X-1", "RESOLVED")]));
    assert!(synced.text.contains("| M | 0 | 0 | 0 | 🔴 0% |\n| X | 1 | 1 | 0 | ✅ 100% |\n"));
}

#[test]
fn other_columns_and_tables_stay() {
    let page = "| Total | Resolved | Verified | Open | Progress |\n|-|-|-|-|-|\n| 9 | 9 | 9 | 9 | 99.9% |\n\n\
        | Total | Price |\n|-|-|\n| 9 | 9% |\n\n```\n| Lane | Total | Open |\n|-|-|-|\n| E | 9 | 9 |\n```\n";
    let synced = sync(page, &facts(&[("E-01", "OPEN")]));
    let expected = page.replace("| 9 | 9 | 9 | 9 | 99.9% |", "| 1 | 0 | 9 | 1 | 0.0% |");
    assert_eq!(synced.text, expected);
}

/// A line that a person wrote, which has nothing to do with the tables.
fn prose() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~äö█]{0,30}".prop_filter("prose", |s| {
            let bare = s.trim_start();
            !bare.starts_with('|')
                && !bare.starts_with('#')
                && !bare.starts_with("```")
                && !bare.starts_with("~~~")
        }),
        Just("| not | a table".to_owned()),
        Just("    indented  ".to_owned()),
        Just("- [ ] **E-01** is mentioned, 0% done".to_owned()),
        Just("\r".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Text between the tables survives byte for byte and in its order, no row is lost or made
    /// twice, and a second time changes nothing.
    #[test]
    fn hand_written_text_survives(
        words in prop::collection::vec(prop::collection::vec(prose(), 0..3), 6),
        resolved in prop::collection::vec(any::<bool>(), 3),
        last_line_ends in any::<bool>(),
    ) {
        // Put between blank lines of the seed, so that no table is cut in two.
        let parts: Vec<&str> = SEED.split("\n\n").collect();
        let mut page = String::new();
        for (index, part) in parts.iter().enumerate() {
            page.push_str(part);
            page.push_str("\n\n");
            for line in words.get(index * words.len() / parts.len()).into_iter().flatten() {
                page.push_str(line);
                page.push('\n');
            }
            page.push('\n');
        }
        if !last_line_ends {
            page.truncate(page.trim_end_matches('\n').len());
        }
        let word = |done: bool| if done { "RESOLVED" } else { "OPEN" };
        let facts = facts(&[
            ("E-01", word(resolved[0])), ("E-02", word(resolved[1])), ("M-01", word(resolved[2])),
        ]);
        let synced = sync(&page, &facts);
        let is_row = |line: &&str| {
            let bare = line.trim_start();
            bare.starts_with('|') && bare.trim_end().ends_with('|')
        };
        let prose_of = |text: &str| -> Vec<String> {
            text.split_inclusive('\n').filter(|l| !is_row(l) && !l.trim().is_empty())
                .filter(|l| l.trim() != "## Resolved Issues")
                .map(str::to_owned).collect()
        };
        let (mut before, mut after) = (prose_of(&page), prose_of(&synced.text));
        // Only a last line without an end may get one, when something comes after it.
        if let Some(last) = before.last_mut() && !last.ends_with('\n') { last.push('\n'); }
        if let Some(last) = after.last_mut() && !last.ends_with('\n') { last.push('\n'); }
        prop_assert_eq!(before, after);
        for id in ["| E-01 |", "| E-02 |", "| M-01 |"] {
            prop_assert_eq!(synced.text.matches(id).count(), 1, "{}", id);
        }
        prop_assert_eq!(&sync(&synced.text, &facts).text, &synced.text);
        if resolved.iter().all(|done| !done) {
            prop_assert_eq!(synced.text.matches("Resolved Issues").count(), 0);
        }
    }
}
