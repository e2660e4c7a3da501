//! `<spec>`: the frozen specification, with its criteria and questions.

use serde::{Deserialize, Serialize};

use super::super::error::ReadError;
use super::super::grammar::{Content, Element, each, group, maybe, one, text};
use super::super::unique::unique;
use super::super::value::{Plain, words};
use crate::domain::ids::Digest;
use crate::domain::spec::{Answer, Check, Criterion, FrozenSpec, Question, Spec};
use crate::domain::time::Moment;

/// `<spec digest="…" frozen="…">`.
pub(super) const SPEC: Element = Element {
    name: "spec",
    required: &["digest", "frozen"],
    optional: &[],
    content: Content::Elements(&[
        one(text("goal")),
        one(group("criteria", &[each(CRITERION)])),
        one(group("questions", &[each(QUESTION)])),
    ]),
};

const CRITERION: Element = Element {
    name: "criterion",
    required: &["number", "check"],
    optional: &[],
    content: Content::Elements(&[one(text("text")), maybe(text("command"))]),
};

const QUESTION: Element = Element {
    name: "question",
    required: &["must"],
    optional: &[],
    content: Content::Elements(&[
        one(text("text")),
        maybe(text("answered")),
        maybe(text("assumed")),
    ]),
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecShape {
    #[serde(rename = "@digest")]
    digest: Plain<Digest>,
    #[serde(rename = "@frozen")]
    frozen: Plain<Moment>,
    goal: String,
    criteria: CriterionList,
    questions: QuestionList,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CriterionList {
    #[serde(default)]
    criterion: Vec<CriterionShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CriterionShape {
    #[serde(rename = "@number")]
    number: Plain<u32>,
    #[serde(rename = "@check")]
    check: Plain<CheckWord>,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
}

words! {
    /// How a criterion is shown to hold.
    enum CheckWord { Command = "command", Manual = "manual", Missing = "missing" }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionList {
    #[serde(default)]
    question: Vec<QuestionShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionShape {
    #[serde(rename = "@must")]
    must: Plain<bool>,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assumed: Option<String>,
}

impl From<&FrozenSpec> for SpecShape {
    fn from(frozen: &FrozenSpec) -> Self {
        Self {
            digest: Plain(frozen.digest.clone()),
            frozen: Plain(frozen.at),
            goal: frozen.spec.goal.clone(),
            criteria: CriterionList {
                criterion: frozen.spec.criteria.iter().map(CriterionShape::from).collect(),
            },
            questions: QuestionList {
                question: frozen.spec.questions.iter().map(QuestionShape::from).collect(),
            },
        }
    }
}

impl From<&Criterion> for CriterionShape {
    fn from(criterion: &Criterion) -> Self {
        let (check, command) = match &criterion.check {
            Check::Command(command) => (CheckWord::Command, Some(command.clone())),
            Check::Manual => (CheckWord::Manual, None),
            Check::Missing => (CheckWord::Missing, None),
        };
        let (number, text) = (Plain(criterion.number), criterion.text.clone());
        Self { number, check: Plain(check), text, command }
    }
}

impl From<&Question> for QuestionShape {
    fn from(question: &Question) -> Self {
        let (answered, assumed) = match &question.answer {
            None => (None, None),
            Some(Answer::Answered(words)) => (Some(words.clone()), None),
            Some(Answer::Assumed(words)) => (None, Some(words.clone())),
        };
        Self { must: Plain(question.must), text: question.text.clone(), answered, assumed }
    }
}

impl TryFrom<SpecShape> for FrozenSpec {
    type Error = ReadError;

    fn try_from(shape: SpecShape) -> Result<Self, ReadError> {
        let criteria = shape.criteria.criterion;
        unique("criterion", criteria.iter().map(|criterion| criterion.number.0))?;
        let questions = shape.questions.question.into_iter().enumerate();
        let spec = Spec {
            goal: shape.goal,
            criteria: criteria.into_iter().map(Criterion::try_from).collect::<Result<_, _>>()?,
            questions: questions
                .map(|(i, shape)| question(i + 1, shape))
                .collect::<Result<_, _>>()?,
        };
        Ok(Self { digest: shape.digest.0, at: shape.frozen.0, spec })
    }
}

impl TryFrom<CriterionShape> for Criterion {
    type Error = ReadError;

    fn try_from(shape: CriterionShape) -> Result<Self, ReadError> {
        let number = shape.number.0;
        let check = match (shape.check.0, shape.command) {
            (CheckWord::Command, Some(command)) => Check::Command(command),
            (CheckWord::Manual, None) => Check::Manual,
            (CheckWord::Missing, None) => Check::Missing,
            (CheckWord::Command, None) => {
                return Err(contradiction(number, "its check is a command, and none is there"));
            }
            (CheckWord::Manual | CheckWord::Missing, Some(_)) => {
                return Err(contradiction(number, "it has a command, and its check is none"));
            }
        };
        Ok(Self { number, text: shape.text, check })
    }
}

fn contradiction(number: u32, reason: &str) -> ReadError {
    ReadError::Contradiction { place: format!("criterion {number}"), reason: reason.to_owned() }
}

/// The question that stands `number`th in its list.
fn question(number: usize, shape: QuestionShape) -> Result<Question, ReadError> {
    let answer = match (shape.answered, shape.assumed) {
        (None, None) => None,
        (Some(words), None) => Some(Answer::Answered(words)),
        (None, Some(words)) => Some(Answer::Assumed(words)),
        (Some(_), Some(_)) => {
            return Err(ReadError::Contradiction {
                place: format!("question {number}"),
                reason: "it is both answered and assumed".to_owned(),
            });
        }
    };
    Ok(Question { text: shape.text, must: shape.must.0, answer })
}
