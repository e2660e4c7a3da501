//! What decides how git writes files, as far as that can be told without a process.
//!
//! Each process it does without is one that `new-issue` need not wait for. In doubt the answer is to
//! ask git.

use std::path::{Path, PathBuf};

use super::open::Repo;

/// Where people keep settings and attributes of their own.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The user's home.
    pub home: Option<&'a Path>,
    /// `XDG_CONFIG_HOME`.
    pub config_home: Option<&'a Path>,
    /// Whether git was told to look elsewhere than libgit2 does.
    pub elsewhere: bool,
}

/// The settings about conversion that apply in the worktree with the git directory `git_dir`, in
/// the form of `git config -z --list`; `None` when git must be asked.
pub fn settings(repo: &Repo, git_dir: &Path, places: Places<'_>) -> Option<Vec<u8>> {
    let config = repo.objects.lib()?.config().ok()?;
    let set = |pattern: &str| Some(config.entries(Some(pattern)).ok()?.next().is_some());
    if places.elsewhere || git_dir.join("config.worktree").exists() || set("^includeif\\.")? {
        return None;
    }
    let mut bytes = Vec::new();
    for key in ["core.autocrlf", "core.eol", "core.symlinks"] {
        match config.get_string(key) {
            // A key without a value reads as an empty one, and means something else.
            Ok(value) if value.is_empty() => return None,
            Ok(value) => bytes.extend_from_slice(format!("{key}\n{value}\0").as_bytes()),
            Err(e) if e.code() == git2::ErrorCode::NotFound => {}
            Err(_) => return None,
        }
    }
    let mut filters = config.entries(Some("^filter\\.")).ok()?;
    while let Some(entry) = filters.next() {
        bytes.extend_from_slice(entry.ok()?.name_bytes());
        bytes.extend_from_slice(b"\nset\0");
    }
    Some(bytes)
}

/// Whether attributes may be set elsewhere than in the tree: for the repository, by the user, or
/// for the machine, beside the program as git is installed.
pub fn attributes_outside(repo: &Repo, places: Places<'_>) -> bool {
    let set = |key: &str| match repo.objects.lib().map(git2::Repository::config) {
        Some(Ok(config)) => config.get_string(key).is_ok(),
        _ => true,
    };
    if places.elsewhere || set("core.attributesfile") || set("attr.tree") {
        return true;
    }
    let user = match (places.config_home, places.home) {
        (Some(folder), _) => Some(folder.join("git/attributes")),
        (None, Some(home)) => Some(home.join(".config/git/attributes")),
        (None, None) => None,
    };
    let program = repo.git.program();
    let real = super::open::real(program);
    let machine = [program, &real].map(Path::ancestors).into_iter().flatten();
    let machine = machine.map(|folder| folder.join("etc/gitattributes"));
    let mut files: Vec<PathBuf> = machine.chain(user).collect();
    files.push(repo.common_dir.join("info/attributes"));
    files.iter().any(|file| file.symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Git;
    use crate::store::atomic::Folder;

    const NOWHERE: Places<'_> = Places { home: None, config_home: None, elsewhere: false };

    #[test]
    fn attributes_are_found_wherever_git_looks_for_them() {
        let top = tempfile::tempdir().unwrap();
        let git = Git::find().unwrap();
        git.at(top.path()).args(["init", "-q", "repo"]).done().unwrap();
        let open = || Repo::open(git.clone(), &top.path().join("repo"), None).unwrap();
        let config_home = top.path().join("config");
        let user = Places { config_home: Some(&config_home), ..NOWHERE };
        assert!(!attributes_outside(&open(), user));
        Folder::create(&config_home, "git").unwrap().write("attributes", b"").unwrap();
        assert!(attributes_outside(&open(), user));
        assert!(!attributes_outside(&open(), NOWHERE));
        assert!(attributes_outside(&open(), Places { elsewhere: true, ..NOWHERE }));
        git.at(&open().common_dir).args(["config", "core.attributesFile", "x"]).done().unwrap();
        assert!(attributes_outside(&open(), NOWHERE));
    }

    #[test]
    fn what_is_plain_is_told_and_the_rest_is_asked() {
        let top = tempfile::tempdir().unwrap();
        let git = Git::find().unwrap();
        git.at(top.path()).args(["init", "-q", "."]).done().unwrap();
        let set = |key: &str, value: &str| {
            git.at(top.path()).args(["config", key, value]).done().unwrap();
        };
        let told = || {
            let repo = Repo::open(git.clone(), top.path(), None).unwrap();
            settings(&repo, &repo.git_dir, NOWHERE)
        };
        set("core.autocrlf", "input");
        set("filter.lfs.smudge", "cat");
        let bytes = told().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("core.autocrlf\ninput\0"), "{text:?}");
        assert!(text.contains("filter.lfs.smudge\nset\0"), "{text:?}");
        set("includeIf.gitdir:/x.path", "/nowhere");
        assert_eq!(told(), None);
    }
}
