//! The form of `.orchestration/config.toml`: its tables and words, with the place of what is
//! judged only afterwards.

use serde::Deserialize;
use toml::Spanned;

use super::{agent, land, lanes};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) gate: Gate,
    #[serde(default)]
    pub(super) push: Push,
    #[serde(default)]
    pub(super) receipt: ReceiptPart,
    #[serde(default)]
    pub(super) waive: Waive,
    #[serde(default)]
    pub(super) validate: Validate,
    #[serde(default)]
    pub(super) land: land::LandPart,
    #[serde(default)]
    pub(super) worktree: Worktree,
    #[serde(default)]
    pub(super) validator: Vec<ValidatorPart>,
    pub(super) agent: Option<Spanned<agent::AgentPart>>,
    pub(super) lanes: Option<Spanned<lanes::LanesPart>>,
    #[serde(default)]
    pub(super) learning: Learning,
    #[serde(default)]
    pub(super) archive: Archive,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Archive {
    pub(super) push: Option<bool>,
    pub(super) tracked: Option<bool>,
    pub(super) transcripts: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Learning {
    pub(super) lines: Option<usize>,
    pub(super) cap: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gate {
    pub(super) protected: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    pub(super) direct: DirectPart,
    #[serde(default)]
    pub(super) scope: ScopePart,
    #[serde(default)]
    pub(super) authors: Vec<String>,
    pub(super) ignored: Option<Spanned<Vec<String>>>,
    pub(super) containment: Option<Spanned<f64>>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DirectPart {
    #[default]
    Pass,
    Warn,
    Refuse,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ScopePart {
    #[default]
    Issues,
    Strict,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Push {
    #[serde(default)]
    pub(super) issue_branches: PushPart,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PushPart {
    #[default]
    Sealed,
    Wip,
    Any,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceiptPart {
    #[serde(default)]
    pub(super) carrier: CarrierPart,
    #[serde(default)]
    pub(super) signed: Option<Spanned<bool>>,
    #[serde(default)]
    pub(super) signers: Option<Spanned<Vec<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waive {
    #[serde(default)]
    pub(super) by: ManualPart,
    pub(super) hours: Option<Spanned<u32>>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CarrierPart {
    #[default]
    Ref,
    Tree,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Validate {
    #[serde(default)]
    pub(super) manual: ManualPart,
    pub(super) timeout: Option<u64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ManualPart {
    #[default]
    Person,
    Anyone,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Worktree {
    pub(super) path: Option<Spanned<String>>,
    pub(super) branch: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidatorPart {
    pub(super) name: Spanned<String>,
    pub(super) command: Spanned<String>,
    pub(super) timeout: Option<u64>,
}
