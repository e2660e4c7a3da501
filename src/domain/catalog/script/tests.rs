//! Blocks as people write them, and blocks that nobody should have written.

use super::*;
use proptest::prelude::*;

fn told(block: &str) -> Vec<String> {
    pieces(block).unwrap().into_iter().map(|piece| piece.text).collect()
}

#[test]
fn each_line_is_a_command_unless_something_is_open() {
    for one in [
        "grep -q \"a b\" f && echo \"PASS\" || echo \"FAIL\"",
        "for c in a b; do\n  grep -q \"/$c\" f || { echo FAIL; exit 1; }\ndone && echo PASS",
        "if test -f a; then\n  echo PASS\nelse\n  echo FAIL\nfi",
        "[ \"$(grep -cE '^\\| `/' README.md)\" -ge 4 ] && echo \"PASS\"",
        "grep a f |\n  wc -l",
        "test -f a &&\n  echo PASS",
        "grep a \\\n  f",
        "python3 - <<'EOF'\nif x:\n  print(\"it's\")\nEOF",
        "cat <<-END | grep x\n\tx\n\tEND",
        "case \"$x\" in\n  a) echo PASS ;;\n  *) echo FAIL ;;\nesac",
        "check() {\n  test -f \"$1\"\n}",
        "(cd x\n  ls)",
        "echo 'two\nlines'",
        "echo \"${x:-$(date)}\" # it's done",
        "while read -r l; do echo \"$l\"; done < <(ls)",
        "test \"`ls | wc -l`\" = 3",
        "ls > /dev/null 2>&1",
        "echo done",
        "echo \\# if",
        "n=$(( (1 + 2) * 3 ))",
        "find . -name '*.rs' -exec grep -l x {} \\;",
        "sleep 0 &",
    ] {
        assert_eq!(told(one), [one], "{one}");
        let two = format!("{one}\ntrue");
        assert_eq!(told(&two), [one, "true"], "{one}");
    }
}

#[test]
fn a_block_that_is_broken_stays_whole() {
    for broken in ["echo )", "fi", "echo 'open", "if true; then", "done", "cat <<EOF\nx", "}"] {
        assert_eq!(pieces(broken), None, "{broken}");
    }
}

#[test]
fn comments_head_what_follows() {
    let block = "# Check 1: one\ntrue\n\n#\n# Check 2: two\nfalse\ntest 1\n";
    let found: Vec<_> =
        pieces(block).unwrap().into_iter().map(|p| (p.heading.unwrap(), p.text, p.line)).collect();
    let own = |a: &str, b: &str, line| (a.to_owned(), b.to_owned(), line);
    assert_eq!(
        found,
        [
            own("Check 1: one", "true", 1),
            own("Check 2: two", "false", 5),
            own("Check 2: two", "test 1", 6),
        ]
    );
}

#[test]
fn what_only_prepares_is_told_from_what_decides() {
    let setup = |text: &str| pieces(text).unwrap()[0].is_setup();
    for text in ["cd examples", "x=1", "n=$(grep -c a f)", "set -e", "f() {\n true\n}", ". ./env"] {
        assert!(setup(text), "{text}");
    }
    for text in ["cd x && test -f y", "LC_ALL=C sort -c f; true", "grep a f", "test x = y"] {
        assert!(!setup(text), "{text}");
    }
}

proptest! {
    /// Whatever the block is, no command is lost, none is made up, and the order stays.
    #[test]
    fn nothing_is_lost(block in "[a-z'\"`(){}$#;&|\\\\<\n \\-=]{0,80}") {
        if let Some(found) = pieces(&block) {
            let kept: String = found.iter().map(|p| format!("{}\n", p.text)).collect();
            let telling = |text: &str| -> Vec<String> {
                text.lines()
                    .filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'))
                    .map(str::to_owned)
                    .collect()
            };
            // Within a command, blank lines and comments stay; outside they go.
            let all = telling(&block);
            prop_assert_eq!(telling(&kept), all);
        }
    }
}
