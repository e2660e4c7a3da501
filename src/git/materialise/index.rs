//! Reads git's index file and writes a copy of it with other stat data.
//!
//! Understands what `gitformat-index(5)` calls versions 2 to 4, of SHA-1 and SHA-256 repositories.
//! A file is kept as the bytes it was read from: names, modes and object ids of a copy are those
//! of the original, and only the stat words, the flags that belong to one worktree, the extensions
//! and the checksum differ. Split and sparse indexes are refused, as is every extension that git
//! marks as needed to understand the file. Decides nothing about which entries are clean.

use std::ops::Range;

use super::hash::ObjectFormat;

/// The file cannot be used for copying; git itself may well be able to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable(pub &'static str);

/// What a path of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file, executable or not.
    File {
        /// Whether its mode is 100755.
        executable: bool,
    },
    /// A symbolic link.
    Link,
    /// The commit of a submodule: an empty folder in a new worktree.
    Submodule,
}

/// The stat words of an entry in the order of the file, without the mode: ctime (s, ns), mtime
/// (s, ns), device, inode, user, group, size.
pub type Stamp = [u32; 9];

/// One path at stage 0.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    at: usize,
    name: Range<usize>,
}

/// An index file.
pub struct Index {
    bytes: Vec<u8>,
    format: ObjectFormat,
    entries: Vec<Entry>,
    names: Vec<u8>,
    entries_end: usize,
    cached_trees: Option<Range<usize>>,
    plain: bool,
}

/// Where the last read name lies among the names: version 4 stores what differs from it.
type LastName = Range<usize>;

const HEADER: usize = 12;
const STAT: usize = 40;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const NAME_LENGTH: u16 = 0x0fff;
const BROKEN: Unusable = Unusable("its index is damaged");

impl Index {
    /// Reads the bytes of an index file.
    pub fn parse(bytes: Vec<u8>, format: ObjectFormat) -> Result<Self, Unusable> {
        let body = bytes.len().checked_sub(format.len()).ok_or(BROKEN)?;
        if body < HEADER || bytes[..4] != *b"DIRC" {
            return Err(BROKEN);
        }
        // All zeros is what git writes with `index.skipHash`.
        let sum = &bytes[body..];
        let mut hasher = format.hasher();
        hasher.feed(&bytes[..body]);
        if sum.iter().any(|byte| *byte != 0) && !hasher.gives(sum) {
            return Err(BROKEN);
        }
        let version = word(&bytes, 4).ok_or(BROKEN)?;
        if !(2..=4).contains(&version) {
            return Err(Unusable("its index has a version that git-orch does not know"));
        }
        let count = word(&bytes, 8).ok_or(BROKEN)? as usize;
        let mut index = Self {
            bytes,
            format,
            entries: Vec::with_capacity(count.min(body / STAT)),
            names: Vec::with_capacity(body / 2),
            entries_end: HEADER,
            cached_trees: None,
            plain: true,
        };
        let mut last = 0..0;
        for _ in 0..count {
            last = index.read_entry(version, body, last)?;
        }
        index.read_extensions(body)?;
        Ok(index)
    }

    /// Reads the entry that begins at `entries_end`.
    fn read_entry(
        &mut self,
        version: u32,
        body: usize,
        last: LastName,
    ) -> Result<LastName, Unusable> {
        let at = self.entries_end;
        let bytes = self.bytes.get(..body).ok_or(BROKEN)?;
        let mut name_at = at + STAT + self.format.len() + 2;
        let flags = half(bytes, name_at - 2).ok_or(BROKEN)?;
        let mode = word(bytes, at + 24).ok_or(BROKEN)?;
        if flags & EXTENDED != 0 {
            self.plain = false;
            name_at += 2;
        }
        let mut kept = 0..0;
        if version == 4 {
            let (strip, after) = varint(bytes, name_at).ok_or(BROKEN)?;
            name_at = after;
            let length = last.len().checked_sub(strip).ok_or(BROKEN)?;
            kept = last.start..last.start + length;
        }
        let rest = bytes.get(name_at..).ok_or(BROKEN)?;
        let known = usize::from(flags & NAME_LENGTH);
        let length = if version < 4 && known < usize::from(NAME_LENGTH) {
            known
        } else {
            rest.iter().position(|byte| *byte == 0).ok_or(BROKEN)?
        };
        let name = rest.get(..length).ok_or(BROKEN)?;
        let start = self.names.len();
        self.names.extend_from_within(kept);
        self.names.extend_from_slice(name);
        let end = name_at + length;
        // Versions 2 and 3 pad with one to eight zeros to a multiple of eight.
        self.entries_end = if version < 4 { at + ((end - at + 8) & !7) } else { end + 1 };
        let kind = match mode {
            0o100_644 => Kind::File { executable: false },
            0o100_755 => Kind::File { executable: true },
            0o120_000 => Kind::Link,
            0o160_000 => Kind::Submodule,
            _ => return Err(Unusable("its index is sparse or holds a mode git does not write")),
        };
        let name = start..self.names.len();
        if flags & STAGE == 0 {
            self.entries.push(Entry { kind, at, name: name.clone() });
        } else {
            // One side of a conflict: nothing that could be copied.
            self.plain = false;
        }
        Ok(name)
    }

    /// Finds the cache of tree ids and refuses what must be understood and is not.
    fn read_extensions(&mut self, body: usize) -> Result<(), Unusable> {
        let mut at = self.entries_end;
        while at < body {
            let size = word(&self.bytes, at + 4).ok_or(BROKEN)? as usize;
            let whole = at..at.checked_add(8 + size).filter(|end| *end <= body).ok_or(BROKEN)?;
            match &self.bytes[at..at + 4] {
                b"TREE" => self.cached_trees = Some(whole.clone()),
                // `link` is a split index, `sdir` a sparse one: git's capitals are optional.
                name if !name[0].is_ascii_uppercase() => {
                    return Err(Unusable("its index is split, sparse or newer than git-orch"));
                }
                _ => {}
            }
            at = whole.end;
        }
        (at == body).then_some(()).ok_or(BROKEN)
    }

    /// Every path at stage 0, in git's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The path of an entry, relative to the top of the worktree.
    pub fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.name.clone()]
    }

    /// The object id of an entry, as bytes.
    pub fn id(&self, entry: &Entry) -> &[u8] {
        let at = entry.at + STAT;
        &self.bytes[at..at + self.format.len()]
    }

    /// Size and mtime (s, ns) that the entry had when it was last seen clean.
    pub fn seen(&self, entry: &Entry) -> (u32, (u32, u32)) {
        let read = |offset| word(&self.bytes, entry.at + offset).unwrap_or(0);
        (read(36), (read(8), read(12)))
    }

    /// The hash of the repository.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Whether the index holds exactly the tree `id`, by git's own cache of tree ids, and no flag
    /// beyond those of version 2: then a copy of it needs no reading of trees.
    pub fn is_exactly(&self, id: &str) -> bool {
        let root = || {
            let cached = self.bytes.get(self.cached_trees.clone()?)?;
            // Signature, size, the empty name and its zero; then "<entries> <subtrees>\n<id>".
            let facts = cached.get(9..)?;
            let line_end = facts.iter().position(|byte| *byte == b'\n')?;
            let line = std::str::from_utf8(&facts[..line_end]).ok()?;
            let entries = line.split(' ').next()?.parse::<usize>().ok()?;
            Some((entries, facts.get(line_end + 1..line_end + 1 + self.format.len())?))
        };
        let Some((entries, found)) = root() else { return false };
        let digits = found.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let same = digits.map(|digit| char::from_digit(u32::from(digit), 16));
        self.plain && entries == self.entries.len() && same.eq(id.chars().map(Some))
    }

    /// The bytes of an index with the same paths, each with the stat words that `stamps` gives for
    /// its place, and none (which git reads as "must be looked at") where it gives none.
    pub fn stamped(&self, stamps: &[Option<Stamp>]) -> Vec<u8> {
        let mut bytes = self.bytes[..self.entries_end].to_vec();
        for (place, entry) in self.entries.iter().enumerate() {
            let stamp = stamps.get(place).copied().flatten().unwrap_or_default();
            for (nth, value) in stamp.iter().enumerate() {
                // The mode sits between inode and user.
                let at = entry.at + 4 * (nth + usize::from(nth >= 6));
                bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
            }
            // "Assume unchanged" is what somebody said of another worktree.
            bytes[entry.at + STAT + self.format.len()] &= 0x7f;
        }
        if let Some(cached) = self.cached_trees.clone() {
            bytes.extend_from_slice(&self.bytes[cached]);
        }
        let mut hasher = self.format.hasher();
        hasher.feed(&bytes);
        hasher.finish_onto(&mut bytes);
        bytes
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(two.try_into().ok()?))
}

/// git's offset encoding, as in pack files: the number and the place after it.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 127);
    while byte & 128 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
    }
    Some((value, at + 1))
}
