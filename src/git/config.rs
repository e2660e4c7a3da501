//! Reads and sets values of `git config`, and who the user is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::exec::{Git, GitError};
use super::open::Repo;

/// The value of `key` as git sees it from this worktree; `None` when it is not set.
pub fn value(repo: &Repo, key: &str) -> Result<Option<String>, GitError> {
    let output = repo.git.at(repo.home()).args(["config", "--get", key]).run()?;
    match output.code {
        0 => Ok(Some(output.text())),
        1 => Ok(None),
        code => Err(GitError::Failed {
            command: format!("config --get {key}"),
            code,
            stderr: output.complaint(),
        }),
    }
}

/// The same without a process where libgit2 can tell.
pub fn seen(repo: &Repo, key: &str) -> Result<Option<String>, GitError> {
    match repo.objects.lib() {
        Some(lib) => Ok(lib.config()?.get_string(key).ok()),
        None => value(repo, key),
    }
}

/// Whether `key` is plainly set nowhere, so that git need not be asked. `elsewhere` says that git
/// was told to look for its settings where libgit2 does not.
pub fn plainly_unset(repo: &Repo, key: &str, elsewhere: bool) -> bool {
    let Some(Ok(config)) = repo.objects.lib().map(git2::Repository::config) else { return false };
    let none = |pattern: &str| config.entries(Some(pattern)).is_ok_and(|mut e| e.next().is_none());
    // libgit2 knows one place for the machine's settings; a git built elsewhere has its own.
    let machine = beside_program(repo, "gitconfig").any(|file| file.symlink_metadata().is_ok());
    let pattern = format!("^{}$", key.to_ascii_lowercase().replace('.', "\\."));
    !elsewhere && !machine && none("^includeif\\.") && none(&pattern)
}

/// Where a git that is installed as ours is may keep the file `name` of the machine, other than in
/// the one place that libgit2 reads.
fn beside_program(repo: &Repo, name: &str) -> impl Iterator<Item = PathBuf> {
    let program = repo.git.program();
    let real = super::open::real(program);
    let folders: Vec<PathBuf> =
        [program, &real].iter().flat_map(|p| p.ancestors()).map(Path::to_owned).collect();
    let name = Path::new("etc").join(name);
    let known = Path::new("/").join(&name);
    folders.into_iter().map(move |folder| folder.join(&name)).filter(move |file| *file != known)
}

/// Whether names that differ only in case are one branch here: git says so, or the same file
/// answers to both names. A setting that cannot be read says nothing.
pub fn ignores_case(repo: &Repo) -> bool {
    let set = || {
        if let Some(lib) = repo.objects.lib() {
            return lib.config().is_ok_and(|c| c.get_bool("core.ignoreCase").unwrap_or(false));
        }
        let call = repo.git.at(repo.home()).args(["config", "--type=bool", "core.ignoreCase"]);
        call.run().is_ok_and(|output| output.text() == "true")
    };
    (repo.common_dir.join("head").exists() && repo.common_dir.join("HEAD").exists()) || set()
}

/// Every key below `section` in the repository's own config, with its value.
pub fn own_section(repo: &Repo, section: &str) -> Result<Vec<(String, String)>, GitError> {
    let pattern = format!("^{section}\\.");
    let output = repo
        .git
        .in_repository(&repo.common_dir, None)
        .args(["config", "--local", "-z", "--get-regexp", &pattern])
        .run()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text
        .split('\0')
        .filter(|entry| !entry.is_empty())
        .map(|entry| entry.split_once('\n').unwrap_or((entry, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect())
}

/// git renames its configuration into place and syncs nothing: a power cut could leave it empty.
fn sync(common_dir: &Path) -> Result<(), GitError> {
    for path in [common_dir.join("config"), common_dir.to_owned()] {
        let synced = std::fs::File::open(&path).and_then(|file| file.sync_all());
        synced.map_err(|source| GitError::File { path, source })?;
    }
    Ok(())
}

/// Sets `key` in the repository's own config, to a value of any encoding; `None` removes it.
pub fn set_own(repo: &Repo, key: &str, value: Option<&OsStr>) -> Result<(), GitError> {
    let call = repo.git.in_repository(&repo.common_dir, None).args(["config", "--local"]);
    let output = match value {
        Some(value) => call.arg(key).arg(value).run()?,
        None => call.args(["--unset-all", key]).run()?,
    };
    // 5: the key to be removed was not there.
    if output.code == 0 || (value.is_none() && output.code == 5) {
        return sync(&repo.common_dir);
    }
    Err(GitError::Failed {
        command: format!("config {key}"),
        code: output.code,
        stderr: output.complaint(),
    })
}

/// What the environment says about who the user is.
#[derive(Clone, Debug, Default)]
pub struct Committer {
    /// `GIT_COMMITTER_NAME`.
    pub name: Option<String>,
    /// `GIT_COMMITTER_EMAIL`.
    pub address: Option<String>,
    /// Whether git was told to look for its settings elsewhere than libgit2 does.
    pub elsewhere: bool,
}

/// The value of `key` in the config file `file`, read as a file of no repository: what stands in it
/// may keep git from taking the repository for one.
pub fn in_file(git: &Git, file: &Path, key: &str) -> Result<Option<String>, GitError> {
    let output = git.at(Path::new("/")).args(["config", "--file"]).arg(file).arg(key).run()?;
    Ok((output.code == 0).then(|| output.text()))
}

/// Whether git takes a value for true.
pub fn is_true(value: &str) -> bool {
    ["true", "yes", "on", "1"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Sets `key` in the config file `file`, in the same way; `None` removes it.
pub fn set_in_file(git: &Git, file: &Path, key: &str, value: Option<&str>) -> Result<(), GitError> {
    let call = git.at(Path::new("/")).args(["config", "--file"]).arg(file);
    let output = match value {
        Some(value) => call.args([key, value]).run()?,
        None => call.args(["--unset-all", key]).run()?,
    };
    match output.code {
        0 => Ok(()),
        5 if value.is_none() => Ok(()),
        code => Err(GitError::Failed {
            command: format!("config {key}"),
            code,
            stderr: output.complaint(),
        }),
    }
}

/// Who the user is, `Name <address>`, or git-orch itself where git knows nobody: a record must
/// not fail for want of a name.
pub fn identity(repo: &Repo, committer: &Committer) -> String {
    let asked = || {
        let output = repo.git.at(repo.home()).args(["var", "GIT_COMMITTER_IDENT"]).run().ok()?;
        let text = (output.code == 0).then(|| output.text())?;
        let end = text.rfind('>')?;
        Some(text[..=end].to_owned())
    };
    plain(repo, committer)
        .or_else(asked)
        .unwrap_or_else(|| "git-orch <git-orch@localhost>".to_owned())
}

/// The same without a process, where it is written down in so many words; anything that git would
/// clean, guess or look up under a condition is left to git.
fn plain(repo: &Repo, committer: &Committer) -> Option<String> {
    let config = repo.objects.lib()?.config().ok()?;
    let conditional = || {
        let mut entries = config.entries(Some("^includeif\\.")).ok()?;
        Some(entries.next().is_some())
    };
    let set = |keys: [&str; 2]| {
        let usable = !committer.elsewhere && !conditional()?;
        usable.then(|| keys.iter().find_map(|key| config.get_string(key).ok()))?
    };
    let name = committer.name.clone().or_else(|| set(["committer.name", "user.name"]))?;
    let address = committer.address.clone().or_else(|| set(["committer.email", "user.email"]))?;
    let at_ends = |text: &str| {
        let odd = |c: char| c.is_whitespace() || ".,:;\"\\'".contains(c);
        text.starts_with(odd) || text.ends_with(odd)
    };
    let clean = |text: &String| {
        let inside = text.chars().any(|c| c.is_control() || "<>".contains(c));
        !text.is_empty() && !inside && !at_ends(text)
    };
    (clean(&name) && clean(&address)).then(|| format!("{name} <{address}>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Git;

    #[test]
    fn a_key_that_may_be_set_anywhere_is_not_taken_for_unset() {
        let top = tempfile::tempdir().unwrap();
        let git = Git::find().unwrap();
        git.at(top.path()).args(["init", "-q"]).done().unwrap();
        let config = |args: &[&str]| {
            git.at(top.path()).arg("config").args(args).done().unwrap();
        };
        let unset = |elsewhere| {
            let repo = Repo::open(git.clone(), top.path(), None).unwrap();
            plainly_unset(&repo, "core.hooksPath", elsewhere)
        };
        assert!(unset(false));
        assert!(!unset(true));
        config(&["core.hooksPath", "x"]);
        assert!(!unset(false));
        config(&["--unset", "core.hooksPath"]);
        assert!(unset(false));
        config(&["includeIf.gitdir:/x.path", "/nowhere"]);
        assert!(!unset(false));
        config(&["--unset", "includeIf.gitdir:/x.path"]);
        config(&["extensions.worktreeConfig", "true"]);
        config(&["--worktree", "core.hooksPath", "x"]);
        assert!(!unset(false));
    }

    #[test]
    fn what_is_written_down_is_what_git_says() {
        let top = tempfile::tempdir().unwrap();
        let git = Git::find().unwrap();
        git.at(top.path()).args(["init", "-q"]).done().unwrap();
        let set = |key: &str, value: &str| {
            git.at(top.path()).args(["config", key, value]).done().unwrap();
        };
        let own = |env: &Committer| {
            let repo = Repo::open(git.clone(), top.path(), None).unwrap();
            (plain(&repo, env), identity(&repo, env))
        };
        set("user.name", "Ada Lovelace");
        set("user.email", "ada@example.org");
        let env = Committer::default();
        let said = "Ada Lovelace <ada@example.org>".to_owned();
        assert_eq!(own(&env), (Some(said.clone()), said));
        set("committer.name", "Machine");
        assert_eq!(own(&env).0.as_deref(), Some("Machine <ada@example.org>"));
        let told = Committer { name: Some("Grace".to_owned()), ..Committer::default() };
        assert_eq!(own(&told).0.as_deref(), Some("Grace <ada@example.org>"));
        // What git cleans, git is asked for.
        set("committer.name", "Ada <ada");
        let (plain, asked) = own(&env);
        assert_eq!(plain, None);
        assert_eq!(asked, "Ada ada <ada@example.org>");
        set("committer.name", "Ada");
        set("includeIf.onbranch:x.path", "/nowhere");
        assert_eq!(own(&env).0, None);
    }
}
