//! What is found in files is what libgit2 finds.

use std::collections::BTreeSet;

use git2::Repository;

use super::*;

/// A repository with two objects to point at.
fn repository() -> (tempfile::TempDir, Repository, [Oid; 2]) {
    let top = tempfile::tempdir().unwrap();
    let repository = Repository::init(top.path()).unwrap();
    let objects = [b"one", b"two"].map(|bytes| repository.blob(bytes).unwrap());
    (top, repository, objects)
}

/// Writes the packed refs as git does.
fn pack(repository: &Repository, refs: &BTreeMap<String, Oid>) {
    let mut text = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for (at, (name, oid)) in refs.iter().enumerate() {
        text.push_str(&format!("{oid} {name}\n"));
        if at % 3 == 0 {
            text.push_str(&format!("^{oid}\n"));
        }
    }
    let mut file = File::options()
        .create_new(true)
        .write(true)
        .open(repository.path().join("packed-refs"))
        .unwrap();
    io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

/// What libgit2 finds below `prefix`.
fn listed(repository: &Repository, prefix: &str) -> BTreeMap<String, Oid> {
    let list = repository.references_glob(&format!("{prefix}*")).unwrap();
    list.filter_map(|one| {
        let one = one.unwrap();
        Some((one.name().ok()?.to_owned(), one.resolve().ok()?.target()?))
    })
    .collect()
}

#[test]
fn packed_refs_are_found_as_libgit2_finds_them() {
    for count in [0, 1, 2, 40, 3_000] {
        let (_top, repository, [one, two]) = repository();
        let mut refs = BTreeMap::new();
        for n in 0..count {
            let long = "x".repeat(n * 7 % 90);
            refs.insert(format!("refs/heads/b{n}{long}"), one);
            refs.insert(format!("refs/tags/{long}/v{n}.0"), two);
            refs.insert(format!("refs/git-orch/archive/{n}"), two);
        }
        refs.retain(|name, _| Reference::is_valid_name(name));
        pack(&repository, &refs);
        let files = RefFiles::new(repository.commondir());
        for (name, oid) in &refs {
            assert_eq!(files.read(name), Ok(Some(*oid)), "{name} of {count}");
        }
        for absent in ["refs/heads/a", "refs/heads/zz", "refs/tags/-", "refs/git-orch/b/0"] {
            assert_eq!(files.read(absent), Ok(None), "{absent} of {count}");
        }
        for prefix in ["refs/heads/", "refs/git-orch/", "refs/git-orch/archive/", "refs/tags/x/"] {
            assert_eq!(files.list(prefix), Ok(listed(&repository, prefix)), "{prefix}");
        }
    }
}

#[test]
fn a_file_goes_before_what_is_packed_and_a_name_for_another_ref_leads_there() {
    let (_top, repository, [one, two]) = repository();
    let names = ["refs/heads/a", "refs/heads/b/c", "refs/remotes/origin/main"];
    pack(&repository, &names.map(|name| (name.to_owned(), one)).into());
    repository.reference("refs/heads/a", two, true, "").unwrap();
    repository.reference("refs/heads/new", two, true, "").unwrap();
    let head = "refs/remotes/origin/HEAD";
    repository.reference_symbolic(head, "refs/remotes/origin/main", true, "").unwrap();
    repository.reference_symbolic("refs/heads/lost", "refs/heads/gone", true, "").unwrap();
    // An empty folder may stand where a packed ref is.
    std::fs::create_dir_all(repository.path().join("refs/heads/b/c")).unwrap();
    let files = RefFiles::new(repository.commondir());
    assert_eq!(files.read("refs/heads/a"), Ok(Some(two)));
    assert_eq!(files.read("refs/heads/b/c"), Ok(Some(one)));
    assert_eq!(files.read(head), Ok(Some(one)));
    assert_eq!(files.read("refs/heads/lost"), Ok(None));
    for prefix in ["refs/heads/", "refs/remotes/origin/"] {
        assert_eq!(files.list(prefix), Ok(listed(&repository, prefix)), "{prefix}");
    }
    let all: BTreeSet<String> = files.list("refs/heads/").unwrap().into_keys().collect();
    assert!(all.contains("refs/heads/new") && !all.contains("refs/heads/lost"));
}

#[test]
fn what_is_not_plain_is_left_to_libgit2() {
    let (_top, repository, [one, two]) = repository();
    let files = RefFiles::new(repository.commondir());
    for name in ["HEAD", "refs/bisect/bad", "refs/heads/../../config", "refs/stash"] {
        assert_eq!(files.read(name), Err(Unsure), "{name}");
    }
    let turning = ["refs/heads/x", "refs/heads/y"];
    repository.reference_symbolic(turning[0], turning[1], true, "").unwrap();
    repository.reference_symbolic(turning[1], turning[0], true, "").unwrap();
    assert_eq!(files.read(turning[0]), Err(Unsure));
    pack(&repository, &[("refs/heads/a".to_owned(), one)].into());
    let packed = repository.path().join("packed-refs");
    let mut file = File::options().append(true).open(&packed).unwrap();
    io::Write::write_all(&mut file, format!("{two} refs/heads/cut").as_bytes()).unwrap();
    assert_eq!(files.read("refs/heads/cut"), Err(Unsure));
}
