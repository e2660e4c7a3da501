//! The demo, as a newcomer runs it: the whole transcript, and what it must leave alone.

mod harness;

use std::path::Path;

use harness::{World, binary};

/// What differs from run to run replaced.
fn plain(world: &World, text: &str) -> String {
    let rules = [
        (r"\b[0-9a-f]{7}\.\.[0-9a-f]{7}\b", "[SHORT]..[SHORT]"),
        (r"\b(in|after) \d+(\.\d)? (ms|s)\b", "$1 [TIME]"),
        (r"sh: .*: cannot open greet.sh.*", "sh: cannot open greet.sh"),
        (r"sh: .*greet.sh: No such file.*", "sh: cannot open greet.sh"),
    ];
    rules.iter().fold(world.plain(text), |text, (pattern, with)| {
        regex::Regex::new(pattern).expect(pattern).replace_all(&text, *with).into_owned()
    })
}

fn in_folder(world: &World, name: &str) -> (String, String) {
    let place = world.root().join(name);
    let ended = world.orch(&["demo", "--fast", "--dir", place.to_str().expect("text")]).ok();
    (ended.stdout, ended.stderr)
}

#[expect(clippy::too_many_lines, reason = "the transcript is one snapshot")]
#[test]
fn the_walk_is_shown_with_its_refusals() {
    let world = World::new();
    let (shown, said) = in_folder(&world, "play");
    assert!(said.contains("each ended as it must"), "{said}");
    insta::assert_snapshot!(plain(&world, &shown), @r#"

    ── A repository
    $ git init -q -b main hello
    $ cd hello
    # The agent writes README.md:
      │ # Hello
      │ A project that greets people.
    $ git add README.md && git commit -qm 'Begin'
    $ git orch init
    write [TOP]/play/hello/.git/git-orch/install.json
    write [TOP]/play/hello/.git/git-orch/durable.config
    add to [TOP]/play/hello/.git/info/exclude: /.context/ /.orchestration/archived-sessions/ /.orchestration/signals/ /.orchestration/reports/ /.orchestration/index/
    write [TOP]/play/hello/.orchestration/config.toml
    write [TOP]/play/hello/.git/hooks/reference-transaction
    write [TOP]/play/hello/.git/hooks/pre-push
    write [TOP]/play/hello/.git/hooks/pre-merge-commit
    write [TOP]/play/hello/.git/hooks/pre-rebase
    write [TOP]/play/hello/.git/hooks/prepare-commit-msg
    ✓ git-orch is set up; work lands on main
      commit .orchestration/config.toml when you want to change it for the team
      next: git orch new-issue ID --title '…'

    ── An issue, in its own worktree
    $ git orch new-issue 81 --title 'Greet people by name'
    ✓ issue 81 created on branch issue/81
      next: git orch spec edit 81
    [TOP]/play/hello.worktrees/81
    # Asked again, it gives the same answer and changes nothing.
    $ cd "$(git orch new-issue 81)"

    ── DISCUSSION: what is to be done
    # Nothing moves on before its conditions hold.
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: .context/spec.md: no goal is given
        fix: git orch spec edit 81   # write a sentence or two under `## Goal`
        why: .context/spec.md: no acceptance criterion is given
        fix: git orch spec edit 81   # write `- [ ] what must be true` and below it `  verify: command` under `## Acceptance criteria`
      ↑ exit code 1, as it must be
    # The agent writes .context/spec.md:
      │ # Greet people by name
      │
      │ ## Goal
      │ greet.sh greets whoever it is told of.
      │
      │ ## Acceptance criteria
      │ - [ ] It greets Ada by name
      │   verify: sh greet.sh Ada | grep -qx 'Hello, Ada!'
      │ - [ ] Without a name it greets everybody
      │   verify: sh greet.sh | grep -qx 'Hello, everybody!'
    $ git orch spec check
    ✓ 2 criteria, nothing missing
      next: git orch spec finalise 81
    $ git orch spec finalise
    ✓ the specification of issue 81 is final: 2 criteria
      next: git orch next 81
    $ git orch next
    ✓ issue 81: DISCUSSION → EXECUTE
      next: git orch task add 'the first step' --issue 81

    ── EXECUTE: the work, task by task
    $ git orch task add 'Greet by name' --verify "sh greet.sh Ada | grep -q Ada"
    1
    ✓ task 1: Greet by name
    # A task is not done because somebody says so: its command runs now.
    $ git orch task done 1
    ✗ task 1 (Greet by name): exit code 1 after [MS]
    task 1: exit code 1 after [MS]
        | sh: cannot open greet.sh
      all of it: git orch show 81 --evidence 1
    red: task 1 of issue 81 stays open
      ↑ exit code 5, as it must be
    # The agent writes greet.sh:
      │ #!/bin/sh
      │ # Greets whoever is named, or everybody.
      │ name=${1:-everybody}
      │ echo "Hello, $name!"
    $ git orch task done 1
    ✓ task 1 (Greet by name): passed in [MS]
    ✓ task 1 of issue 81 is done
      next: git orch next 81
    $ git orch next
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: greet.sh
        fix: git -C [TOP]/play/hello.worktrees/81 add -A && git -C [TOP]/play/hello.worktrees/81 commit
      ↑ exit code 1, as it must be
    $ git add greet.sh && git commit -qm 'Greet people by name'
    $ git orch next
    ✓ issue 81: EXECUTE → VALIDATE
      next: git orch validate 81

    ── VALIDATE: git-orch runs the checks itself
    $ git orch validate
    ✓ criterion 1 (It greets Ada by name): passed in [MS]
    ✓ criterion 2 (Without a name it greets everybody): passed in [MS]
    ✓ issue 81 at [SHORT]: 2 checks green
      next: git orch next 81
    # Everything is green. But nobody wrote down what was learned, so:
    $ git -C ../../hello merge issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in VALIDATE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    fatal: ref updates aborted by hook
      ↑ exit code 128, as it must be
    # Making the flag by hand opens nothing.
    $ touch .context/compaction-complete.flag
    $ git -C ../../hello merge issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in VALIDATE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    fatal: ref updates aborted by hook
      ↑ exit code 128, as it must be

    ── COMPACT: what was learned, sealed to the commit
    $ git orch learn add --kind pitfall --when 'greet.sh without a name' \
          --lesson 'An unset name is empty, not an error: give it a default with ${1:-everybody}.' \
          --evidence greet.sh
    a file in .context/ was edited by hand; it is kept as .context/compaction-complete.flag.edited-[STAMP] and has no effect
    ✓ learned 81.1
      next: git orch compact 81
    $ git orch compact
    ✓ issue 81 sealed to [SHORT]: 1 learning, 1 commit
      next: git orch land 81, then git orch archive 81

    ── COMPLETE: landed as checked; the session is archived, worktree and branch are gone
    $ git orch land
    ✓ criterion 1 (It greets Ada by name): passed before (evidence 3)
    ✓ criterion 2 (Without a name it greets everybody): passed before (evidence 4)
    ✓ issue 81 landed: main is at [SHORT], 2 checks green on it
      next: git orch archive 81
    $ cd ../../hello
    $ git orch archive 81
    ignored files are kept (.context/compaction-complete.flag.edited-[STAMP]): git orch salvage show salvage/81/[STAMP]
    ✓ issue 81 archived: landed in main
    [TOP]/play/hello/.orchestration/archived-sessions/81
    $ git orch status
    no open issue
      next: git orch new-issue ID --title '…'
    $ git orch show 81
    81  Greet people by name
      phase     archived
      ended     landed in main, [TIME]
      receipt   sealed to [SHORT] on [TIME]
      criterion 1: It greets Ada by name (`sh greet.sh Ada | grep -qx 'Hello, Ada!'`)
      criterion 2: Without a name it greets everybody (`sh greet.sh | grep -qx 'Hello, everybody!'`)
      task 1 done: Greet by name
      evidence 1: task 1 exit code 1 ([MS]) at [SHORT]
      evidence 2: task 1 passed ([MS]) at [SHORT]
      evidence 3: criterion 1 passed ([MS]) at [SHORT]
      evidence 4: criterion 2 passed ([MS]) at [SHORT]
      learned 81.1 pitfall: An unset name is empty, not an error: give it a default with ${1:-everybody}.
    $ git orch log 81
    [TIME]  COMPLETE    Archive: landed in main
    [TIME]  COMPLETE    Land in main
    [TIME]  COMPLETE    Seal the receipt to [SHORT]: 1 learning
    [TIME]  COMPACT     Move on to COMPACT
    [TIME]  VALIDATE    Learn 81.1
    [TIME]  VALIDATE    Check criterion 2: passed
    [TIME]  VALIDATE    Check criterion 1: passed
    [TIME]  VALIDATE    Move on to VALIDATE
    [TIME]  EXECUTE     Check task 1: passed
    [TIME]  EXECUTE     Check task 1: exit code 1
    [TIME]  EXECUTE     Add task 1
    [TIME]  EXECUTE     Move on to EXECUTE
    [TIME]  DISCUSSION  Freeze the specification: 2 criteria
    [TIME]  DISCUSSION  Open issue 81: Greet people by name
    "#);
}

/// The block of the README below the line that ends with `after`.
fn shown_in_readme(after: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).expect("the README");
    let (_, rest) = text.split_once(after).expect(after);
    rest.split("```").nth(1).expect("a block").trim_start_matches('\n').trim_end().to_owned()
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let world = World::new();
    let (printed, _) = in_folder(&world, "demo");
    let told = shown_in_readme("as `git orch demo` prints it (a test compares):");
    let told = plain(&world, &told.replace("/tmp/demo", "[TOP]/demo"));
    let printed = plain(&world, &printed);
    assert!(printed.contains(&told), "the README tells\n{told}\nbut it prints\n{printed}");
}

#[test]
fn what_is_played_stays_where_it_is_told_to() {
    let world = World::new();
    in_folder(&world, "play");
    let archive = "play/hello/.orchestration/archived-sessions/81/session-log.xml";
    assert!(world.root().join(archive).exists());
    world.orch(&["demo", "--dir", world.root().join("play").to_str().unwrap()]).code(2);
}

#[test]
fn a_temporary_folder_is_gone_afterwards_or_kept_when_asked() {
    let world = World::new();
    let folder = world.root().join("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    let run = |args: &[&str]| {
        let mut command = world.command(&world.repo, &binary());
        let output = command.env("TMPDIR", &folder).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let count = || std::fs::read_dir(&folder).unwrap().count();
    run(&["demo", "--fast"]);
    assert_eq!(count(), 0);
    let said = run(&["demo", "--fast", "--keep"]);
    let kept = said.lines().find_map(|line| line.strip_prefix("kept: ")).expect("its place");
    assert!(Path::new(kept).join("hello/greet.sh").exists());
    assert_eq!(count(), 1);
}

#[test]
fn nothing_of_the_users_has_a_say_and_nothing_of_it_is_touched() {
    let world = World::new();
    let home = world.root().join("hostile");
    let hooks = home.join("hooks");
    world.write_in(&hooks, "reference-transaction", "#!/bin/sh\nexit 1\n");
    world.sh(&home, "chmod +x hooks/*").ok();
    let config = format!(
        "[core]\n\thooksPath = {}\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n\
         [merge]\n\tff = false\n[alias]\n\tmerge = !false\n[init]\n\tdefaultBranch = other\n",
        hooks.display()
    );
    world.write_in(&home, ".gitconfig", &config);
    let before = world.git(&["for-each-ref"]).ok().stdout;
    let mut command = world.command(&world.repo, &binary());
    for name in ["AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"] {
        command.env_remove(format!("GIT_{name}"));
    }
    command
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", home.join(".config"))
        .env("XDG_STATE_HOME", home.join(".state"))
        .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
        .env("GIT_DIR", world.repo.join(".git"))
        .env("GIT_INDEX_FILE", world.repo.join(".git/index"))
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.hooksPath")
        .env("GIT_CONFIG_VALUE_0", &hooks)
        .env("ORCH_ISSUE", "7")
        .env("LC_ALL", "de_DE.UTF-8")
        .env_remove("GIT_CONFIG_NOSYSTEM");
    let output = command.args(["demo", "--fast"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stdout));
    let left: Vec<_> = std::fs::read_dir(&home)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "hooks" && name != ".gitconfig")
        .collect();
    assert_eq!(left, Vec::<String>::new(), "nothing is new in the user's home");
    assert_eq!(world.git(&["for-each-ref"]).ok().stdout, before);
    assert_eq!(world.git(&["status", "--porcelain"]).ok().stdout, "");
}

#[test]
fn as_json_it_is_one_document() {
    let world = World::new();
    let ended = world.orch(&["demo", "--json"]).ok();
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(value["kind"], "demo");
    assert_eq!(value["data"]["failed"], serde_json::Value::Null);
}

#[test]
fn through_git_it_is_the_same() {
    let world = World::new();
    let ended = world.git(&["orch", "demo", "--fast"]).ok();
    assert!(ended.stdout.contains("compaction is missing"), "{}", ended.stdout);
}

#[test]
fn a_gate_that_lets_work_through_fails_the_demo() {
    let world = World::new();
    let real = world.sh(&world.repo, "command -v git").ok().line();
    let fake = format!(
        "#!/bin/sh\ncase \"$*\" in *'merge issue/81') set -- -c core.hooksPath=/dev/null \"$@\" ;; esac\n\
         exec {real} \"$@\"\n"
    );
    let bin = world.root().join("bin");
    world.write_in(&bin, "git", &fake);
    world.sh(&bin, "chmod +x git").ok();
    let path = world.sh(&world.repo, "printf %s \"$PATH\"").ok().stdout;
    let place = world.root().join("play");
    let mut command = world.command(&world.repo, &binary());
    command.env("PATH", format!("{}:{path}", bin.display()));
    let output = command.args(["demo", "--fast", "--dir"]).arg(&place).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("merge issue/81) did not end as it must: exit code 0"), "{said}");
    assert!(said.contains("kept: "), "{said}");
}
