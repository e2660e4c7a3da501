//! What a learning must say to be accepted. Each refusal names what would be accepted instead.

use super::super::ids::IssueId;
use super::super::refusal::Unmet;
use super::super::tidy::quoted;
use super::super::time::Moment;
use super::{Kind, Learning, learning_id, telling_words};

/// Longest lesson, in characters: three sentences.
pub const LESSON_LIMIT: usize = 480;
/// Shortest lesson, in characters: below this nothing can be acted on.
pub const LESSON_MINIMUM: usize = 20;
/// Fewest words of a lesson that say something; "it works now, all of it" has one.
const TELLING_MINIMUM: usize = 3;
/// From which likeness on two lessons say the same, 0 to 1. Rewordings of one lesson by the same
/// author lie above 0.7, lessons about the same file mostly below 0.4.
pub const TWIN: f64 = 0.7;

/// What a draft leaves open, for somebody who was there; a lesson with it is not accepted.
pub const GAP: &str = "why, and what to do instead";

/// What stands in the refusals where words are to be put; never accepted as such.
const EXAMPLE_LESSON: &str = "what goes wrong, and what to do instead";
const EXAMPLE_WHEN: &str = "words that say when it applies";
const EXAMPLE_EVIDENCE: &str = "src/file.rs fn name";

/// Lessons that say nothing, without punctuation, in lower case.
const BOILERPLATE: [&str; 26] = [
    "n/a",
    "none",
    "nothing",
    "no learnings",
    "nothing learned",
    "nothing to report",
    "todo",
    "tbd",
    "all good",
    "everything worked",
    "everything went well",
    "everything worked as expected",
    "it works",
    "works as expected",
    "the tests pass now",
    "all tests pass",
    "always test your code",
    "always write tests",
    "write clean code",
    "follow best practices",
    "follow the best practices",
    "read the documentation carefully",
    "be careful with this code",
    "make sure everything works",
    "the implementation was straightforward",
    EXAMPLE_LESSON,
];

/// What the candidate is compared with: those of its own issue, and twins from others.
#[derive(Debug)]
pub struct Others<'a> {
    /// The learnings of the same issue; the candidate's own number is passed over.
    pub own: &'a [Learning],
    /// A learning of another issue that says the same, if there is one.
    pub twin: Option<(&'a IssueId, &'a Learning)>,
}

/// What keeps `candidate` of issue `id` from being accepted; empty when it is acceptable.
pub fn objections(
    id: &IssueId,
    candidate: &Learning,
    others: &Others<'_>,
    now: Moment,
) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    let mut object = |code, why: String, fix: String| unmet.push(Unmet::new(code, why, fix));
    let lesson = candidate.lesson.trim();
    let length = lesson.chars().count();
    if lesson.contains(GAP) {
        object(
            "learning-empty",
            format!("{lesson:?} leaves [{GAP}] open, which only somebody who was there can tell"),
            command(id, candidate, "--lesson", EXAMPLE_LESSON),
        );
    } else if length < LESSON_MINIMUM || says_nothing(lesson) {
        object(
            "learning-empty",
            format!("{lesson:?} says nothing that the next agent could act on"),
            command(id, candidate, "--lesson", EXAMPLE_LESSON),
        );
    }
    if length > LESSON_LIMIT {
        object(
            "learning-long",
            format!(
                "the lesson has {length} characters; {LESSON_LIMIT} is the limit, and two lessons \
                 are two learnings"
            ),
            command(id, candidate, "--lesson", "one to three sentences"),
        );
    }
    let when = candidate.when();
    if when.trim().chars().count() < 3 || when == EXAMPLE_WHEN {
        object(
            "learning-trigger",
            "it does not say when it applies: words, --error TEXT or --path FILE".to_owned(),
            command(id, candidate, "--when", EXAMPLE_WHEN),
        );
    }
    if candidate.anchor.is_empty() {
        object(
            "learning-evidence",
            format!(
                "{:?} names nothing that is there: a commit, a file of the branch, an evidence \
                 number, a criterion or a task of issue {id}",
                candidate.evidence
            ),
            command(id, candidate, "--evidence", EXAMPLE_EVIDENCE),
        );
    }
    match (candidate.kind, candidate.expires) {
        (Kind::Fact, None) => object(
            "learning-expiry",
            "a fact holds only for a time, and none is given".to_owned(),
            command(id, candidate, "--expires", &in_a_quarter(now)),
        ),
        (_, Some(expires)) if expires <= now => object(
            "learning-expired",
            format!("it expired on {expires}"),
            command(id, candidate, "--expires", &in_a_quarter(now)),
        ),
        _ => {}
    }
    unmet.extend(twin(id, candidate, others));
    unmet
}

fn twin(id: &IssueId, candidate: &Learning, others: &Others<'_>) -> Option<Unmet> {
    let lesson = &candidate.lesson;
    let own = || others.own.iter().filter(|other| other.number != candidate.number);
    if let Some(twin) = own().find(|other| similarity(&other.lesson, lesson) >= TWIN) {
        let name = learning_id(id, twin.number);
        return Some(Unmet::new(
            "learning-twin",
            format!("{name} says the same: {:?}", twin.lesson),
            format!("git orch learn edit {name} --lesson {}", quoted(lesson)),
        ));
    }
    let (issue, twin) = others.twin?;
    let name = learning_id(issue, twin.number);
    let mut fix = format!("git orch learn confirm {name} --issue {id}");
    if own().next().is_none() {
        // Nothing else is said of this issue, which has to say something.
        fix = format!("{fix} && git orch learn none {id} --reason '{name} says what it taught'");
    }
    Some(Unmet::new(
        "learning-twin",
        format!("{name} says the same: {:?}; agreeing with it counts", twin.lesson),
        fix,
    ))
}

/// The command that gives the candidate again, with `value` for the option that was wrong.
fn command(id: &IssueId, candidate: &Learning, option: &str, value: &str) -> String {
    let mut text = format!("git orch learn add {id} --kind {}", candidate.kind);
    let mut put = |name: &str, given: &str| {
        let chosen = if name == option { value } else { given };
        if !chosen.is_empty() {
            text.push_str(&format!(" {name} {}", quoted(chosen)));
        }
    };
    put("--when", &candidate.trigger);
    put("--error", candidate.error.as_deref().unwrap_or_default());
    for path in &candidate.paths {
        put("--path", path);
    }
    put("--lesson", &candidate.lesson);
    put("--evidence", &candidate.evidence);
    put("--expires", &candidate.expires.map(day).unwrap_or_default());
    text
}

/// A day about three months from `now`.
fn in_a_quarter(now: Moment) -> String {
    day(Moment::from_seconds(now.seconds() + 90 * 86_400))
}

fn day(at: Moment) -> String {
    at.to_string().chars().take(10).collect()
}

/// Whether a lesson is a phrase that fills the field, or has too few words that tell anything.
fn says_nothing(lesson: &str) -> bool {
    let plain: String = lesson
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || *c == '/' || *c == ',')
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    // A script without spaces between words has few words, and still says something.
    let spaced = lesson.is_ascii();
    BOILERPLATE.contains(&plain.trim_end_matches(','))
        || (spaced && telling_words(&plain).len() < TELLING_MINIMUM)
}

/// Share of telling words that two texts have in common (Jaccard index), 0 to 1.
pub fn similarity(a: &str, b: &str) -> f64 {
    let (a, b) = (telling_words(a), telling_words(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(a.intersection(&b).count()) / count(a.union(&b).count())
}

#[cfg(test)]
mod tests {
    use super::super::anchor::Anchor;
    use super::*;

    fn learning(lesson: &str) -> Learning {
        Learning {
            number: 1,
            kind: Kind::Pitfall,
            trigger: "rebase with a dirty index".to_owned(),
            error: None,
            paths: Vec::new(),
            lesson: lesson.to_owned(),
            evidence: "src/rebase.rs fn start".to_owned(),
            anchor: Anchor { file: Some("src/rebase.rs".to_owned()), ..Anchor::default() },
            author: "person".to_owned(),
            at: Moment::from_seconds(0),
            expires: None,
        }
    }

    fn codes(candidate: &Learning, own: &[Learning]) -> Vec<&'static str> {
        let id = "81".parse().unwrap();
        let others = Others { own, twin: None };
        objections(&id, candidate, &others, Moment::from_seconds(0))
            .iter()
            .map(|u| u.code)
            .collect()
    }

    #[test]
    fn a_useful_lesson_is_accepted() {
        let useful = learning("Rebase refuses a dirty index; commit or drop changes first.");
        assert_eq!(codes(&useful, &[]), [""; 0]);
    }

    #[test]
    fn emptiness_length_and_twins_are_objected_to() {
        for empty in ["Everything worked.", "It works now, all of it, it does.", EXAMPLE_LESSON] {
            assert_eq!(codes(&learning(empty), &[]), ["learning-empty"], "{empty}");
        }
        assert_eq!(codes(&learning(&"some more words ".repeat(40)), &[]), ["learning-long"]);
        let first = learning("Rebase refuses a dirty index; commit or drop changes first.");
        let mut second = learning("rebase refuses a dirty index: commit, or drop changes first");
        assert_eq!(
            codes(&second, std::slice::from_ref(&first)),
            [""; 0],
            "it is no twin of itself"
        );
        second.number = 2;
        assert_eq!(codes(&second, &[first]), ["learning-twin"]);
        let mut fact = learning("The build server has only one core this month.");
        fact.kind = Kind::Fact;
        assert_eq!(codes(&fact, &[]), ["learning-expiry"]);
    }

    #[test]
    fn when_and_evidence_must_name_something() {
        let mut vague = learning("Rebase refuses a dirty index; commit or drop changes first.");
        vague.anchor = Anchor::default();
        vague.trigger = String::new();
        assert_eq!(codes(&vague, &[]), ["learning-trigger", "learning-evidence"]);
        vague.error = Some("error: cannot rebase".to_owned());
        assert_eq!(codes(&vague, &[]), ["learning-evidence"]);
    }

    #[test]
    fn the_fix_gives_everything_again_that_was_right() {
        let id = "81".parse().unwrap();
        let others = Others { own: &[], twin: None };
        let unmet = objections(&id, &learning("done"), &others, Moment::from_seconds(0));
        assert_eq!(
            unmet[0].fix,
            "git orch learn add 81 --kind pitfall --when 'rebase with a dirty index' --lesson \
             'what goes wrong, and what to do instead' --evidence 'src/rebase.rs fn start'"
        );
    }
}
