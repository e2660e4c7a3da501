//! What makes a session log contradict itself, each case an edit of the example.

use super::super::example;
use super::super::{ReadError, XmlError, XmlErrorKind};
use super::{read, write};
use crate::domain::phase::Phase;
use crate::domain::session::Session;

/// What is said of the example with its first `from` replaced by `to`.
fn edited(from: &str, to: &str) -> ReadError {
    let text = write(&example::session());
    assert!(text.contains(from), "{from:?} is not in the example");
    read(text.replacen(from, to, 1).as_bytes()).expect_err("accepted")
}

fn says(from: &str, to: &str) -> String {
    edited(from, to).to_string()
}

#[test]
fn a_misspelt_word_is_told_with_its_place() {
    for (from, to, message) in [
        ("<title>", "<titel>", "line 3, column 3: <session-log> holds no element <titel>"),
        ("<title>", "<title lang=\"en\">", "line 3, column 10: <title> has no attribute lang"),
        ("status=\"done\"", "stat=\"done\"", "line 47, column 22: <task> has no attribute stat"),
        (
            " at=\"2025-10-20T13:50:00Z\"",
            " at=\"\"",
            "line 47, column 36: the attribute at of <task> is empty; leave it out instead",
        ),
        (
            "<source>",
            "and <source>",
            "line 4, column 3: <session-log> holds text; only elements belong there",
        ),
        ("<births>", "<births><note/>", "line 110, column 11: <births> holds no element <note>"),
    ] {
        assert_eq!(says(from, to), message);
    }
    let lacking = edited("    <into>main</into>\n", "");
    assert_eq!(lacking.to_string(), "end: landed goes with into, and with no reason or salvage");
    let lacking = edited("  <base>main</base>\n", "");
    assert!(
        matches!(
            lacking,
            ReadError::Xml(XmlError {
                kind: XmlErrorKind::MissingElement { name: "base", within: "session-log" },
                ..
            })
        ),
        "{lacking:?}"
    );
}

#[test]
fn a_value_of_the_wrong_sort_is_told_with_its_element() {
    for (from, to, message) in [
        (
            "phase=\"complete\"",
            "phase=\"done\"",
            "line 2, column 1: in <session-log>: \"done\" is not a phase (discussion, execute, \
             validate, compact, complete)",
        ),
        (
            "<branch>issue/81",
            "<branch>issue 81",
            "line 5, column 3: in <branch>: \"refs/heads/issue 81\" is not a branch name: it holds \
             a space, a control character or one of ~^:?*[\\",
        ),
        (
            "<fork>a",
            "<fork>A",
            "line 7, column 3: in <fork>: \"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is written \
             \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
        ),
        (
            "<patterns-extracted>2",
            "<patterns-extracted>two",
            "line 14, column 7: in <patterns-extracted>: \"two\" is not a whole number",
        ),
        (
            "must=\"true\"",
            "must=\"yes\"",
            "line 36, column 7: in <question>: \"yes\" is not true or false",
        ),
        (
            "status=\"dropped\"",
            "status=\"gone\"",
            "line 51, column 5: in <task>: \"gone\" is not open or done or dropped",
        ),
    ] {
        assert_eq!(says(from, to), message);
    }
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let twice = |what, name: &str| ReadError::Duplicate { what, name: name.to_owned() };
    for (from, to, expected) in [
        ("<task number=\"2\"", "<task number=\"1\"", twice("task", "1")),
        ("<criterion number=\"2\"", "<criterion number=\"1\"", twice("criterion", "1")),
        ("<check number=\"8\"", "<check number=\"3\"", twice("check", "3")),
        ("<learning number=\"2\"", "<learning number=\"1\"", twice("learning", "1")),
        (
            "<birth commit=\"cccccccccccccccccccccccccccccccccccccccc",
            "<birth commit=\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            twice("birth", &"b".repeat(40)),
        ),
        (
            "</phases>",
            "<phase name=\"complete\" status=\"pending\"/></phases>",
            twice("phase", "complete"),
        ),
    ] {
        assert_eq!(edited(from, to), expected);
    }
    assert!(says("<tasks>", "<tasks/><tasks>").ends_with("<session-log> holds a second <tasks>"));
}

#[test]
fn an_entry_that_contradicts_itself_is_refused() {
    for (from, to, place) in [
        ("status=\"done\"", "status=\"open\"", "task 1"),
        (" tip=\"cccccccccccccccccccccccccccccccccccccccc\" reopened", " reopened", "task 1"),
        ("<reason>not asked for</reason>", "", "task 2"),
        ("check=\"manual\"", "check=\"command\"", "criterion 2"),
        ("check=\"command\"", "check=\"missing\"", "criterion 1"),
        ("</answered>", "</answered><assumed/>", "question 1"),
        ("task=\"1\"", "task=\"1\" criterion=\"1\"", "check 1"),
        ("task=\"1\" ", "", "check 1"),
        ("outcome=\"exit\"", "outcome=\"green\"", "check 2"),
        ("limit=\"600\" ", "", "check 4"),
        ("how=\"landed\"", "how=\"abandoned\"", "end"),
    ] {
        match edited(from, to) {
            ReadError::Contradiction { place: told, .. } => assert_eq!(told, place, "{from}"),
            other => panic!("{from}: {other:?}"),
        }
    }
}

#[test]
fn the_steps_lead_to_the_recorded_phase() {
    assert_eq!(
        edited(" phase=\"complete\"", " phase=\"compact\""),
        ReadError::PhaseMismatch { recorded: Phase::Compact, replayed: Phase::Complete }
    );
    assert_eq!(
        edited("from=\"validate\" to=\"execute\"", "from=\"compact\" to=\"execute\""),
        ReadError::BrokenStep { number: 3, from: Phase::Compact, to: Phase::Execute }
    );
    assert_eq!(
        edited("from=\"discussion\" to=\"execute\"", "from=\"discussion\" to=\"complete\""),
        ReadError::BrokenStep { number: 1, from: Phase::Discussion, to: Phase::Complete }
    );
}

#[test]
fn markers_that_say_something_else_than_the_record_are_refused() {
    assert_eq!(
        says("<patterns-extracted>2", "<patterns-extracted>3"),
        "the marker of COMPACT says compact complete, timestamp 2025-10-20T15:30:45Z, \
         patterns-extracted 3, session-archived true, but the record says compact complete, \
         timestamp 2025-10-20T15:30:45Z, patterns-extracted 2, session-archived true"
    );
    for (from, to) in [
        ("<session-archived>true", "<session-archived>false"),
        ("      <session-archived>true</session-archived>\n", ""),
        ("name=\"execute\" status=\"complete\"", "name=\"execute\" status=\"active\""),
        ("timestamp=\"2025-10-20T12:21:00Z\"", "timestamp=\"2025-10-20T12:21:01Z\""),
        ("name=\"discussion\"", "name=\"execute\""),
        (
            "    <phase name=\"complete\" status=\"complete\" timestamp=\"2025-10-20T15:40:00Z\"/>\n",
            "",
        ),
    ] {
        assert!(matches!(edited(from, to), ReadError::Marker { .. }), "{from}");
    }
}

/// The status of each phase with its timestamp, as the document shows them.
fn markers(session: &Session) -> Vec<String> {
    let text = write(session);
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("<phase name=\""));
    lines.map(|line| line.replace(['"', '>', '/'], "").replace("status=", "")).collect()
}

#[test]
fn markers_follow_the_steps() {
    let mut session = Session { end: None, ..example::session() };
    session.moves.truncate(3);
    session.phase = Phase::Execute;
    assert_eq!(
        markers(&session),
        [
            "discussion complete timestamp=2025-10-20T12:21:00Z",
            // It was left once and taken up again: not complete.
            "execute active",
            "validate pending",
            "compact pending",
            "complete pending",
        ]
    );
    assert_eq!(read(write(&session).as_bytes()), Ok(session));
    let open = Session { end: None, ..example::session() };
    assert_eq!(markers(&open)[4], "complete active");
    assert_eq!(markers(&example::session())[4], "complete complete timestamp=2025-10-20T15:40:00Z");
}
