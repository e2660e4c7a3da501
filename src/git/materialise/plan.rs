//! Sorts the paths of an index into the folders they lie in, so that each folder is made and
//! opened once.
//!
//! Pure: touches no file. Refuses names that would lead out of the worktree or into a `.git`,
//! which no honest index holds.

use super::index::{Index, Unusable};

/// A folder of the new worktree and what is to be put right into it.
#[derive(Debug, Default)]
pub struct Folder {
    /// Its last component; empty for the top of the worktree.
    pub name: Vec<u8>,
    /// Places of its own paths in the index.
    pub places: Vec<usize>,
    /// The folders in it, as positions in the plan.
    pub folders: Vec<usize>,
}

/// The folders to make; the first is the top of the worktree.
pub fn folders(index: &Index, chosen: impl Fn(usize) -> bool) -> Result<Vec<Folder>, Unusable> {
    let mut plan = vec![Folder::default()];
    // The folders above the present path: position in the plan and length of the path with slash.
    let mut above = vec![(0, 0)];
    let mut last: &[u8] = b"";
    for (place, entry) in index.entries().iter().enumerate() {
        if !chosen(place) {
            continue;
        }
        let name = index.name(entry);
        let shared = shared_folders(last, name);
        while above.len() > 1 && above.last().is_some_and(|(_, length)| *length > shared) {
            above.pop();
        }
        let (mut folder, mut done) = above.last().copied().unwrap_or_default();
        while let Some(length) = name[done..].iter().position(|byte| *byte == b'/') {
            let component = &name[done..done + length];
            check(component)?;
            let new = plan.len();
            plan.push(Folder { name: component.to_vec(), ..Folder::default() });
            plan[folder].folders.push(new);
            folder = new;
            done += length + 1;
            above.push((folder, done));
        }
        check(&name[done..])?;
        plan[folder].places.push(place);
        last = name;
    }
    Ok(plan)
}

/// Length of the folder path, with its slash, that both paths begin with.
fn shared_folders(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    a[..same].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1)
}

fn check(component: &[u8]) -> Result<(), Unusable> {
    let harmful = matches!(component, b"" | b"." | b"..")
        || component.eq_ignore_ascii_case(b".git")
        || component.contains(&0);
    if harmful { Err(Unusable("its index names a path that leads elsewhere")) } else { Ok(()) }
}
