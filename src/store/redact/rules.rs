//! The rules by which secrets are found: keys, tokens, passwords in addresses and connection strings.
//!
//! The rules follow the forms that providers document for their tokens, as gitleaks and the secret
//! scanners of forges use them, and some for what has no form of its own: a value assigned to a
//! name that says it is secret. What a rule takes out is named, so that a reader sees that
//! something was there. No such list is ever complete; it is the last net and not the first.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};

/// A rule: what is found, words in lower case of which one stands in everything it finds, and its
/// form. A group `s` is the secret; without one all of it is.
struct Rule {
    name: &'static str,
    hints: &'static [&'static str],
    form: &'static str,
}

/// How what was taken out begins.
const MARK: &str = "[redacted: ";

const RULES: &[Rule] = &[
    Rule {
        name: "private key",
        hints: &["private key"],
        form: r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?s-u:.*?)(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
    },
    Rule {
        name: "AWS key",
        hints: &["akia", "asia", "abia", "acca"],
        form: r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    },
    Rule {
        name: "AWS secret",
        hints: &["aws"],
        form: r#"(?i)aws[a-z_]{0,20}(?:key|secret|token)['"]?\s*[:=]\s*['"]?(?P<s>[A-Za-z0-9/+=]{40})"#,
    },
    Rule {
        name: "GitHub token",
        hints: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        form: r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})",
    },
    Rule {
        name: "GitLab token",
        hints: &["gl"],
        form: r"\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt)-[A-Za-z0-9_.-]{20,}",
    },
    Rule { name: "Slack token", hints: &["xox"], form: r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}" },
    Rule {
        name: "Slack hook",
        hints: &["hooks.slack.com"],
        form: r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/+]{20,}",
    },
    Rule {
        name: "Stripe key",
        hints: &["k_live_", "k_test_", "k_prod_"],
        form: r"\b[rs]k_(?:live|test|prod)_[A-Za-z0-9]{10,99}",
    },
    Rule {
        name: "Google key",
        hints: &["aiza", "ya29."],
        form: r"\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,}",
    },
    Rule { name: "API key", hints: &["sk-"], form: r"\bsk-[A-Za-z0-9_-]{20,}" },
    Rule { name: "npm token", hints: &["npm_"], form: r"\bnpm_[A-Za-z0-9]{36}" },
    Rule { name: "PyPI token", hints: &["pypi-"], form: r"\bpypi-[A-Za-z0-9_-]{50,}" },
    Rule { name: "Hugging Face token", hints: &["hf_"], form: r"\bhf_[A-Za-z0-9]{30,}" },
    Rule { name: "DigitalOcean token", hints: &["_v1_"], form: r"\bdo[opr]_v1_[a-f0-9]{64}" },
    Rule {
        name: "SendGrid key",
        hints: &["sg."],
        form: r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}",
    },
    Rule { name: "Twilio key", hints: &["sk"], form: r"\bSK[0-9a-f]{32}\b" },
    Rule { name: "Telegram token", hints: &[":aa"], form: r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b" },
    Rule {
        name: "web token",
        hints: &["eyj"],
        form: r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    },
    Rule {
        name: "authorization",
        hints: &["authorization"],
        form: r#"(?i)authorization['"]?\s*[:=]\s*['"]?(?:bearer|basic|token)\s+(?P<s>[A-Za-z0-9._~+/=-]{8,})"#,
    },
    Rule {
        name: "password in an address",
        hints: &["://"],
        form: r#"\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s:/@'"<>]*:(?P<s>[^\s@'"<>]{3,})@"#,
    },
    Rule {
        name: "connection string",
        hints: &["password=", "pwd=", "accountkey=", "sharedaccesskey=", "sas="],
        form: r#"(?i)\b(?:password|pwd|accountkey|sharedaccesskey|sas)=(?P<s>[^;\s'"&<>]{6,})"#,
    },
    Rule {
        name: "secret",
        hints: &["api", "secret", "token", "passw", "passphrase", "credential"],
        form: r#"(?i)\b[a-z0-9_.-]{0,40}(?:api[_-]?key|secret|token|passw(?:or)?d|passphrase|credential)[a-z0-9_.-]{0,20}['"]?\s*(?::|=|=>|:=)\s*['"]?(?P<s>[A-Za-z0-9+/_.~!@#$%^*-]{12,})"#,
    },
];

/// The forms of the rules, each compiled when something hints at it. One that does not compile is
/// found by the tests and left out here.
static FORMS: [OnceLock<Option<Regex>>; RULES.len()] = [const { OnceLock::new() }; RULES.len()];

/// The rules that may find something: most texts hint at none, and cost no more than a look.
fn hinted(bytes: &[u8]) -> Vec<(&'static Rule, &'static Regex)> {
    let plain = bytes.to_ascii_lowercase();
    let plain = String::from_utf8_lossy(&plain);
    let may = |rule: &Rule| rule.hints.iter().any(|hint| plain.contains(hint));
    let pairs = RULES.iter().zip(&FORMS).filter(|(rule, _)| may(rule));
    pairs
        .filter_map(|(rule, form)| {
            Some((rule, form.get_or_init(|| Regex::new(rule.form).ok()).as_ref()?))
        })
        .collect()
}

/// `bytes` without the secrets that a rule knows.
pub fn bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(bytes);
    for (rule, form) in hinted(bytes) {
        if !form.is_match(&text) {
            continue;
        }
        let with = |found: &Captures<'_>| replaced(rule.name, found);
        text = Cow::Owned(form.replace_all(&text, with).into_owned());
    }
    text
}

/// What sorts of secrets stand in a text.
pub fn found(text: &str) -> Vec<&'static str> {
    let bytes = text.as_bytes();
    let is_secret = |(rule, form): &(&'static Rule, &'static Regex)| {
        form.captures_iter(bytes).any(|found| {
            found.get(0).is_some_and(|whole| replaced(rule.name, &found) != whole.as_bytes())
        })
    };
    hinted(bytes).into_iter().filter(is_secret).map(|(rule, _)| rule.name).collect()
}

/// The same for a text.
pub fn text(text: &str) -> String {
    String::from_utf8_lossy(&bytes(text.as_bytes())).into_owned()
}

/// What stands in place of a match: all of it but the secret.
fn replaced(name: &str, found: &Captures<'_>) -> Vec<u8> {
    let (Some(whole), secret) = (found.get(0), found.name("s")) else { return Vec::new() };
    let Some(secret) = secret else { return format!("{MARK}{name}]").into_bytes() };
    // What was taken out before stays as it is.
    let there = secret.as_bytes().starts_with(MARK.trim_end().as_bytes());
    if there || (name == "secret" && !is_random(secret.as_bytes())) {
        return whole.as_bytes().to_vec();
    }
    let bytes = whole.as_bytes();
    let (from, to) = (secret.start() - whole.start(), secret.end() - whole.start());
    [&bytes[..from], format!("{MARK}{name}]").as_bytes(), &bytes[to..]].concat()
}

/// Whether a value looks like chosen by chance: letters and digits, and no word, name or path.
fn is_random(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mut seen = [false; 256];
    for byte in value {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|s| **s).count();
    digits >= 2 && letters >= 2 && different >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each rule is for; put together here, so that no scanner takes this file for a leak.
    fn canaries() -> Vec<(&'static str, String)> {
        let many = |part: &str, times: usize| part.repeat(times);
        vec![
            (
                "private key",
                format!(
                    "-----BEGIN RSA {} KEY-----\nMIIE\n-----END RSA {} KEY-----",
                    "PRIVATE", "PRIVATE"
                ),
            ),
            ("AWS key", format!("AKIA{}", "IOSFODNN7EXAMPLE".replace('1', "2").replace('0', "A"))),
            ("AWS secret", format!("aws_secret_access_key = {}", many("wJalrXUt+/", 4))),
            ("GitHub token", format!("ghp_{}", many("a1B2c3", 6))),
            ("GitLab token", format!("glpat-{}", many("x9Y8z", 4))),
            ("Slack token", format!("xoxb-{}", many("123-abc", 3))),
            ("Slack hook", format!("https://hooks.slack.com/services/{}", many("T0A1", 10))),
            ("Stripe key", format!("sk_live_{}", many("4eC39H", 4))),
            ("Google key", format!("AIza{}", many("SyA-1_x", 5))),
            ("API key", format!("sk-{}", many("abc123", 6))),
            ("npm token", format!("npm_{}", many("aB3", 12))),
            ("PyPI token", format!("pypi-{}", many("AgEIcHlw", 8))),
            ("Hugging Face token", format!("hf_{}", many("aBcDe", 7))),
            ("DigitalOcean token", format!("dop_v1_{}", many("0a1b2c3d", 8))),
            ("SendGrid key", format!("SG.{}.{}", many("ab", 11), many("cd1", 15))),
            ("Twilio key", format!("SK{}", many("0a1b", 8))),
            ("Telegram token", format!("123456789:AA{}", many("a1B", 11))),
            (
                "web token",
                format!("eyJ{}.eyJ{}.{}", many("hbGci", 3), many("zdWIi", 3), many("Sfl1", 4)),
            ),
            ("authorization", format!("Authorization: Bearer {}", many("abc1", 4))),
            ("password in an address", "postgres://ada:hunter2@db.example.org/x".to_owned()),
            ("connection string", "Server=a;User=b;Password=hunter2hunter;".to_owned()),
            ("secret", format!("MY_API_KEY={}", many("x7Qp2Zk9vB4m", 2))),
        ]
    }

    #[test]
    fn every_rule_finds_its_canary_and_says_so() {
        for rule in RULES {
            assert!(Regex::new(rule.form).is_ok(), "{} compiles", rule.name);
        }
        assert_eq!(canaries().len(), RULES.len(), "every rule has a canary");
        for (name, canary) in canaries() {
            let clean = text(&format!("before {canary} after"));
            assert_eq!(text(&clean), clean, "{name}: what is clean stays as it is");
            assert_eq!(found(&clean), [""; 0], "{name}: {clean}");
            assert!(found(&canary).contains(&name), "{name}: {:?}", found(&canary));
            assert!(clean.contains("[redacted: "), "{name}: {clean}");
            assert!(clean.starts_with("before ") && clean.ends_with(" after"), "{name}: {clean}");
            let secret = canary.rsplit(['=', ' ', ':']).next().unwrap_or_default();
            assert!(secret.len() < 6 || !clean.contains(secret), "{name}: {clean}");
        }
    }

    #[test]
    fn usual_text_stays_as_it_is() {
        for plain in [
            "let token = parse_next_token(stream);",
            "the password is asked for on the terminal",
            "secret: see docs/secrets.md#how-to-rotate",
            "commit 1c7588d6f49037e7a1b2c3d4e5f60718293a4b5c",
            "https://example.org:8080/a/b?c=d",
            "sha256:9feb3e1d94444572a9c60a0d5387ed2f33c2943ba43db102cc4478b4afeab9ca",
            "test tokens::are_counted ... ok",
        ] {
            assert_eq!((text(plain).as_str(), found(plain)), (plain, Vec::new()));
        }
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let mut odd = vec![0xff, 0xfe, b' '];
        odd.extend(format!("ghp_{}", "a1B2c3".repeat(6)).bytes());
        let clean = bytes(&odd);
        assert!(
            clean.starts_with(&[0xff, 0xfe, b' ']) && clean.ends_with(b"[redacted: GitHub token]")
        );
    }
}
