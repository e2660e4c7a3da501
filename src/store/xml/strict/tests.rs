//! Every way in which bytes are refused, with its place.

use super::super::error::XmlErrorKind as K;
use super::*;

fn ask(bytes: impl AsRef<[u8]>) -> Result<(), (usize, usize, K)> {
    check(bytes.as_ref(), "log").map(|_| ()).map_err(|e| (e.line, e.column, e.kind))
}

fn kind(bytes: impl AsRef<[u8]>) -> K {
    check(bytes.as_ref(), "log").expect_err("accepted").kind
}

fn malformed(bytes: &str) -> bool {
    matches!(kind(bytes), K::Malformed(_))
}

#[test]
fn whole_documents_pass() {
    for whole in [
        "<log/>\n",
        "<log></log >\n\n",
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- note -->\r\n<log/>\r\n",
        "<?xml version='1.0' standalone='no'?><log a='1' b = \"2\"\n\tc='3'/><!-- end -->\n",
        "<log a='&lt;&amp;&#10;&#xA0;&quot;'>&apos;&gt;&#65;<![CDATA[ <&]] ]]>\u{85}ü</log>\n",
        "<log>a goal\n=======\nwith a rule, <<a/>\n</log>\n"
            .replace("<<a/>", "7 &lt;&lt;")
            .as_str(),
    ] {
        assert_eq!(ask(whole), Ok(()), "{whole}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_eq!(ask(""), Err((1, 1, K::Empty)));
    assert_eq!(ask("\u{feff}"), Err((1, 1, K::Empty)));
    assert_eq!(ask([0; 4096]), Err((1, 1, K::ForbiddenCharacter(0))));
    assert_eq!(ask("<log/>\n\0\0\0\0"), Err((2, 1, K::ForbiddenCharacter(0))));
    assert_eq!(ask(b"<log>\n \xc3\xa4\xff</log>\n"), Err((2, 3, K::NotUtf8)));
    assert_eq!(ask(b"\xff\xfe<\0l\0"), Err((1, 1, K::NotUtf8)));
    assert_eq!(ask(b"<log>\xe2\x82"), Err((1, 6, K::Truncated)));
    assert_eq!(ask("<log>\u{feff}</log>\n"), Err((1, 6, K::MisplacedBom)));
    assert_eq!(ask("\u{feff}\u{feff}<log/>\n"), Err((1, 1, K::MisplacedBom)));
    for (bad, code) in [('\u{1}', 1), ('\u{b}', 0xb), ('\u{1b}', 0x1b), ('\u{ffff}', 0xffff)] {
        assert_eq!(ask(format!("<log>{bad}</log>\n")), Err((1, 6, K::ForbiddenCharacter(code))));
    }
    assert_eq!(ask(vec![b' '; DOCUMENT_LIMIT + 1]), Err((1, 1, K::TooLarge(DOCUMENT_LIMIT + 1))));
}

#[test]
fn references_stand_for_one_allowed_character_or_are_refused() {
    for (reference, kind) in [
        ("&#0;", K::ForbiddenCharacter(0)),
        ("&#x1b;", K::ForbiddenCharacter(0x1b)),
        ("&#xD800;", K::ForbiddenCharacter(0xd800)),
        ("&#1114112;", K::ForbiddenCharacter(0x11_0000)),
        ("&#xFEFF;", K::MisplacedBom),
        ("&#99999999999;", K::BadReference("#99999999999".into())),
        ("&#+65;", K::BadReference("#+65".into())),
        ("&#X41;", K::BadReference("#X41".into())),
        ("&#;", K::BadReference("#".into())),
        ("&;", K::UnknownEntity(String::new())),
        ("&nbsp;", K::UnknownEntity("nbsp".into())),
        ("&AMP;", K::UnknownEntity("AMP".into())),
        ("& b", K::BareAmpersand),
        ("&a&amp;", K::BareAmpersand),
    ] {
        assert_eq!(ask(format!("<log>\n{reference}</log>\n")), Err((2, 1, kind.clone())));
        assert_eq!(ask(format!("<log a='{reference}'/>\n")), Err((1, 9, kind)), "{reference}");
    }
}

#[test]
fn definitions_and_instructions_are_refused() {
    let laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE log [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">\
                  <!ENTITY c \"&b;&b;\">]>\n<log>&c;</log>\n";
    assert_eq!(ask(laughs), Err((2, 1, K::Dtd)));
    let external = "<!DOCTYPE log [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><log>&x;</log>\n";
    assert_eq!(ask(external), Err((1, 1, K::Dtd)));
    assert_eq!(kind("<!doctype log><log/>\n"), K::Dtd);
    assert_eq!(kind("<log><!DOCTYPE log></log>\n"), K::Dtd);
    assert_eq!(ask("<log/>\n<?php x ?>\n"), Err((2, 1, K::ProcessingInstruction)));
    assert_eq!(kind("<?xml-stylesheet href='x'?><log/>\n"), K::ProcessingInstruction);
    for declaration in [
        "\n<?xml version='1.0'?><log/>\n",
        "<log><?xml version='1.0'?></log>\n",
        "<?xml version='1.1'?><log/>\n",
        "<?xml encoding='UTF-8'?><log/>\n",
        "<?xml version='1.0' encoding='latin1'?><log/>\n",
        "<?xml version='1.0' standalone='maybe'?><log/>\n",
    ] {
        assert!(matches!(kind(declaration), K::Declaration(_)), "{declaration}");
    }
}

#[test]
fn there_is_one_root_of_the_right_name_and_nothing_beside_it() {
    assert_eq!(ask("<log/>\n<log/>\n"), Err((2, 1, K::SecondRoot)));
    assert_eq!(ask("<log/>\n x\n"), Err((2, 2, K::TextOutsideRoot)));
    assert_eq!(kind("x<log/>\n"), K::TextOutsideRoot);
    assert_eq!(kind("<log/>&#32;\n"), K::TextOutsideRoot);
    assert_eq!(kind("<log/><![CDATA[]]>\n"), K::TextOutsideRoot);
    assert_eq!(kind("<!-- nothing -->\n"), K::NoRoot);
    assert_eq!(kind(" \n"), K::NoRoot);
    assert_eq!(
        ask("<!-- x -->\n<Log/>\n"),
        Err((2, 1, K::WrongRoot { expected: "log".into(), found: "Log".into() }))
    );
}

#[test]
fn tags_fit_together() {
    let (expected, found) = ("b".to_owned(), "c".to_owned());
    assert_eq!(ask("<log><b></c></log>\n"), Err((1, 9, K::MismatchedEnd { expected, found })));
    assert_eq!(ask("<log/></log>\n"), Err((1, 7, K::UnmatchedEnd("log".into()))));
    assert_eq!(ask("<log><b></log>\n").map_err(|e| e.0), Err(1));
    for cut in [
        "<log>",
        "<log><b/>\n",
        "<log>text",
        "<log",
        "<log a='",
        "<log>&am",
        "<log><!-- ",
        "<log><![CDATA[ ]]",
        "<log></lo",
        "<log></log>",
        "<!",
        "<log><!",
        "<?xml",
        "<!DOCTYPE a",
    ] {
        assert_eq!(kind(cut), K::Truncated, "{cut}");
    }
}

#[test]
fn attributes_are_written_as_xml_wants_them() {
    assert_eq!(ask("<log a='1'\n b='2' a='3'/>\n"), Err((2, 8, K::DuplicateAttribute("a".into()))));
    for wrong in [
        "<log a/>\n",
        "<log a=/>\n",
        "<log a=1/>\n",
        "<log a='1'b='2'/>\n",
        "<log a='<'/>\n",
        "<log 1='1'/>\n",
        "<log ä='1'/>\n",
        "<log><1/></log>\n",
        "<log>< b/></log>\n",
        "<log><b<c/></log>\n",
        "<log><!x></log>\n",
        "<log>]]></log>\n",
        "<log><!-- a -- b --></log>\n",
    ] {
        assert!(malformed(wrong), "{wrong}");
    }
}

#[test]
fn sizes_and_depth_have_limits() {
    let nested = |depth: usize| {
        format!("<log>{}{}</log>\n", "<b>".repeat(depth - 1), "</b>".repeat(depth - 1))
    };
    assert_eq!(ask(nested(DEPTH_LIMIT)), Ok(()));
    assert_eq!(ask(nested(DEPTH_LIMIT + 1)), Err((1, 6 + 3 * (DEPTH_LIMIT - 1), K::TooDeep)));
    assert_eq!(kind(nested(1_000_000)), K::TooDeep);
    let attribute = |size: usize| format!("<log a='{}'/>\n", "x".repeat(size));
    assert_eq!(ask(attribute(ATTRIBUTE_LIMIT)), Ok(()));
    assert_eq!(ask(attribute(ATTRIBUTE_LIMIT + 1)), Err((1, 6, K::LongAttribute("a".into()))));
    let words = |size: usize| format!("<log>{}</log>\n", "x".repeat(size));
    assert_eq!(ask(words(TEXT_LIMIT)), Ok(()));
    assert_eq!(kind(words(TEXT_LIMIT + 1)), K::LongText);
    let pieces = format!("<log>{}</log>\n", "xxxx&lt;<!-- -->".repeat(TEXT_LIMIT / 8 + 1));
    assert_eq!(kind(pieces), K::LongText);
}

#[test]
fn an_unresolved_merge_is_named_as_one() {
    for marker in ["<<<<<<< HEAD", "<<<<<<<", ">>>>>>> issue/81"] {
        let text = format!("<log>\n<b/>\n{marker}\n<c/>\n</log>\n");
        assert_eq!(ask(text), Err((3, 1, K::ConflictMarker)));
    }
    assert_eq!(ask("<log> >>>>>>> x\n>>>>>>>>\n</log>\n"), Ok(()));
}
