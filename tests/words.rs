//! The words that programs rely on: what the program says is what `docs/reason-codes.md` lists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// All of the program's source in one text.
fn source() -> String {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.iter().map(|file| std::fs::read_to_string(file).expect("source")).collect()
}

fn listed() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reason-codes.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let code = regex::Regex::new("`([a-z][a-z-]+)`").expect("a pattern");
    // The first column alone: the second is prose.
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| code.captures_iter(cell).map(|c| c[1].to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn every_code_that_is_said_is_listed() {
    let said = r#"(?:Refusal::(?:one|many)|Unmet::new|refuse|unmet)\(\s*"([a-z][a-z-]+)""#;
    let said = regex::Regex::new(said).expect("a pattern");
    let source = source();
    let said: BTreeSet<String> = said.captures_iter(&source).map(|c| c[1].to_owned()).collect();
    assert!(said.len() > 30, "the pattern finds no codes any more: {said:?}");
    let listed = listed();
    let missing: Vec<_> = said.difference(&listed).collect();
    assert!(missing.is_empty(), "not in docs/reason-codes.md: {missing:?}");
}

#[test]
fn every_code_that_is_listed_is_said() {
    let source = source();
    let listed = listed();
    let gone: Vec<_> = listed.iter().filter(|c| !source.contains(&format!("\"{c}\""))).collect();
    assert!(gone.is_empty(), "in docs/reason-codes.md and nowhere else: {gone:?}");
}

#[test]
fn every_finding_of_doctor_is_listed() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops/doctor"), &mut files);
    let said = regex::Regex::new(r#"code: "([a-z-]+)""#).expect("a pattern");
    let listed = listed();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("source");
        for found in said.captures_iter(&text) {
            assert!(listed.contains(&found[1]), "not in docs/reason-codes.md: {}", &found[1]);
        }
    }
}

/// What the program says of a verb.
#[expect(clippy::disallowed_methods, reason = "this starts the program")]
fn help(words: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_git-orch"))
        .args(words)
        .arg("--help")
        .output()
        .expect("the program");
    assert!(output.status.success(), "git orch {} --help", words.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_command_that_the_pages_name_is_there_with_its_options() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    let docs = std::fs::read_dir(root.join("docs")).expect("docs");
    pages.extend(
        docs.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "md")),
    );
    let command = regex::Regex::new("`git orch ([a-z][^`]*)`").expect("a pattern");
    let mut named = BTreeSet::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).expect("a page");
        named.extend(command.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    assert!(named.len() > 30, "the pattern finds no commands any more: {named:?}");
    let verb = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    for line in named {
        let words: Vec<&str> = line.split_whitespace().collect();
        // A verb, and where it has verbs of its own also that.
        let first = help(&words[..1]);
        let second = words.get(1).filter(|w| !w.starts_with('-')).filter(|w| verb(w));
        let told = match second {
            Some(_) if first.contains("\nCommands:") => help(&words[..2]),
            _ => first,
        };
        for option in words.iter().filter(|word| word.starts_with("--")) {
            let option = option.split(['=', '[']).next().unwrap_or(option);
            assert!(told.contains(option), "`git orch {line}`: there is no {option}");
        }
    }
}

/// Commands that throw work away as they stand, whoever runs them.
const DESTRUCTIVE: [&str; 15] = [
    r"\brm +-[a-zA-Z]*[rf]",
    r"git\b[^\n]*\bclean\b",
    r"reset\b[^\n]* --hard",
    r"\bpush\b[^\n]* (--force|-f|--mirror|--delete)( |$)",
    r"\bbranch\b[^\n]* (-D|--delete --force)\b",
    r"worktree +(remove|prune)\b",
    r"--prune=(now|all)",
    r"update-ref +(-d|--delete)",
    r"stash +(drop|clear)",
    r"reflog +(expire|delete)",
    r"(checkout|switch)\b[^\n]* (-f|--force|--discard-changes)\b",
    r"(checkout|restore) +(--worktree +)?(--+ )?\.( |$)",
    r"\btag +-d\b",
    r"filter-(branch|repo)",
    r"git\b[^\n]*\brm\b",
];

fn destroys(text: &str) -> Option<String> {
    let keeps = regex::Regex::new(r"\brm( -[rq])* --cached\b").expect("a pattern");
    let text = keeps.replace_all(text, "");
    let patterns = DESTRUCTIVE.iter().map(|p| regex::Regex::new(p).expect("a pattern"));
    patterns.into_iter().find_map(|p| p.find(&text).map(|found| found.as_str().to_owned()))
}

/// Every text between quotation marks in a file of Rust, without its tests.
fn texts(source: &str) -> Vec<String> {
    let source = source.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let text = regex::Regex::new(r#"(?s)"((?:[^"\\]|\\.)*)""#).expect("a pattern");
    text.captures_iter(&code).map(|found| found[1].replace("\\\n", " ")).collect()
}

#[test]
fn no_message_holds_a_command_that_destroys() {
    // Whoever reads a message may run what stands in it: an agent does.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut count = 0;
    for file in &files {
        for text in texts(&std::fs::read_to_string(file).expect("source")) {
            count += 1;
            let found = destroys(&text);
            assert!(found.is_none(), "{}: {text:?} says {found:?}", file.display());
        }
    }
    assert!(count > 3000, "the pattern finds no texts any more: {count}");
    for folder in ["hooks", "templates"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("folder").flatten() {
            let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
            let said = text.lines().filter(|line| !line.trim_start().starts_with('#'));
            let found = destroys(&said.collect::<Vec<_>>().join("\n"));
            assert!(found.is_none(), "{} says {found:?}", entry.path().display());
        }
    }
}

#[test]
fn a_command_that_destroys_is_known() {
    for text in [
        "rm -rf x",
        "git reset --merge && rm -f \"$(git rev-parse --git-path SQUASH_MSG)\"",
        "git -C /w clean -fd",
        "git reset --quiet --hard HEAD~1",
        "git push origin main --force",
        "git branch -D issue/81",
        "git worktree remove --force /w",
        "git gc --prune=now",
        "git -C /w rm -r .orchestration/archived-sessions/81",
        "git update-ref -d refs/git-orch/issues/81",
        "git stash drop",
        "git checkout -- .",
        "git switch --discard-changes main",
    ] {
        assert!(destroys(text).is_some(), "{text}");
    }
    for text in [
        "git -C /w rm -r -q --cached .context && git -C /w commit",
        "git push --force-with-lease=x",
        "git switch main",
        "git worktree repair",
        "git reset --quiet",
    ] {
        assert_eq!(destroys(text), None, "{text}");
    }
}
