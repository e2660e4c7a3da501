//! What holds for every document: round trips, damage, the examples and the description.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::grammar::{Content, Element};
use super::{ReadError, XmlErrorKind, example, learnings, marks, receipt, samples, session_log};
use crate::domain::ids::{Digest, IssueId};
use crate::domain::receipt::{Receipt, Waiver};
use crate::domain::session::{End, Ending, Session};

fn issue() -> IssueId {
    "81".parse().unwrap()
}

proptest! {
    #[test]
    fn a_session_comes_back_as_it_was(session in samples::session()) {
        let text = session_log::write(&session);
        prop_assert_eq!(session_log::read(text.as_bytes()), Ok(session));
    }

    #[test]
    fn a_receipt_comes_back_as_it_was(receipt in samples::receipt()) {
        let text = receipt::write(&receipt);
        prop_assert_eq!(receipt::read(text.as_bytes()), Ok(receipt));
    }

    #[test]
    fn learnings_come_back_as_they_were(list in samples::learnings()) {
        let text = learnings::write(&issue(), &list);
        prop_assert_eq!(learnings::read(text.as_bytes()), Ok((issue(), list)));
    }

    /// Bytes changed at random are refused, or are a document that writes and reads as itself.
    #[test]
    fn a_changed_document_is_refused_or_sound(
        session in samples::session(),
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), 0..4_u8), 1..4),
    ) {
        let mut bytes = session_log::write(&session).into_bytes();
        for (here, there, how) in changes {
            let (here, there) = (here.index(bytes.len()), there.index(bytes.len()));
            match how {
                0 => bytes[here] = bytes[there],
                1 => bytes.insert(here, bytes[there]),
                2 => drop(bytes.drain(here.min(there)..here.max(there))),
                _ => bytes.extend_from_within(here.min(there)..here.max(there)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        if let Ok(read) = session_log::read(&bytes) {
            prop_assert_eq!(session_log::read(session_log::write(&read).as_bytes()), Ok(read));
        }
    }

    #[test]
    fn bytes_at_random_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(session_log::read(&bytes).is_err());
        prop_assert!(receipt::read(&bytes).is_err());
        prop_assert!(learnings::read(&bytes).is_err());
    }
}

/// Every proper beginning of `text` is refused as XML; most say that the file was cut.
fn cut_anywhere<T: std::fmt::Debug>(text: &str, read: impl Fn(&[u8]) -> Result<T, ReadError>) {
    let mut kinds = BTreeSet::new();
    for end in 0..text.len() {
        match read(&text.as_bytes()[..end]) {
            Err(ReadError::Xml(error)) => {
                assert!(error.line > 0 && error.column > 0);
                kinds.insert(format!("{:?}", error.kind));
            }
            other => panic!("{end} bytes of {}: {other:?}", text.len()),
        }
    }
    let expected: BTreeSet<String> =
        [XmlErrorKind::Empty, XmlErrorKind::NoRoot, XmlErrorKind::Truncated]
            .iter()
            .map(|kind| format!("{kind:?}"))
            .collect();
    assert_eq!(kinds, expected);
}

#[test]
fn a_document_cut_at_any_byte_is_refused() {
    cut_anywhere(&session_log::write(&example::session()), session_log::read);
    cut_anywhere(&receipt::write(&example::receipt()), receipt::read);
    cut_anywhere(&learnings::write(&issue(), &example::learnings()), learnings::read);
    cut_anywhere(&marks::write(&issue(), &example::marks()), marks::read);
}

#[test]
fn the_examples_are_what_is_written() {
    let files = [
        (
            include_str!("../../../docs/examples/session-log.xml"),
            session_log::write(&example::session()),
        ),
        (include_str!("../../../docs/examples/receipt.xml"), receipt::write(&example::receipt())),
        (
            include_str!("../../../docs/examples/learnings.xml"),
            learnings::write(&issue(), &example::learnings()),
        ),
    ];
    for (file, written) in &files {
        pretty(file, written);
    }
    let [(log, _), (sealed, _), (learned, _)] = &files;
    assert_eq!(session_log::read(log.as_bytes()), Ok(example::session()));
    assert_eq!(receipt::read(sealed.as_bytes()), Ok(example::receipt()));
    assert_eq!(learnings::read(learned.as_bytes()), Ok((issue(), example::learnings())));
    let seal = example::session().seal.unwrap();
    assert_eq!(seal.receipt, Digest::of(sealed.as_bytes()));
}

/// Compares line by line, so that a difference is readable.
fn pretty(file: &str, written: &str) {
    for (number, (here, there)) in file.lines().zip(written.lines()).enumerate() {
        assert_eq!(here, there, "line {}", number + 1);
    }
    assert_eq!(file, written);
}

/// An issue that was given up with nothing learned: what the example of a landed one lacks.
fn abandoned() -> Session {
    let how = Ending::Abandoned {
        reason: "done elsewhere".into(),
        salvage: "refs/git-orch/salvage/81/20251020T154000Z".into(),
    };
    let at = "2025-10-20T15:40:00Z".parse().unwrap();
    let none_learned = Some("nothing was tried".into());
    Session { end: Some(End { how, at }), none_learned, ..example::fresh() }
}

/// The receipt of an issue whose compaction was waived.
fn waived() -> Receipt {
    let expires = "2025-10-21T15:30:40Z".parse().unwrap();
    let (reason, by) = ("the shop is down".into(), "Ada <ada@example.org>".into());
    Receipt { waiver: Some(Waiver { reason, by, expires }), ..example::receipt() }
}

/// All elements below and including `element`.
fn all(element: &'static Element, found: &mut Vec<&'static Element>) {
    found.push(element);
    if let Content::Elements(children) = element.content {
        for child in children {
            all(&child.element, found);
        }
    }
}

#[test]
fn every_word_of_the_formats_is_written_and_described() {
    let description = include_str!("../../../docs/formats.md");
    let log = session_log::write(&example::session()) + &session_log::write(&abandoned());
    for (root, written) in [
        (&session_log::ROOT, log),
        (&receipt::ROOT, receipt::write(&waived())),
        (&learnings::ROOT, learnings::write(&issue(), &example::learnings())),
        (&marks::ROOT, marks::write(&issue(), &example::marks())),
    ] {
        let mut elements = Vec::new();
        all(root, &mut elements);
        for element in elements {
            let name = element.name;
            assert!(
                [format!("<{name}>"), format!("<{name} "), format!("<{name}/")]
                    .iter()
                    .any(|tag| written.contains(tag)),
                "no document holds <{name}>"
            );
            assert!(description.contains(&format!("`{name}`")), "docs/formats.md: {name}");
            for attribute in element.required.iter().chain(element.optional) {
                assert!(written.contains(&format!(" {attribute}=\"")), "{name} {attribute}");
                assert!(description.contains(&format!("`{attribute}`")), "{name} {attribute}");
            }
        }
    }
}

#[test]
fn a_document_of_a_newer_version_is_told_apart() {
    let newer = |text: String| text.replacen("version=\"1\"", "version=\"7\" more=\"\"", 1);
    let expected = ReadError::NewerVersion { found: 7, known: 1 };
    let log = newer(session_log::write(&example::session()).replace("<tasks>", "<tasks new=\"\">"));
    assert_eq!(session_log::read(log.as_bytes()), Err(expected.clone()));
    let sealed = newer(receipt::write(&example::receipt()));
    assert_eq!(receipt::read(sealed.as_bytes()), Err(expected.clone()));
    let learned = newer(learnings::write(&issue(), &[]));
    assert_eq!(learnings::read(learned.as_bytes()), Err(expected.clone()));
    let marked = newer(marks::write(&issue(), &[]));
    assert_eq!(marks::read(marked.as_bytes()), Err(expected));
}

#[test]
fn one_document_is_not_taken_for_another() {
    let sealed = receipt::write(&example::receipt());
    let error = session_log::read(sealed.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2, column 1: the root element is <receipt>, not <session-log>"
    );
}

#[test]
fn forbidden_characters_are_replaced_on_writing() {
    let title = "a\u{1b}[31m\0b\u{feff}c\u{ffff}d\te\u{7f}";
    let session = Session { title: title.into(), ..example::fresh() };
    let read = session_log::read(session_log::write(&session).as_bytes()).unwrap();
    assert_eq!(read.title, "a\u{fffd}[31m\u{fffd}b\u{fffd}c\u{fffd}d\te\u{7f}");
}

#[test]
fn spaces_and_line_ends_survive() {
    for text in ["", " ", "\n", "  cargo test  ", "a\r\nb\rc\n", "\ta\n\n  b\n", "\u{85}\u{2028}"] {
        let session = Session { base: text.into(), source: Some(text.into()), ..example::fresh() };
        assert_eq!(session_log::read(session_log::write(&session).as_bytes()), Ok(session));
    }
}

#[test]
fn the_canonical_form_stays_as_it_is() {
    insta::assert_snapshot!(session_log::write(&abandoned()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <session-log version="1" issue="81" session="20251020T120000Z-81" phase="discussion" created="2025-10-20T12:00:00Z">
      <title>Rebase agent</title>
      <branch>issue/81</branch>
      <base>main</base>
      <fork>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</fork>
      <worktree>/home/me/project.worktrees/81</worktree>
      <phases>
        <phase name="discussion" status="pending"/>
        <phase name="execute" status="pending"/>
        <phase name="validate" status="pending"/>
        <phase name="compact" status="pending">
          <patterns-extracted>0</patterns-extracted>
          <session-archived>true</session-archived>
        </phase>
        <phase name="complete" status="pending"/>
      </phases>
      <end how="abandoned" at="2025-10-20T15:40:00Z">
        <reason>done elsewhere</reason>
        <salvage>refs/git-orch/salvage/81/20251020T154000Z</salvage>
      </end>
      <tasks/>
      <evidence/>
      <learnings/>
      <none-learned>nothing was tried</none-learned>
      <births/>
      <moves/>
    </session-log>
    "#);
    insta::assert_snapshot!(receipt::write(&example::receipt()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <receipt version="1" issue="81" session="20251020T120000Z-81" sealed="2025-10-20T15:30:40Z" tool="0.1.0">
      <base>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</base>
      <tip>cccccccccccccccccccccccccccccccccccccccc</tip>
      <tree>eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee</tree>
      <whole>2222222222222222222222222222222222222222</whole>
      <learnings>sha256:9feb3e1d94444572a9c60a0d5387ed2f33c2943ba43db102cc4478b4afeab9ca</learnings>
      <evidence>sha256:ee8250fb76e094b34b471f13a73dbbe51d1ae142e9df59d7c0d31ec20f0a0a8e</evidence>
      <covered>
        <birth commit="bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" patch="1111111111111111111111111111111111111111"/>
        <birth commit="cccccccccccccccccccccccccccccccccccccccc"/>
      </covered>
    </receipt>
    "#);
    insta::assert_snapshot!(learnings::write(&issue(), &example::learnings()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <learnings version="1" issue="81">
      <learning number="1" kind="pitfall" at="2025-10-20T15:21:10Z">
        <trigger>rebase with a dirty index</trigger>
        <error>error: cannot rebase: your index contains uncommitted changes</error>
        <path>src/rebase.rs</path>
        <lesson>Rebase refuses a dirty index. Commit or drop the changes first.</lesson>
        <evidence>src/rebase.rs fn start, cccccccccc</evidence>
        <anchor commit="cccccccccccccccccccccccccccccccccccccccc">
          <file>src/rebase.rs</file>
          <symbol>start</symbol>
        </anchor>
        <author>compact-agent</author>
      </learning>
      <learning number="2" kind="fact" at="2025-10-20T15:25:00Z" expires="2025-11-01T00:00:00Z">
        <trigger>make lint runs into its time limit</trigger>
        <lesson>The lint cache is rebuilt until November; the first run takes minutes.</lesson>
        <evidence>check 4 of criterion 1, task 2</evidence>
        <anchor check="4" criterion="1" task="2"/>
        <author>person</author>
      </learning>
    </learnings>
    "#);
}
