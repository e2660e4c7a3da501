//! `install.sh` as a newcomer runs it, with a program beside it so that nothing is built.
#![expect(clippy::disallowed_methods, reason = "tests start programs and copy files")]

use std::path::Path;
use std::process::{Command, Output};

fn installer(folder: &Path, args: &[&str]) -> Output {
    Command::new("sh").arg(folder.join("install.sh")).args(args).output().expect("sh")
}

fn files(prefix: &Path) -> String {
    let line = "find . -type f -exec sh -c 'for f; do stat -c \"%A %n\" \"$f\"; cksum < \"$f\"; done' _ {} + | paste - - | sort";
    let output = Command::new("sh").args(["-c", line]).current_dir(prefix).output().expect("sh");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn installing_twice_changes_nothing_and_uninstalling_leaves_nothing() {
    let top = tempfile::tempdir().expect("folder");
    let (folder, prefix) = (top.path().join("a b"), top.path().join("pre fix"));
    std::fs::create_dir_all(&folder).expect("folder");
    std::fs::create_dir_all(&prefix).expect("folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
    std::fs::copy(script, folder.join("install.sh")).expect("copied");
    std::fs::copy(env!("CARGO_BIN_EXE_git-orch"), folder.join("git-orch")).expect("copied");
    let args = ["--prefix", prefix.to_str().expect("text")];

    let first = installer(&folder, &args);
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(first.status.success(), "{said}{}", String::from_utf8_lossy(&first.stderr));
    assert!(said.contains("is not on PATH"), "{said}");
    for name in
        ["bin/git-orch", "share/man/man1/git-orch.1", "share/bash-completion/completions/git-orch"]
    {
        assert!(prefix.join(name).exists(), "{name}");
    }
    let before = files(&prefix);
    let again = installer(&folder, &args);
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.status.success() && !said.contains("installed "), "{said}");
    assert_eq!(files(&prefix), before);

    let uninstall = installer(&folder, &[&args[..], &["--uninstall"]].concat());
    assert!(uninstall.status.success());
    assert_eq!(std::fs::read_dir(&prefix).expect("folder").count(), 0, "nothing is left");
}

#[test]
fn options_it_does_not_know_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(installer(folder, &["--frefix", "/x"]).status.code(), Some(2));
    assert_eq!(installer(folder, &["--help"]).status.code(), Some(0));
}
