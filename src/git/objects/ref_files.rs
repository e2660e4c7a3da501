//! Refs as git keeps them in files: loose ones, and the packed ones, which are sorted.
//!
//! libgit2 reads all packed refs before it finds one, which every hook of a repository with
//! thousands of tags or of finished issues would wait for; git searches them, and so does this.
//! Whatever is not plain is left to libgit2: the answer is `Err(Unsure)` then.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use git2::{Oid, Reference};

/// Below these every worktree has the same refs.
const SHARED: [&str; 4] = ["refs/heads/", "refs/remotes/", "refs/tags/", "refs/git-orch/"];
/// How much of the packed refs is read at a time: some forty lines.
const BLOCK: u64 = 4096;
/// How many steps one ref may lead to another, as git allows.
const STEPS: usize = 5;

/// This is not plain; libgit2 is to look.
#[derive(Debug, PartialEq, Eq)]
pub struct Unsure;

impl From<io::Error> for Unsure {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// What a ref holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Object(Oid),
    Symbolic(String),
    /// Neither: the file was cut short, or something else stands in it.
    Broken,
}

/// The refs below one common directory.
#[derive(Debug)]
pub struct RefFiles {
    common: PathBuf,
}

impl RefFiles {
    /// The refs of the repository whose common directory is `common`.
    pub fn new(common: &Path) -> Self {
        Self { common: common.to_owned() }
    }

    /// The object that the ref `name` leads to; `None` when there is no such ref.
    pub fn read(&self, name: &str) -> Result<Option<Oid>, Unsure> {
        let mut name = name.to_owned();
        for _ in 0..=STEPS {
            if !SHARED.iter().any(|prefix| name.starts_with(prefix))
                || !Reference::is_valid_name(&name)
            {
                return Err(Unsure);
            }
            // In this order: what is packed meanwhile is packed before its file goes.
            let value = match self.loose(&name)? {
                Some(value) => value,
                None => match self.packed(&name)?.remove(&name) {
                    Some(oid) => Value::Object(oid),
                    None => return Ok(None),
                },
            };
            match value {
                Value::Object(oid) => return Ok(Some(oid)),
                Value::Symbolic(next) => name = next,
                Value::Broken => return Err(Unsure),
            }
        }
        Err(Unsure)
    }

    /// Every ref below the folder `prefix`, which ends with a slash, and the object it leads to.
    /// A broken one leads nowhere, whatever is packed under its name: that is older.
    pub fn list(&self, prefix: &str) -> Result<BTreeMap<String, Oid>, Unsure> {
        if !prefix.ends_with('/') || !SHARED.iter().any(|shared| prefix.starts_with(shared)) {
            return Err(Unsure);
        }
        let mut loose = BTreeMap::new();
        self.walk(prefix, &mut loose)?;
        let mut all = self.packed(prefix)?;
        for (name, value) in loose {
            match value {
                Value::Object(oid) => all.insert(name, oid),
                // A ref that leads nowhere is none.
                Value::Symbolic(target) => match self.read(&target) {
                    Ok(Some(oid)) => all.insert(name, oid),
                    Ok(None) => all.remove(&name),
                    Err(Unsure) if self.is_broken(&target) => all.remove(&name),
                    Err(Unsure) => return Err(Unsure),
                },
                Value::Broken => all.remove(&name),
            };
        }
        Ok(all)
    }

    /// The refs below the folder `prefix` whose files say nothing, sorted.
    pub fn broken(&self, prefix: &str) -> Vec<String> {
        let mut all = BTreeMap::new();
        // What cannot be looked at is found by whoever needs it.
        let _ = self.walk(prefix, &mut all);
        all.into_iter().filter(|(_, value)| *value == Value::Broken).map(|(name, _)| name).collect()
    }

    /// Whether the file of the ref `name` says nothing.
    pub fn is_broken(&self, name: &str) -> bool {
        matches!(self.loose(name), Ok(Some(Value::Broken)))
    }

    fn walk(&self, folder: &str, found: &mut BTreeMap<String, Value>) -> Result<(), Unsure> {
        let entries = match std::fs::read_dir(self.common.join(folder)) {
            Ok(entries) => entries,
            Err(e) if is_absent(&e) => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        for entry in entries {
            let entry = entry?;
            // A name that is no text is nobody's issue, branch or tag that we could name.
            let Ok(part) = std::str::from_utf8(entry.file_name().as_bytes()).map(str::to_owned)
            else {
                continue;
            };
            let name = format!("{folder}{part}");
            if entry.file_type()?.is_dir() {
                self.walk(&format!("{name}/"), found)?;
            } else if Reference::is_valid_name(&name)
                && let Some(value) = self.loose(&name)?
            {
                found.insert(name, value);
            }
        }
        Ok(())
    }

    /// What the file of the ref holds; `None` when it has none.
    fn loose(&self, name: &str) -> Result<Option<Value>, Unsure> {
        let mut bytes = Vec::new();
        let opened = File::open(self.common.join(name));
        match opened.and_then(|file| file.take(BLOCK).read_to_end(&mut bytes)) {
            Ok(_) => {}
            // An empty folder may stand where a ref is that is packed.
            Err(e) if is_absent(&e) || e.kind() == io::ErrorKind::IsADirectory => return Ok(None),
            Err(e) => return Err(e.into()),
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end();
        if let Some(target) = text.strip_prefix("ref:") {
            return Ok(Some(Value::Symbolic(target.trim_start().to_owned())));
        }
        // git reads one object's name and does not look at what stands behind it.
        let id = text.split_ascii_whitespace().next().filter(|_| text.starts_with(is_hex));
        match id.filter(|id| matches!(id.len(), 40 | 64) && id.chars().all(is_hex)) {
            Some(_) => Ok(Some(Value::Object(object(text.as_bytes())?))),
            None => Ok(Some(Value::Broken)),
        }
    }

    /// The packed refs below the folder `prefix`, or the one of that name.
    fn packed(&self, prefix: &str) -> Result<BTreeMap<String, Oid>, Unsure> {
        let file = match File::open(self.common.join("packed-refs")) {
            Ok(file) => file,
            Err(e) if is_absent(&e) => return Ok(BTreeMap::new()),
            Err(e) => return Err(e.into()),
        };
        let packed = Packed::open(&file)?;
        let mut found = BTreeMap::new();
        let mut at = packed.first_not_before(prefix)?;
        while let Some(line) = packed.line(at)? {
            at += line.len() as u64 + 1;
            if let Some((oid, name)) = record(&line)? {
                let here = name == prefix.as_bytes()
                    || (prefix.ends_with('/') && name.starts_with(prefix.as_bytes()));
                if !here && name > prefix.as_bytes() {
                    break;
                }
                // As with files: what is no text is nobody's.
                if let (true, Ok(name)) = (here, std::str::from_utf8(name)) {
                    found.insert(name.to_owned(), oid);
                }
            }
        }
        Ok(found)
    }
}

/// The file of packed refs: a heading, then a line a ref in the order of the names' bytes, some
/// followed by a line with `^` that says what a tag speaks of.
struct Packed<'f> {
    file: &'f File,
    /// Where the first ref stands.
    begin: u64,
    end: u64,
    /// The block read last, and where it begins.
    block: std::cell::RefCell<(u64, Vec<u8>)>,
}

impl<'f> Packed<'f> {
    fn open(file: &'f File) -> Result<Self, Unsure> {
        let end = file.metadata()?.len();
        let mut packed =
            Self { file, begin: 0, end, block: std::cell::RefCell::new((0, Vec::new())) };
        if let Some(heading) = packed.line(0)? {
            let words = heading.strip_prefix(b"# pack-refs with:").ok_or(Unsure)?;
            if !words.split(|byte| *byte == b' ').any(|word| word == b"sorted") {
                return Err(Unsure);
            }
            packed.begin = heading.len() as u64 + 1;
        }
        Ok(packed)
    }

    /// Where a line begins from which on stands every ref that is not before `name`, and little
    /// else.
    fn first_not_before(&self, name: &str) -> Result<u64, Unsure> {
        // Every ref that begins before `low` is before `name`.
        let (mut low, mut high) = (self.begin, self.end);
        while low + BLOCK < high {
            let middle = low + (high - low) / 2;
            match self.record_after(middle)? {
                Some((at, next, before)) if at < high => {
                    if before.as_slice() < name.as_bytes() {
                        low = next;
                    } else {
                        high = middle;
                    }
                }
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// The first ref whose line begins after `middle`: where that is, where the next line begins,
    /// and its name.
    fn record_after(&self, middle: u64) -> Result<Option<(u64, u64, Vec<u8>)>, Unsure> {
        let Some(rest) = self.line(middle)? else { return Ok(None) };
        let mut at = middle + rest.len() as u64 + 1;
        while let Some(line) = self.line(at)? {
            let next = at + line.len() as u64 + 1;
            if let Some((_, name)) = record(&line)? {
                return Ok(Some((at, next, name.to_vec())));
            }
            at = next;
        }
        Ok(None)
    }

    /// What stands from `at` to the end of the line; `None` at the end of the file.
    fn line(&self, at: u64) -> Result<Option<Vec<u8>>, Unsure> {
        let mut line = Vec::new();
        let mut here = at;
        while here < self.end {
            self.fill(here)?;
            let block = self.block.borrow();
            let from = usize::try_from(here - block.0).map_err(|_| Unsure)?;
            let rest = &block.1[from..];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                line.extend_from_slice(&rest[..length]);
                return Ok(Some(line));
            }
            line.extend_from_slice(rest);
            here += rest.len() as u64;
        }
        // git ends every line; a file that was cut short is not plain.
        if line.is_empty() { Ok(None) } else { Err(Unsure) }
    }

    /// Reads the block around `at`, unless that is the one there is.
    fn fill(&self, at: u64) -> Result<(), Unsure> {
        let mut block = self.block.borrow_mut();
        if at >= block.0 && at < block.0 + block.1.len() as u64 {
            return Ok(());
        }
        let mut bytes = vec![0; usize::try_from(BLOCK.min(self.end - at)).map_err(|_| Unsure)?];
        self.file.read_exact_at(&mut bytes, at)?;
        *block = (at, bytes);
        Ok(())
    }
}

/// The object and the name of a line; `None` for one that says what a tag speaks of.
fn record(line: &[u8]) -> Result<Option<(Oid, &[u8])>, Unsure> {
    if line.starts_with(b"^") {
        return Ok(None);
    }
    let space = line.iter().position(|byte| *byte == b' ').ok_or(Unsure)?;
    Ok(Some((object(&line[..space])?, &line[space + 1..])))
}

/// A name of an object, in full.
fn object(hex: &[u8]) -> Result<Oid, Unsure> {
    let text = std::str::from_utf8(hex).map_err(|_| Unsure)?;
    if text.len() != 40 {
        return Err(Unsure);
    }
    Oid::from_str(text).map_err(|_| Unsure)
}

fn is_hex(c: char) -> bool {
    c.is_ascii_hexdigit()
}

fn is_absent(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests;
