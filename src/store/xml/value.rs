//! Values of the domain as the texts that documents hold, each with one way of writing it.
//!
//! [`Plain`] carries a value through serde. What is read must be exactly what would be written
//! for it: `#81`, `007` or a time in another zone are errors, so that equal documents have equal
//! bytes.

use std::fmt::Display;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::domain::ids::{CommitId, Digest, IssueId, PatchId, TreeId};
use crate::domain::learning::Kind;
use crate::domain::learning::standing::Act;
use crate::domain::names::{BranchName, HEADS};
use crate::domain::phase::Phase;
use crate::domain::time::Moment;

/// A value that stands in a document as text.
pub(super) trait Value: Sized {
    /// The one way of writing it.
    fn write(&self) -> String;
    /// The value that `text` writes, or what is wrong with it.
    fn read(text: &str) -> Result<Self, String>;
}

/// A value on its way to or from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain<T>(pub(super) T);

impl<T: Value> Serialize for Plain<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

impl<'de, T: Value> Deserialize<'de> for Plain<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let value = T::read(&text).map_err(D::Error::custom)?;
        let canonical = value.write();
        if canonical == text {
            Ok(Self(value))
        } else {
            Err(D::Error::custom(format_args!("{text:?} is written {canonical:?}")))
        }
    }
}

/// Values whose `Display` and `FromStr` are the text in documents.
macro_rules! as_displayed {
    ($($kind:ty),*) => {
        $(impl Value for $kind {
            fn write(&self) -> String {
                self.to_string()
            }
            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|e: <$kind as std::str::FromStr>::Err| e.to_string())
            }
        })*
    };
}
as_displayed!(Act, CommitId, Digest, IssueId, Kind, Moment, PatchId, TreeId);

/// Numbers and truth values, whose own errors do not say what was written.
macro_rules! as_number {
    ($($kind:ty: $what:literal),*) => {
        $(impl Value for $kind {
            fn write(&self) -> String {
                self.to_string()
            }
            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| not(text, $what))
            }
        })*
    };
}
as_number!(u32: "a whole number", u64: "a whole number", i32: "a whole number", bool: "true or false");

/// What `text` should have been.
pub(super) fn not(text: &str, what: impl Display) -> String {
    let shown: String = text.chars().take(60).collect();
    format!("{shown:?} is not {what}")
}

impl Value for Phase {
    fn write(&self) -> String {
        self.name().to_owned()
    }
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|e: crate::domain::phase::UnknownPhase| e.to_string())
    }
}

impl Value for BranchName {
    fn write(&self) -> String {
        self.as_str().to_owned()
    }
    fn read(text: &str) -> Result<Self, String> {
        // With the prefix, because a branch may itself be called refs/heads/x.
        format!("{HEADS}{text}")
            .parse()
            .map_err(|e: crate::domain::names::BadBranchName| e.to_string())
    }
}

/// Declares an enumeration of words: `words! { enum Status { Open = "open", Done = "done" } }`.
macro_rules! words {
    ($(#[$doc:meta])* enum $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::store::xml) enum $name {
            $($variant),*
        }

        impl $crate::store::xml::value::Value for $name {
            fn write(&self) -> String {
                match self {
                    $(Self::$variant => $word.to_owned()),*
                }
            }
            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::store::xml::value::not(text, [$($word),*].join(" or "))),
                }
            }
        }
    };
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Value + std::fmt::Debug>(text: &str) -> Result<T, String> {
        let value = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
        Plain::deserialize(value).map(|plain| plain.0).map_err(|e| e.to_string())
    }

    #[test]
    fn a_value_has_one_form() {
        assert_eq!(read::<u32>("7"), Ok(7));
        assert_eq!(read::<u32>("007"), Err(r#""007" is written "7""#.to_owned()));
        assert_eq!(read::<u32>("-7"), Err(r#""-7" is not a whole number"#.to_owned()));
        assert_eq!(read::<IssueId>("#81"), Err(r##""#81" is written "81""##.to_owned()));
        assert_eq!(read::<Phase>("compact"), Ok(Phase::Compact));
        assert_eq!(read::<Phase>("COMPACT"), Err(r#""COMPACT" is written "compact""#.to_owned()));
        assert!(read::<Moment>("2025-10-20T17:30:45+02:00").is_err());
        assert!(read::<CommitId>(&"A".repeat(40)).is_err());
        assert!(read::<bool>("yes").is_err());
    }

    #[test]
    fn a_branch_may_be_called_like_a_ref() {
        let odd: BranchName = "refs/heads/refs/heads/x".parse().unwrap();
        assert_eq!(read::<BranchName>(&odd.write()), Ok(odd));
        assert!(read::<BranchName>("a b").is_err());
    }
}
