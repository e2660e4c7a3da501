//! Puts a change together from the lines of its diff, the same whoever read them.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::change::{Change, FileChange, Kind};
use crate::domain::ids::{BlobId, PatchId};

/// Fewest letters and digits that make a line say something: `}` and `return 0;` do not.
const TELLING: usize = 12;
/// Most lines of one file that are kept: more are no one's handwriting.
const LINES_LIMIT: usize = 20_000;

/// One side of a changed path.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The mode as git writes it, six octal digits; zeros when it is not there.
    pub mode: String,
    /// The content; `None` when it is not there.
    pub blob: Option<BlobId>,
}

/// A change at one path, being read.
#[derive(Debug)]
pub struct FileBuilder {
    file: FileChange,
    digest: Sha256,
}

/// What a line of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// There before and after.
    Context,
    /// There afterwards.
    Added,
    /// There before.
    Removed,
}

impl FileBuilder {
    /// Begins the change at `path`.
    pub fn new(path: String, old: &Side, new: &Side) -> Self {
        let mut digest = Sha256::new();
        digest.update(format!("{path}\n{} {}\n", old.mode, new.mode));
        let submodule = [&old.mode, &new.mode].iter().any(|mode| *mode == "160000");
        let kind = if submodule { Kind::Submodule } else { Kind::Hollow };
        let mut builder = Self {
            file: FileChange { path, blob: new.blob.clone(), kind, ..FileChange::default() },
            digest,
        };
        if submodule {
            builder.contents(old, new);
        }
        builder
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.file.path
    }

    /// Its content is no text.
    pub fn binary(&mut self, old: &Side, new: &Side) {
        if self.file.kind == Kind::Hollow {
            self.file.kind = Kind::Binary;
            self.contents(old, new);
        }
    }

    /// One line of its diff.
    pub fn line(&mut self, line: Line, text: &str) {
        if !matches!(self.file.kind, Kind::Hollow | Kind::Text) {
            return;
        }
        self.file.kind = Kind::Text;
        let sign = match line {
            Line::Context => " ",
            Line::Added => "+",
            Line::Removed => "-",
        };
        self.digest.update(sign);
        for word in text.split_ascii_whitespace() {
            self.digest.update(word);
        }
        self.digest.update("\n");
        match line {
            Line::Context => {}
            Line::Added => keep(&mut self.file.added, text),
            Line::Removed => keep(&mut self.file.removed, text),
        }
    }

    /// The same without a part in the digest: of a merge, which has none.
    pub fn merged_line(&mut self, line: Line, text: &str) {
        self.file.kind = Kind::Text;
        match line {
            Line::Context => {}
            Line::Added => keep(&mut self.file.added, text),
            Line::Removed => keep(&mut self.file.removed, text),
        }
    }

    /// The finished change, for a merge.
    pub fn into_file(self) -> FileChange {
        self.file
    }

    fn contents(&mut self, old: &Side, new: &Side) {
        for side in [old, new] {
            self.digest.update(side.blob.as_ref().map_or("none", BlobId::as_str));
            self.digest.update("\n");
        }
    }
}

/// Whether a file only carries a receipt: it says nothing of the change it travels with.
pub fn is_receipt(path: &str) -> bool {
    path.strip_prefix(".orchestration/receipts/").is_some_and(|name| {
        let stem = name.strip_suffix(".sig").unwrap_or(name).strip_suffix(".xml");
        stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('/'))
    })
}

/// The change of a commit with at most one parent. Receipts are listed and do not count.
pub fn change(mut builders: Vec<FileBuilder>) -> Change {
    if builders.iter().all(|builder| is_receipt(&builder.file.path)) {
        return Change { patch: None, ..merge(builders) };
    }
    builders.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    let mut whole = Sha256::new();
    let mut files = Vec::new();
    for builder in builders {
        if !is_receipt(&builder.file.path) {
            whole.update(builder.digest.finalize());
        }
        files.push(builder.file);
    }
    Change { patch: Some(patch_id(&whole.finalize())), files }
}

/// The change of a merge: no one diff is its own.
pub fn merge(mut builders: Vec<FileBuilder>) -> Change {
    builders.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    Change { patch: None, files: builders.into_iter().map(FileBuilder::into_file).collect() }
}

#[expect(clippy::expect_used, reason = "32 bytes are 64 hexadecimal digits")]
fn patch_id(bytes: &[u8]) -> PatchId {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.parse().expect("64 digits")
}

/// A hash of the line without its spacing, when it says something (FNV-1a, 64 bits).
pub fn telling(line: &str) -> Option<u64> {
    if line.chars().filter(|c| c.is_alphanumeric()).take(TELLING).count() < TELLING {
        return None;
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in line.split_whitespace().flat_map(|word| word.bytes().chain([b' '])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    Some(hash)
}

/// Keeps the line in `set` when it says something and there is room.
fn keep(set: &mut BTreeSet<u64>, line: &str) {
    if set.len() < LINES_LIMIT
        && let Some(hash) = telling(line)
    {
        set.insert(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_does_not_make_a_line_another_and_short_lines_say_nothing() {
        assert_eq!(telling("    let total = sum(a);"), telling("let total = sum(a); "));
        assert_ne!(telling("let total = sum(a);"), telling("let total = sum(b);"));
        assert_eq!(telling("  return 0;"), None);
    }

    #[test]
    fn the_digest_knows_path_sign_and_text_and_no_spacing() {
        let of = |path: &str, line: Line, text: &str| {
            let mut builder = FileBuilder::new(path.into(), &Side::default(), &Side::default());
            builder.line(line, text);
            change(vec![builder]).patch
        };
        assert_eq!(of("a", Line::Added, "x  = 1"), of("a", Line::Added, "x = 1 "));
        for other in [of("b", Line::Added, "x = 1"), of("a", Line::Removed, "x = 1")] {
            assert_ne!(other, of("a", Line::Added, "x = 1"));
        }
        assert_eq!(change(Vec::new()).patch, None);
    }
}
