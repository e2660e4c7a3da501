//! Changes by the `git` program: one process for any number of commits.

use std::collections::BTreeMap;

use super::build::{self, FileBuilder, Line, Side};
use super::change::{Change, Pair};
use crate::domain::ids::{BlobId, CommitId};
use crate::git::exec::GitError;
use crate::git::open::Repo;

/// Options that make a diff the same whatever the user's configuration says.
const PLAIN_DIFF: [&str; 7] = [
    "-p",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--full-index",
    "--diff-algorithm=myers",
    "-U3",
];

/// Settings for the same, and for names that stand for themselves.
const PLAIN_NAMES: [&str; 11] = [
    "--no-replace-objects",
    "-c",
    "diff.noprefix=false",
    "-c",
    "diff.mnemonicPrefix=false",
    "-c",
    "diff.indentHeuristic=true",
    "-c",
    "core.quotePath=false",
    "-c",
    "core.bigFileThreshold=8m",
];

fn diff_tree(repo: &Repo, args: &[&str], commits: &[CommitId]) -> Result<Vec<u8>, GitError> {
    let list: String = commits.iter().flat_map(|commit| [commit.as_str(), "\n"]).collect();
    let call = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(PLAIN_NAMES)
        .args(["diff-tree", "--stdin", "--root", "-r"])
        .args(args)
        .input(list);
    Ok(call.done()?.stdout)
}

/// Everything between two commits as one change, with so many lines of context.
pub fn whole(
    repo: &Repo,
    from: &CommitId,
    to: &CommitId,
    context: u32,
) -> Result<Change, GitError> {
    let diff = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(PLAIN_NAMES)
        .args(["diff-tree", "-r", "--raw"])
        .args(PLAIN_DIFF)
        .arg(format!("-U{context}"))
        .args([from.as_str(), to.as_str()])
        .done()?;
    // The reader wants to be told which commit the lines speak of.
    let mut text = format!("{to}\n").into_bytes();
    text.extend(diff.stdout);
    Ok(read(&text).into_values().next().unwrap_or_default())
}

pub fn touched(
    repo: &Repo,
    commits: &[CommitId],
) -> Result<BTreeMap<CommitId, Vec<Pair>>, GitError> {
    let pairs = |change: Change| {
        change.files.into_iter().filter_map(|file| Some((file.path, file.blob?))).collect()
    };
    let output = if commits.is_empty() { Vec::new() } else { diff_tree(repo, &["-c"], commits)? };
    Ok(read(&output).into_iter().map(|(id, change)| (id, pairs(change))).collect())
}

pub fn changes(repo: &Repo, commits: &[CommitId]) -> Result<BTreeMap<CommitId, Change>, GitError> {
    if commits.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut args = vec!["-c", "--raw"];
    args.extend(PLAIN_DIFF);
    Ok(read(&diff_tree(repo, &args, commits)?))
}

/// What stands where in the output of `diff-tree --stdin`: a line with the commit, lines with
/// what changed, then the diffs.
#[derive(Default)]
struct Reader {
    all: BTreeMap<CommitId, Change>,
    commit: Option<CommitId>,
    files: Vec<(FileBuilder, Side, Side)>,
    is_merge: bool,
    /// Position of the file whose diff is being read.
    file: Option<usize>,
    /// How many parents its lines speak of; 0 above the first hunk.
    parents: usize,
}

fn read(bytes: &[u8]) -> BTreeMap<CommitId, Change> {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::default();
    // Not `lines()`: a carriage return belongs to the line.
    for line in text.split('\n') {
        reader.line(line);
    }
    reader.finish();
    reader.all
}

impl Reader {
    fn line(&mut self, line: &str) {
        match line.as_bytes().first() {
            // No line of a diff's content begins with any of these.
            Some(b'0'..=b'9' | b'a'..=b'f') if line.parse::<CommitId>().is_ok() => {
                self.finish();
                self.commit = line.parse().ok();
            }
            Some(b':') => self.raw(line),
            Some(b'd') if line.starts_with("diff ") => self.begin(line),
            Some(b'B') if line.starts_with("Binary files ") => {
                if let Some((file, old, new)) = self.file.and_then(|at| self.files.get_mut(at)) {
                    file.binary(old, new);
                }
            }
            Some(b'@') => {
                let signs = line.bytes().take_while(|&b| b == b'@').count();
                self.parents = signs.saturating_sub(1);
            }
            Some(b'+' | b'-' | b' ') if self.parents > 0 => self.content(line),
            _ => {}
        }
    }

    /// Ends the commit that was being read.
    fn finish(&mut self) {
        let files = std::mem::take(&mut self.files).into_iter().map(|(file, _, _)| file).collect();
        if let Some(commit) = self.commit.take() {
            let change = if self.is_merge { build::merge(files) } else { build::change(files) };
            self.all.insert(commit, change);
        }
        (self.file, self.parents, self.is_merge) = (None, 0, false);
    }

    /// `:100644 100644 <old> <new> M\t<path>`, with one more mode and id for each further parent.
    fn raw(&mut self, line: &str) {
        let Some((meta, path)) = line.split_once('\t') else { return };
        let parents = meta.bytes().take_while(|&b| b == b':').count();
        let words: Vec<&str> = meta.trim_start_matches(':').split(' ').collect();
        let side = |at: usize| {
            let blob = words.get(parents + 1 + at).and_then(|id| id.parse().ok());
            Side {
                mode: words.get(at).copied().unwrap_or_default().to_owned(),
                blob: blob.filter(|id: &BlobId| !id.is_zero()),
            }
        };
        self.is_merge |= parents > 1;
        let (old, new) = (side(0), side(parents));
        self.files.push((FileBuilder::new(path.to_owned(), &old, &new), old, new));
    }

    /// `diff --git a/<path> b/<path>`, or `diff --combined <path>`.
    fn begin(&mut self, line: &str) {
        self.parents = 0;
        let path = match line.strip_prefix("diff --git ") {
            // Twice the same path, so the first half; a quoted one has its prefix inside.
            Some(both) => {
                let half = &both[..both.len() / 2];
                match half.strip_prefix("\"a/") {
                    Some(rest) => format!("\"{rest}"),
                    None => half.strip_prefix("a/").unwrap_or(half).to_owned(),
                }
            }
            None => line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned(),
        };
        self.file = self.files.iter().position(|(file, _, _)| file.path() == path);
    }

    fn content(&mut self, line: &str) {
        let (signs, text) = line.split_at(self.parents.min(line.len()));
        let all = |sign: char| signs.chars().all(|c| c == sign);
        let kind = match (all('+'), all('-')) {
            (true, _) => Line::Added,
            (_, true) => Line::Removed,
            _ => Line::Context,
        };
        let merged = self.parents > 1;
        if let Some((file, _, _)) = self.file.and_then(|at| self.files.get_mut(at)) {
            if merged { file.merged_line(kind, text) } else { file.line(kind, text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::changes::Kind;

    #[test]
    fn the_output_of_diff_tree_is_read() {
        let (commit, old, new) = ("c".repeat(40), "1".repeat(40), "2".repeat(40));
        let zero = "0".repeat(40);
        let text = format!(
            "{commit}\n:100644 100644 {old} {new} M\ta b\n:000000 100644 {zero} {new} A\tempty\n\
             :100644 000000 {old} {zero} D\tgone\n\n\
             diff --git a/a b b/a b\nindex 1..2 100644\n--- a/a b\n+++ b/a b\n@@ -1,2 +1,2 @@\n \
             same line as before\n-++ removed content line\n+++ added content line one\n\
             diff --git a/empty b/empty\nnew file mode 100644\nindex 0..2\n\
             diff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-all that was here\n"
        );
        let all = read(text.as_bytes());
        let change = &all[&commit.parse().unwrap()];
        let kinds: Vec<_> = change.files.iter().map(|f| (f.path.as_str(), f.kind)).collect();
        assert_eq!(kinds, [("a b", Kind::Text), ("empty", Kind::Hollow), ("gone", Kind::Text)]);
        let counts: Vec<_> = change
            .files
            .iter()
            .map(|f| (f.added.len(), f.removed.len(), f.blob.is_some()))
            .collect();
        assert_eq!(counts, [(1, 1, true), (0, 0, true), (0, 1, false)]);
    }

    #[test]
    fn of_a_merge_only_what_differs_from_all_parents_counts() {
        let (commit, a, b, c) = ("c".repeat(40), "1".repeat(40), "2".repeat(40), "3".repeat(40));
        let text = format!(
            "{commit}\n::100644 100644 100644 {a} {b} {c} MM\tf\n\ndiff --combined f\nindex 1,2..3\n\
             --- a/f\n+++ b/f\n@@@ -1,2 -1,2 +1,3 @@@\n  a line both had\n++a line that only the merge has\n\
             + a line of the second parent\n- a line the first had not\n"
        );
        let change = &read(text.as_bytes())[&commit.parse().unwrap()];
        assert_eq!(change.files[0].added.len(), 1);
        assert_eq!(change.files[0].removed.len(), 0);
        assert_eq!(change.files[0].blob.as_ref().map(BlobId::as_str), Some(c.as_str()));
    }
}
