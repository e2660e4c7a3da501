//! How alike two issues are: by the words of their titles and by the paths they affect.

use std::collections::BTreeSet;

/// How alike two issues are, each in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// Words that both titles have, of all that either has.
    pub title: usize,
    /// Paths that both affect, of all that either affects.
    pub paths: usize,
}

/// Titles this alike speak of the same thing.
const SAME_TITLE: usize = 60;
/// Titles this alike speak of the same thing when the paths are.
const LIKE_TITLE: usize = 35;
/// Paths this alike are the same place.
const SAME_PATHS: usize = 50;

impl Likeness {
    /// How alike two issues are.
    pub fn of(one: (&str, &[String]), other: (&str, &[String])) -> Self {
        let words = |text: &str| -> BTreeSet<String> {
            let lower = text.to_lowercase();
            let words = lower.split(|c: char| !c.is_alphanumeric());
            words.filter(|word| word.chars().count() > 2).map(str::to_owned).collect()
        };
        let paths = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        Self {
            title: share(&words(one.0), &words(other.0)),
            paths: share(&paths(one.1), &paths(other.1)),
        }
    }

    /// Whether they are one issue.
    pub fn is_same(self) -> bool {
        self.title >= SAME_TITLE || (self.title >= LIKE_TITLE && self.paths >= SAME_PATHS)
    }

    /// How much they have in common, for finding the closest.
    pub fn weight(self) -> usize {
        self.title * 2 + self.paths
    }
}

fn share(one: &BTreeSet<String>, other: &BTreeSet<String>) -> usize {
    let either = one.union(other).count();
    (one.intersection(other).count() * 100).checked_div(either).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(one: &str, other: &str, same_paths: bool) -> Likeness {
        let here = ["a.md".to_owned()];
        let there = [if same_paths { "a.md" } else { "b.md" }.to_owned()];
        Likeness::of((one, &here), (other, &there))
    }

    #[test]
    fn the_same_thing_in_other_words_is_told() {
        assert!(
            like("Missing data retention policy", "The data retention policy is missing", false)
                .is_same()
        );
        let loose = ("Retention policy absent", "Missing data retention policy");
        assert!(like(loose.0, loose.1, true).is_same());
        assert!(!like(loose.0, loose.1, false).is_same());
        assert!(!like("Schema version is missing", "Response time is unclear", true).is_same());
        assert_eq!(like("", "", true).title, 0);
    }
}
