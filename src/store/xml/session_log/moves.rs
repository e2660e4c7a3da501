//! `<move>`, `<seal>` and `<end>`: how an issue went from phase to phase and how it ended.

use serde::{Deserialize, Serialize};

use super::super::error::ReadError;
use super::super::grammar::{Content, Element, maybe, text};
use super::super::value::{Plain, words};
use crate::domain::ids::{CommitId, Digest};
use crate::domain::phase::Phase;
use crate::domain::session::{End, Ending, Move, Seal, Session};
use crate::domain::time::Moment;

/// `<move>`.
pub(super) const MOVE: Element = Element {
    name: "move",
    required: &["from", "to", "at", "tip"],
    optional: &[],
    content: Content::Elements(&[maybe(text("reason"))]),
};

/// `<seal>`.
pub(super) const SEAL: Element = Element {
    name: "seal",
    required: &["receipt", "tip", "at"],
    optional: &[],
    content: Content::Elements(&[]),
};

/// `<end>`.
pub(super) const END: Element = Element {
    name: "end",
    required: &["how", "at"],
    optional: &[],
    content: Content::Elements(&[
        maybe(text("into")),
        maybe(text("reason")),
        maybe(text("salvage")),
    ]),
};

/// The steps, in their order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveList {
    #[serde(rename = "move", default)]
    moves: Vec<MoveShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveShape {
    #[serde(rename = "@from")]
    from: Plain<Phase>,
    #[serde(rename = "@to")]
    to: Plain<Phase>,
    #[serde(rename = "@at")]
    at: Plain<Moment>,
    #[serde(rename = "@tip")]
    tip: Plain<CommitId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&[Move]> for MoveList {
    fn from(moves: &[Move]) -> Self {
        let shape = |step: &Move| MoveShape {
            from: Plain(step.from),
            to: Plain(step.to),
            at: Plain(step.at),
            tip: Plain(step.tip.clone()),
            reason: step.reason.clone(),
        };
        Self { moves: moves.iter().map(shape).collect() }
    }
}

impl From<MoveList> for Vec<Move> {
    fn from(list: MoveList) -> Self {
        let step = |shape: MoveShape| Move {
            from: shape.from.0,
            to: shape.to.0,
            at: shape.at.0,
            tip: shape.tip.0,
            reason: shape.reason,
        };
        list.moves.into_iter().map(step).collect()
    }
}

/// Refuses a session whose steps do not lead to its phase.
pub(super) fn check_replay(session: &Session) -> Result<(), ReadError> {
    let recorded = session.phase;
    match session.replay() {
        Ok(replayed) if replayed == recorded => Ok(()),
        Ok(replayed) => Err(ReadError::PhaseMismatch { recorded, replayed }),
        Err(step) => {
            let before = session.moves.iter().take_while(|&other| !std::ptr::eq(other, step));
            let (number, from, to) = (before.count() + 1, step.from, step.to);
            Err(ReadError::BrokenStep { number, from, to })
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SealShape {
    #[serde(rename = "@receipt")]
    receipt: Plain<Digest>,
    #[serde(rename = "@tip")]
    tip: Plain<CommitId>,
    #[serde(rename = "@at")]
    at: Plain<Moment>,
}

impl From<&Seal> for SealShape {
    fn from(seal: &Seal) -> Self {
        let receipt = Plain(seal.receipt.clone());
        Self { receipt, tip: Plain(seal.tip.clone()), at: Plain(seal.at) }
    }
}

impl From<SealShape> for Seal {
    fn from(shape: SealShape) -> Self {
        Self { receipt: shape.receipt.0, tip: shape.tip.0, at: shape.at.0 }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndShape {
    #[serde(rename = "@how")]
    how: Plain<How>,
    #[serde(rename = "@at")]
    at: Plain<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    into: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salvage: Option<String>,
}

words! {
    /// The two honest ends.
    enum How { Landed = "landed", Abandoned = "abandoned" }
}

impl From<&End> for EndShape {
    fn from(end: &End) -> Self {
        let at = Plain(end.at);
        match &end.how {
            Ending::Landed { into } => Self {
                how: Plain(How::Landed),
                at,
                into: Some(into.clone()),
                reason: None,
                salvage: None,
            },
            Ending::Abandoned { reason, salvage } => Self {
                how: Plain(How::Abandoned),
                at,
                into: None,
                reason: Some(reason.clone()),
                salvage: Some(salvage.clone()),
            },
        }
    }
}

impl TryFrom<EndShape> for End {
    type Error = ReadError;

    fn try_from(shape: EndShape) -> Result<Self, ReadError> {
        let how = match (shape.how.0, shape.into, shape.reason, shape.salvage) {
            (How::Landed, Some(into), None, None) => Ending::Landed { into },
            (How::Abandoned, None, Some(reason), Some(salvage)) => {
                Ending::Abandoned { reason, salvage }
            }
            (how, ..) => {
                let reason = match how {
                    How::Landed => "landed goes with into, and with no reason or salvage",
                    How::Abandoned => "abandoned goes with a reason and salvage, and not with into",
                };
                let place = "end".to_owned();
                return Err(ReadError::Contradiction { place, reason: reason.to_owned() });
            }
        };
        Ok(Self { how, at: shape.at.0 })
    }
}
