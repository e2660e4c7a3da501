//! Counting the issues of a catalog, and the forms in which people show the counts.
//!
//! A form is taken from what stands there already: how long the bar is, which signs it is drawn
//! with, how many decimals a percentage has. Nothing is restyled.

/// How many issues there are and how many of them are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub total: usize,
    /// Those that are done.
    pub resolved: usize,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, resolved: bool) {
        self.total += 1;
        self.resolved += usize::from(resolved);
    }

    /// Those that are not done.
    pub fn open(self) -> usize {
        self.total - self.resolved
    }

    /// The share that is done in hundredths of a percent, rounded down: 100 % means all.
    fn share(self) -> usize {
        if self.total == 0 { 0 } else { self.resolved * 10_000 / self.total }
    }

    /// The share that is done in percent, with as many decimals as asked for, at most two: `66`,
    /// `66.6`. Rounded down, so that 100 is said only when nothing is left.
    pub fn percent(self, decimals: usize) -> String {
        let share = self.share();
        match decimals {
            0 => format!("{}", share / 100),
            1 => format!("{}.{}", share / 100, share % 100 / 10),
            _ => format!("{}.{:02}", share / 100, share % 100),
        }
    }
}

/// Signs that bars are drawn with: done, to be done.
const BARS: [(char, char); 7] =
    [('█', '░'), ('▓', '░'), ('▰', '▱'), ('■', '□'), ('●', '○'), ('#', '-'), ('=', '-')];

/// What a cell with a share says, redrawn for `tally` in the form found there; `None` when the
/// cell holds no percentage.
///
/// Forms that are known: `[░░░░░░░░░░░░░░░░░░░░] 0%`, `🔴 0%`, `12.5%`, and both together.
pub fn redrawn(found: &str, tally: Tally) -> Option<String> {
    let sign = found.find('%')?;
    let number_end = found[..sign].trim_end().len();
    let number_start = found[..number_end]
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |at| at + found[at..].chars().next().map_or(1, char::len_utf8));
    let number = &found[number_start..number_end];
    if number.is_empty() {
        return None;
    }
    let decimals = number.split_once('.').map_or(0, |(_, digits)| digits.len());
    let before = signed(&barred(&found[..number_start], tally), tally);
    Some(format!("{before}{}{}", tally.percent(decimals), &found[number_end..]))
}

/// The text with its bar, if it has one, drawn anew in the same length and signs.
fn barred(text: &str, tally: Tally) -> String {
    let Some((open, close)) = text.find('[').zip(text.rfind(']')) else { return text.to_owned() };
    let Some(inner) = text.get(open + 1..close) else { return text.to_owned() };
    let of = |(full, empty): &(char, char)| {
        !inner.is_empty() && inner.chars().all(|c| c == *full || c == *empty)
    };
    let Some((full, empty)) = BARS.iter().find(|bar| of(bar)) else { return text.to_owned() };
    let length = inner.chars().count();
    let done = tally.share() * length / 10_000;
    let bar: String = (0..length).map(|n| if n < done { *full } else { *empty }).collect();
    format!("{}[{bar}]{}", &text[..open], &text[close + 1..])
}

/// The text with its light, if it has one, set: red below 80 %, yellow below 100 %, and at 100 %
/// green where green was used, a tick otherwise.
fn signed(text: &str, tally: Tally) -> String {
    const LIGHTS: [char; 5] = ['🔴', '🟡', '🟠', '🟢', '✅'];
    let Some(found) = text.chars().find(|c| LIGHTS.contains(c)) else { return text.to_owned() };
    let light = match tally.share() {
        10_000.. if found == '🟢' => '🟢',
        10_000.. => '✅',
        8_000.. => '🟡',
        _ => '🔴',
    };
    text.replacen(found, &light.to_string(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(resolved: usize, total: usize) -> Tally {
        Tally { total, resolved }
    }

    #[test]
    fn a_form_is_kept_and_only_its_value_changes() {
        for (found, tally, redrawn_to) in [
            ("[░░░░░░░░░░░░░░░░░░░░] 0%", tally(2, 5), "[████████░░░░░░░░░░░░] 40%"),
            ("[██░░] 50.0%", tally(1, 3), "[█░░░] 33.3%"),
            ("[####------] 40%", tally(5, 5), "[##########] 100%"),
            ("🔴 0%", tally(2, 2), "✅ 100%"),
            ("🔴 0%", tally(4, 5), "🟡 80%"),
            ("🟢 100%", tally(0, 5), "🔴 0%"),
            ("**0 %**", tally(1, 2), "**50 %**"),
        ] {
            assert_eq!(redrawn(found, tally).unwrap(), redrawn_to, "{found}");
        }
        assert_eq!(redrawn("soon", tally(0, 1)), None);
        assert_eq!(redrawn("%", tally(0, 1)), None);
    }

    #[test]
    fn a_hundred_percent_means_all() {
        assert_eq!(tally(9_999, 10_000).percent(0), "99");
        assert_eq!(tally(0, 0).percent(0), "0");
        assert_eq!(redrawn("🔴 0%", tally(9_999, 10_000)).unwrap(), "🟡 99%");
    }
}
