//! What the wall refused, in the forms that other programs read: SARIF and GitHub's annotations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::ids::CommitId;
use crate::ops::check::Report;

/// The refused commits as a SARIF 2.1.0 document. Each points at the first file it changes.
pub fn sarif(report: &Report, places: &BTreeMap<CommitId, String>) -> Value {
    let refused = report.judged.iter().filter(|(_, coming)| coming.is_refusal());
    let mut results: Vec<Value> = refused
        .map(|(arrival, coming)| {
            let place = places.get(&arrival.id).map_or(".", String::as_str);
            let issue = coming.issue().map(|issue| format!(", issue {issue}")).unwrap_or_default();
            let text = format!("{} ({}{issue})", arrival.subject, arrival.id.short());
            result(coming.name(), &text, place, arrival.id.as_str())
        })
        .collect();
    if let (true, Some(refusal)) = (results.is_empty(), &report.refusal) {
        results.push(result(refusal.code, &refusal.to_string(), ".", report.to.as_str()));
    }
    let mut rules: Vec<&str> = results.iter().filter_map(|r| r["ruleId"].as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<Value> = rules.into_iter().map(|id| json!({ "id": id })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "git-orch", "version": env!("CARGO_PKG_VERSION"), "rules": rules,
            } },
            "results": results,
        }],
    })
}

fn result(rule: &str, text: &str, path: &str, commit: &str) -> Value {
    json!({
        "ruleId": rule,
        "level": "error",
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": path }, "region": { "startLine": 1 },
        } }],
        "partialFingerprints": { "commit/v1": commit },
    })
}

/// The refusal as one annotation of a GitHub workflow: a reason and a remedy a line.
pub fn annotation(report: &Report) -> Option<String> {
    let refusal = report.refusal.as_ref()?;
    let lines: Vec<String> =
        refusal.unmet.iter().map(|unmet| format!("{}\nfix: {}", unmet.why, unmet.fix)).collect();
    let title = escaped(&refusal.what).replace(':', "%3A").replace(',', "%2C");
    Some(format!("::error title=git-orch refuses {title}::{}", escaped(&lines.join("\n"))))
}

/// As the workflow command wants it: a line break would end the command.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
