//! How well a learning answers a question: its words, how new it is, who agreed.

use super::super::time::Moment;
use super::standing::Standing;

/// After how many days a learning counts a third less for its age: two release cycles of a
/// usual project.
const AGEING_DAYS: f64 = 180.0;

/// `relevance` (above 0, larger is better) weighed by age, confirmations and standing.
pub fn weighed(
    relevance: f64,
    at: Moment,
    now: Moment,
    confirmed: usize,
    standing: Standing,
) -> f64 {
    let count = |n: u64| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let days = count(now.since(at)) / 86_400.0;
    let age = 0.67 + 0.33 * (-days / AGEING_DAYS).exp();
    let agreed = 1.0 + 0.15 * (1.0 + count(confirmed as u64)).ln();
    let looked_at = match standing {
        Standing::Reviewed => 1.15,
        Standing::Proposed => 1.0,
        Standing::Suspect => 0.6,
        Standing::Retired | Standing::Rejected => 0.3,
    };
    relevance * age * agreed * looked_at
}

/// An error text without what differs from run to run: numbers, ids, paths' folders, quotes and
/// white space. Two prints of the same error have the same signature.
pub fn signature(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split_whitespace().map(|word| {
        let word =
            word.trim_matches(|c: char| matches!(c, '\'' | '"' | '`' | ',' | ';' | '(' | ')'));
        let (edge, word) = match word.strip_suffix(':') {
            Some(rest) => (":", rest),
            None => ("", word),
        };
        let hexadecimal = |w: &str| w.len() >= 7 && w.bytes().all(|b| b.is_ascii_hexdigit());
        let plain = if hexadecimal(word.trim_start_matches("0x"))
            && word.contains(|c: char| c.is_ascii_digit())
        {
            "#".to_owned()
        } else if word.contains('/') && !word.contains("://") {
            numberless(word.rsplit('/').next().unwrap_or(word))
        } else {
            numberless(word)
        };
        format!("{plain}{edge}")
    });
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The word with each run of digits as one `#`.
fn numberless(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    for c in word.chars() {
        if !c.is_ascii_digit() {
            text.push(c);
        } else if !text.ends_with('#') {
            text.push('#');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_error_has_the_same_signature() {
        let one = signature("error[E0382]: borrow of moved value: `name` at /home/a/src/x.rs:12:5");
        let two =
            signature("error[E0382]: borrow of moved value: `name` at /build/7/src/x.rs:190:41");
        assert_eq!(one, two);
        assert_eq!(one, "error[e#]: borrow of moved value: name at x.rs:#:#");
        assert_eq!(signature("pid 4711: object deadbeef01 missing"), "pid #: object # missing");
        assert_ne!(signature("cannot open a.txt"), signature("cannot open b.txt"));
    }

    #[test]
    fn newer_and_confirmed_ones_come_first() {
        let now = Moment::from_seconds(400 * 86_400);
        let old = Moment::from_seconds(0);
        let weigh = |at, confirmed| weighed(1.0, at, now, confirmed, Standing::Reviewed);
        assert!(weigh(now, 0) > weigh(old, 0));
        assert!(weigh(old, 9) > weigh(old, 0));
        assert!(weighed(1.0, now, now, 0, Standing::Suspect) < weigh(old, 0));
    }
}
