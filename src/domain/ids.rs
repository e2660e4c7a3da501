//! Identifiers that are checked at birth and never mixed up.

use std::fmt;
use std::str::FromStr;

/// The name of an issue: `81`, `GH-81`, `E-01`.
///
/// One to forty letters, digits and hyphens, beginning with a letter or digit and not ending in a
/// hyphen; not `HEAD` and not a device name of Windows. Such an id is safe as a ref component, a
/// folder name and a command-line argument, which is why the rule is this narrow. A leading `#`
/// is accepted on reading and dropped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueId(String);

/// Why a text is no issue id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown:?} is not an issue id: {reason}")]
pub struct BadIssueId {
    /// The text as given, cut to sixty characters.
    pub shown: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Longest issue id, in bytes.
pub const ISSUE_ID_LIMIT: usize = 40;

impl IssueId {
    /// The id as text, without `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the two differ only in letter case: one folder on some file systems.
    pub fn is_case_twin_of(&self, other: &Self) -> bool {
        self != other && self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for IssueId {
    type Err = BadIssueId;

    fn from_str(text: &str) -> Result<Self, BadIssueId> {
        let id = text.strip_prefix('#').unwrap_or(text);
        let refuse = |reason| Err(BadIssueId { shown: text.chars().take(60).collect(), reason });
        if id.is_empty() {
            return refuse("it is empty");
        }
        if id.len() > ISSUE_ID_LIMIT {
            return refuse("it is longer than 40 characters");
        }
        if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return refuse("use letters, digits and hyphens, such as 81, GH-81 or E-01");
        }
        if id.starts_with('-') || id.ends_with('-') {
            return refuse("it must begin and end with a letter or digit");
        }
        if is_reserved(id) {
            return refuse("the name is reserved");
        }
        Ok(Self(id.to_owned()))
    }
}

/// Words that stand beside an id on the command line, so that none is ever taken for the other.
const VERBS: [&str; 6] = ["list", "show", "search", "verify", "restore", "purge"];

/// Verbs, `HEAD`, and the device names that Windows allows as no file name.
fn is_reserved(id: &str) -> bool {
    let lower = id.to_ascii_lowercase();
    VERBS.contains(&lower.as_str())
        || matches!(lower.as_str(), "head" | "con" | "prn" | "aux" | "nul")
        || (lower.len() == 4
            && (lower.starts_with("com") || lower.starts_with("lpt"))
            && lower.as_bytes()[3].is_ascii_digit())
}

/// A text that is no object id of 40 or 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an object id of 40 or 64 hexadecimal digits")]
pub struct BadObjectId(pub String);

fn is_object_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

macro_rules! object_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// All digits, lower case.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first ten digits, for people.
            pub fn short(&self) -> &str {
                &self.0[..10]
            }

            /// Whether this is git's "no object": only zeros.
            pub fn is_zero(&self) -> bool {
                self.0.bytes().all(|b| b == b'0')
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadObjectId;

            fn from_str(text: &str) -> Result<Self, BadObjectId> {
                let lower = text.to_ascii_lowercase();
                if is_object_id(&lower) {
                    Ok(Self(lower))
                } else {
                    Err(BadObjectId(text.chars().take(80).collect()))
                }
            }
        }
    };
}

object_id! {
    /// The id of a commit; 40 digits, or 64 in a SHA-256 repository.
    CommitId
}
object_id! {
    /// The id of a tree.
    TreeId
}
object_id! {
    /// The id of a blob.
    BlobId
}
object_id! {
    /// The id of a change: a digest of a commit's diff, line numbers and spacing aside, so that a
    /// rebased or picked commit keeps it.
    PatchId
}

/// A SHA-256 digest of bytes that git-orch wrote, shown as `sha256:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        let mut hex = String::with_capacity(64);
        for byte in sha2::Sha256::digest(bytes) {
            hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        Self(hex)
    }

    /// The 64 digits without the prefix.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for Digest {
    type Err = BadObjectId;

    fn from_str(text: &str) -> Result<Self, BadObjectId> {
        match text.strip_prefix("sha256:") {
            Some(hex) if hex.len() == 64 && is_object_id(hex) => Ok(Self(hex.to_owned())),
            _ => Err(BadObjectId(text.chars().take(80).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_people_use_are_accepted() {
        for (text, id) in [("81", "81"), ("#81", "81"), ("GH-81", "GH-81"), ("E-01", "E-01")] {
            assert_eq!(text.parse::<IssueId>().unwrap().as_str(), id);
        }
    }

    #[test]
    fn ids_that_could_do_harm_are_refused() {
        let long = "a".repeat(41);
        for text in [
            "",
            "#",
            "##81",
            "-f",
            "--exec=x",
            "../../x",
            "a/b",
            "a..b",
            "x;touch",
            "a b",
            "a\nb",
            "x.lock",
            "a\u{1b}[31m",
            "é",
            "HEAD",
            "head",
            "nul",
            "COM1",
            "81-",
            "@",
            &long,
        ] {
            assert!(text.parse::<IssueId>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn case_twins_are_told() {
        let (a, b): (IssueId, IssueId) = ("e-01".parse().unwrap(), "E-01".parse().unwrap());
        assert!(a.is_case_twin_of(&b));
        assert!(!a.is_case_twin_of(&a));
    }

    #[test]
    fn digests_read_back() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string().parse(), Ok(digest.clone()));
        assert!(digest.hex().starts_with("ba7816bf"));
    }
}
