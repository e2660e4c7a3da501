//! The `Orch-Issue: 81` line in a commit's message: reading it, and putting it there.
//!
//! Text in, text out; the hook reads and writes the file.

use crate::domain::ids::IssueId;

/// The key of the line.
pub const KEY: &str = "Orch-Issue";

/// What `git commit -v` and `commit.cleanup = scissors` put above what is no message.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// The issues that a message names in an `Orch-Issue:` line, however far it is indented: a squash
/// indents the messages it collects.
pub fn named_issues(message: &str) -> Vec<IssueId> {
    message
        .lines()
        .filter_map(|line| {
            let (key, value) = line.trim().split_once(':')?;
            key.trim().eq_ignore_ascii_case(KEY).then(|| value.trim().parse().ok())?
        })
        .collect()
}

/// The key of the line that says why a commit belongs to no issue.
pub const NO_ISSUE: &str = "Orch-No-Issue";

/// The reason that a message gives for belonging to no issue. A line without one says nothing.
pub fn stated_reason(message: &str) -> Option<String> {
    message.lines().find_map(|line| {
        let (key, value) = line.trim().split_once(':')?;
        let reason = crate::domain::names::one_line(value);
        let says = key.trim().eq_ignore_ascii_case(NO_ISSUE) && reason.chars().count() >= 3;
        says.then_some(reason)
    })
}

/// `text`, the file that git hands to an editor, with the line for `issue` at the end of the
/// message: above git's own comments, within the trailers when there are some. `None` when
/// nothing is to be changed: the line is there already, or there is no message yet. An empty
/// message stays empty, or leaving the editor would no longer call the commit off.
///
/// `comment` is what git's comment lines begin with.
pub fn with_line(text: &str, issue: &IssueId, comment: &str) -> Option<String> {
    let end = end_of_message(text, comment);
    let (message, rest) = text.split_at(end);
    if named_issues(message).contains(issue) {
        return None;
    }
    let lines: Vec<&str> = message
        .lines()
        .filter(|line| !line.starts_with(comment) && !line.trim().is_empty())
        .collect();
    if lines.iter().all(|line| line.starts_with("Signed-off-by: ")) {
        return None;
    }
    let kept = message.trim_end();
    let gap = if ends_in_trailers(kept, comment) { "\n" } else { "\n\n" };
    let rest = rest.trim_start_matches('\n');
    let before_rest = if rest.is_empty() { "" } else { "\n" };
    Some(format!("{kept}{gap}{KEY}: {issue}\n{before_rest}{rest}"))
}

/// Where the message ends and git's comments, or what stands below the scissors, begin.
fn end_of_message(text: &str, comment: &str) -> usize {
    let mut at = 0;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if bare.strip_prefix(comment).is_some_and(|rest| rest == SCISSORS) {
            break;
        }
        at += line.len();
        if !bare.trim().is_empty() && !bare.starts_with(comment) {
            end = at;
        }
    }
    end
}

/// Whether the last paragraph of `message` consists of trailers; the first paragraph, the
/// subject, never does.
fn ends_in_trailers(message: &str, comment: &str) -> bool {
    let lines: Vec<&str> = message.lines().filter(|line| !line.starts_with(comment)).collect();
    let Some(gap) = lines.iter().rposition(|line| line.trim().is_empty()) else { return false };
    let subject = lines[..gap].iter().any(|line| !line.trim().is_empty());
    subject && lines[gap + 1..].iter().all(|line| is_trailer(line))
}

fn is_trailer(line: &str) -> bool {
    let key =
        |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    line.starts_with("(cherry picked from commit ")
        || line.starts_with([' ', '\t'])
        || line.split_once(':').is_some_and(|(name, value)| key(name) && value.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        with_line(text, &"81".parse().unwrap(), "#")
    }

    #[test]
    fn the_line_goes_below_the_message_and_into_its_trailers() {
        for (text, wanted) in [
            ("Fix it\n", "Fix it\n\nOrch-Issue: 81\n"),
            ("Fix it", "Fix it\n\nOrch-Issue: 81\n"),
            ("fix: it\n", "fix: it\n\nOrch-Issue: 81\n"),
            ("Fix it\n\nWhy.\n", "Fix it\n\nWhy.\n\nOrch-Issue: 81\n"),
            (
                "Fix it\n\nSigned-off-by: A <a@b>\n",
                "Fix it\n\nSigned-off-by: A <a@b>\nOrch-Issue: 81\n",
            ),
            ("Fix\n\nSee: this\nand that\n", "Fix\n\nSee: this\nand that\n\nOrch-Issue: 81\n"),
            ("Fix\n\nOrch-Issue: 82\n", "Fix\n\nOrch-Issue: 82\nOrch-Issue: 81\n"),
        ] {
            assert_eq!(added(text).as_deref(), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn what_git_adds_below_the_message_stays_below() {
        let comments = "# Please enter the commit message\n#\n# On branch issue/81\n";
        assert_eq!(
            added(&format!("Fix it\n\n{comments}")).unwrap(),
            format!("Fix it\n\nOrch-Issue: 81\n\n{comments}")
        );
        let diff = "# ------------------------ >8 ------------------------\n# Do not modify\n\
                    diff --git a/x b/x\n+Orch-Issue: 81\n";
        assert_eq!(
            added(&format!("Fix it\n{comments}{diff}")).unwrap(),
            format!("Fix it\n\nOrch-Issue: 81\n\n{comments}{diff}")
        );
    }

    #[test]
    fn nothing_is_added_twice_or_to_nothing() {
        for text in [
            "Fix\n\nOrch-Issue: 81\n",
            "Squashed\n\n    Orch-Issue: #81\n",
            "",
            "\n\n# Please enter\n",
            "\n\nSigned-off-by: A <a@b>\n\n# Please enter\n",
        ] {
            assert_eq!(added(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_more_than_a_key() {
        let reason = |text: &str| stated_reason(text);
        assert_eq!(reason("Fix\n\norch-no-issue: typo  fix\n").as_deref(), Some("typo fix"));
        assert_eq!(reason("Fix\n\nOrch-No-Issue:\nOrch-No-Issue: -\n"), None);
    }

    #[test]
    fn adding_twice_is_adding_once() {
        let once = added("Fix it\n\nWhy: because\n\n# note\n").unwrap();
        assert_eq!(added(&once), None);
        assert_eq!(named_issues(&once), ["81".parse().unwrap()]);
    }
}
