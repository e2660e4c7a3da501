//! `[land]`: how finished issues are brought in, and by whom.

use serde::Deserialize;

use crate::domain::policy::{LandedBy, Method};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LandPart {
    #[serde(default)]
    method: MethodPart,
    #[serde(default)]
    by: ByPart,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MethodPart {
    #[default]
    Merge,
    Rebase,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ByPart {
    #[default]
    Orch,
    Agent,
}

impl LandPart {
    pub(super) fn method(&self) -> Method {
        match self.method {
            MethodPart::Merge => Method::Merge,
            MethodPart::Rebase => Method::Rebase,
        }
    }

    pub(super) fn by(&self) -> LandedBy {
        match self.by {
            ByPart::Orch => LandedBy::Orch,
            ByPart::Agent => LandedBy::Agent,
        }
    }
}
