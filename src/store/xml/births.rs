//! `<birth>`: a commit that belongs to an issue, as the session log and the receipt list them.

use serde::{Deserialize, Serialize};

use super::error::ReadError;
use super::grammar::{Content, Element};
use super::unique::unique;
use super::value::Plain;
use crate::domain::ids::{CommitId, PatchId};
use crate::domain::receipt::Birth;

/// `<birth commit="…" patch="…"/>`.
pub(super) const BIRTH: Element = Element {
    name: "birth",
    required: &["commit"],
    optional: &["patch"],
    content: Content::Elements(&[]),
};

/// A list of births.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BirthList {
    #[serde(default)]
    birth: Vec<BirthShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BirthShape {
    #[serde(rename = "@commit")]
    commit: Plain<CommitId>,
    #[serde(rename = "@patch", default, skip_serializing_if = "Option::is_none")]
    patch: Option<Plain<PatchId>>,
}

impl From<&[Birth]> for BirthList {
    fn from(births: &[Birth]) -> Self {
        let shape = |birth: &Birth| BirthShape {
            commit: Plain(birth.commit.clone()),
            patch: birth.patch.clone().map(Plain),
        };
        Self { birth: births.iter().map(shape).collect() }
    }
}

impl TryFrom<BirthList> for Vec<Birth> {
    type Error = ReadError;

    fn try_from(list: BirthList) -> Result<Self, ReadError> {
        unique("birth", list.birth.iter().map(|birth| &birth.commit.0))?;
        let birth = |shape: BirthShape| Birth {
            commit: shape.commit.0,
            patch: shape.patch.map(|patch| patch.0),
        };
        Ok(list.birth.into_iter().map(birth).collect())
    }
}
