//! Refusals and errors in words: three lines, the same for people and agents.

use super::style::{self, paint};
use crate::domain::refusal::Refusal;
use crate::error::Error;

/// The lines of a refusal: what, then why and how for each reason.
pub fn refusal(refusal: &Refusal) -> String {
    let mut text = format!("{} {}", paint(style::BAD, "refused:"), refusal.what);
    for unmet in &refusal.unmet {
        text.push_str(&format!(
            "\n    why: {}\n    fix: {}",
            unmet.why,
            paint(style::COMMAND, &unmet.fix)
        ));
    }
    if let Some(command) = &refusal.restore {
        text.push_str(&format!("\n   undo: {}", paint(style::COMMAND, command)));
    }
    text
}

/// The lines of an error: what, and how where that is known.
pub fn error(error: &Error) -> String {
    match error {
        Error::Refused(boxed) => refusal(boxed),
        Error::Red(what) => format!("{} {what}", paint(style::BAD, "red:")),
        other => {
            let mut text = format!("{} {other}", paint(style::BAD, "error:"));
            if let Some(fix) = other.fix() {
                text.push_str(&format!("\n  fix: {}", paint(style::COMMAND, fix)));
            }
            text
        }
    }
}

/// A refusal as JSON, for `--json`.
pub fn refusal_json(refusal: &Refusal) -> serde_json::Value {
    serde_json::json!({
        "code": refusal.code,
        "what": refusal.what,
        "unmet": refusal.unmet.iter().map(|u| serde_json::json!({
            "code": u.code, "why": u.why, "fix": u.fix,
        })).collect::<Vec<_>>(),
        "restore": refusal.restore,
    })
}

/// An error as JSON, for `--json`.
pub fn error_json(error: &Error) -> serde_json::Value {
    match error {
        Error::Refused(boxed) => refusal_json(boxed),
        other => serde_json::json!({
            "code": "error",
            "what": other.to_string(),
            "fix": other.fix(),
            "exit": other.code(),
        }),
    }
}
