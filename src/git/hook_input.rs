//! What git writes to a hook's standard input, line by line.
//!
//! Forms only; what a line means is the gate's to say. The old value is left out on purpose: it is
//! zeros whenever the caller named none, so whoever needs it looks the ref up.

use crate::domain::ids::CommitId;

/// What a ref is to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: it is deleted.
    Nothing,
    /// This object.
    Object(CommitId),
    /// Another name for this ref.
    Symbolic(String),
}

/// One line of `reference-transaction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefLine {
    /// Full name of the ref.
    pub name: String,
    /// What it is to become.
    pub new: Value,
}

impl RefLine {
    /// The name of the branch, when it is one.
    pub fn branch(&self) -> Option<&str> {
        self.below("refs/heads/")
    }

    /// The object that is to be shown as another one, when the line says so. git takes the last
    /// part of the name for its id, in either case.
    pub fn replaced(&self) -> Option<String> {
        let name = self.below("refs/replace/")?;
        name.rsplit('/').next().map(str::to_ascii_lowercase)
    }

    /// The issue whose record it is, when it is one.
    pub fn record(&self) -> Option<&str> {
        self.below("refs/git-orch/issues/")
    }

    /// The name below `folder`. Where files know no case, neither do ref names.
    fn below(&self, folder: &str) -> Option<&str> {
        let head = self.name.get(..folder.len())?;
        head.eq_ignore_ascii_case(folder).then(|| &self.name[folder.len()..])
    }
}

/// The lines of `reference-transaction`; what is no such line is left out.
pub fn ref_lines(text: &str) -> Vec<RefLine> {
    text.lines().filter_map(ref_line).collect()
}

fn ref_line(line: &str) -> Option<RefLine> {
    let mut words = line.splitn(3, ' ');
    let (_old, new, name) = (words.next()?, words.next()?, words.next()?);
    let new = match new.strip_prefix("ref:") {
        Some(target) => Value::Symbolic(target.to_owned()),
        None => object(new)?.map_or(Value::Nothing, Value::Object),
    };
    Some(RefLine { name: name.to_owned(), new })
}

/// One line of `pre-push`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushLine {
    /// What is pushed, as it was named here; `(delete)` for a deletion.
    pub local: String,
    /// The object that is pushed; `None` deletes.
    pub new: Option<CommitId>,
    /// Full name of the ref on the other side.
    pub remote: String,
    /// Where that stands; `None` when it is not there.
    pub old: Option<CommitId>,
}

/// The lines of `pre-push`; what is no such line is left out.
pub fn push_lines(text: &str) -> Vec<PushLine> {
    text.lines().filter_map(push_line).collect()
}

fn push_line(line: &str) -> Option<PushLine> {
    // The local side may be any revision, spaces included (`HEAD^{/fix it}`): read from the end.
    let mut words = line.rsplitn(4, ' ');
    let (old, remote, new, local) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some(PushLine {
        local: local.to_owned(),
        new: object(new)?,
        remote: remote.to_owned(),
        old: object(old)?,
    })
}

/// `None` for what is no object id, `Some(None)` for zeros.
#[expect(clippy::option_option, reason = "zeros and nonsense are two different answers")]
fn object(text: &str) -> Option<Option<CommitId>> {
    let id: CommitId = text.parse().ok()?;
    Some((!id.is_zero()).then_some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_forms_and_lengths_are_read() {
        let (a, zero) = ("a".repeat(64), "0".repeat(64));
        let text = format!(
            "{zero} {a} refs/heads/main\n{zero} {zero} refs/heads/x\n{zero} ref:refs/heads/y HEAD\n\
             ref:refs/heads/y {a} Refs/Heads/Main\nnonsense\n\n"
        );
        let lines = ref_lines(&text);
        let news: Vec<&Value> = lines.iter().map(|line| &line.new).collect();
        let object = Value::Object(a.parse().unwrap());
        let symbolic = Value::Symbolic("refs/heads/y".to_owned());
        assert_eq!(news, [&object, &Value::Nothing, &symbolic, &object]);
        let branches: Vec<_> = lines.iter().map(RefLine::branch).collect();
        assert_eq!(branches, [Some("main"), Some("x"), None, Some("Main")]);
    }

    #[test]
    fn a_replaced_object_is_named_as_git_reads_it() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        let upper = a.to_uppercase();
        let lines = ref_lines(&format!(
            "{zero} {a} refs/replace/{a}\n{zero} {a} Refs/Replace/deeper/{upper}\n\
             {zero} {a} refs/heads/{a}\n"
        ));
        let replaced: Vec<_> = lines.iter().map(RefLine::replaced).collect();
        assert_eq!(replaced, [Some(a.clone()), Some(a), None]);
    }

    #[test]
    fn a_pushed_revision_may_hold_spaces() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        let lines = push_lines(&format!(
            "HEAD^{{/fix it}} {a} refs/heads/main {zero}\n(delete) {zero} refs/heads/x {a}\n"
        ));
        assert_eq!(lines[0].local, "HEAD^{/fix it}");
        assert_eq!((&lines[0].remote[..], &lines[0].old), ("refs/heads/main", &None));
        assert_eq!(lines[1].new, None);
    }
}
