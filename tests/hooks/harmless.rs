//! Everything that must go on while an issue is open beside it: other people's work, git's own
//! housekeeping, aborts, colleagues' pushes, and the landing of work that is compacted.

use crate::scene::{Form, Place, Scene};

/// Something people do.
struct Deed {
    /// Whether issue 81 is compacted before.
    sealed: bool,
    /// Whether there is a remote, and a colleague's clone of it in `$MATE`.
    remote: bool,
    /// What is done; every command of it succeeds.
    script: &'static str,
}

const fn deed(script: &'static str) -> Deed {
    Deed { sealed: false, remote: false, script }
}

const fn sealed(script: &'static str) -> Deed {
    Deed { sealed: true, ..deed(script) }
}

const fn remote(script: &'static str) -> Deed {
    Deed { remote: true, ..deed(script) }
}

const fn sealed_with_remote(script: &'static str) -> Deed {
    Deed { sealed: true, ..remote(script) }
}

/// Words for the scripts: `change FILE` writes a line that was not there, `own NAME` commits a
/// file of its own, `mate` is git in the colleague's clone, `issue` is git in the issue's worktree.
const WORDS: &str = r#"
set -eu
export MATE="$TOP/mate"
change() { printf 'a line for %s that nobody wrote before\n' "$1" >>"$1"; git add "$1"; }
own() { printf 'the content of %s\nwith a second line\n' "$1" >"$1"; git add "$1"; git commit -qm "Add $1"; }
mate() { git -C "$MATE" "$@"; }
mate_own() { (cd "$MATE" && own "$1"); }
issue() { git -C "$ISSUE" "$@"; }
issue_own() { (cd "$ISSUE" && own "$1"); }
fails() { if "$@" >/dev/null 2>&1; then echo "should have failed: $*" >&2; return 1; fi; }
"#;

const REMOTE: &str = r#"
git init -q --bare -b main "$TOP/origin.git" && git remote add origin "$TOP/origin.git" &&
git push -q -u origin main && git clone -q "$TOP/origin.git" "$TOP/mate"
"#;

fn passes(place: Place, form: Form, deed: &Deed) {
    let Some(scene) = Scene::with(place, form) else { return };
    if deed.remote {
        scene.sh(REMOTE).ok();
    }
    if deed.sealed {
        scene.seal("81");
    }
    let ended = scene.sh(&format!("{WORDS}{}", deed.script));
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert!(!ended.stderr.contains("refused"), "{}", ended.stderr);
}

macro_rules! deeds {
    ($($name:ident: $deed:expr;)*) => {
        deeds!(@ in_the_main_worktree, Place::Main, Form::Files; $($name: $deed;)*);
        deeds!(@ in_a_linked_worktree, Place::Linked, Form::Files; $($name: $deed;)*);
        deeds!(@ with_reftable, Place::Main, Form::Reftable; $($name: $deed;)*);
        deeds!(@ linked_with_reftable, Place::Linked, Form::Reftable; $($name: $deed;)*);
    };
    (@ $set:ident, $place:expr, $form:expr; $($name:ident: $deed:expr;)*) => {
        mod $set {
            use super::*;
            $(#[test] fn $name() { passes($place, $form, &$deed); })*
        }
    };
}

deeds! {
    // People at work beside the issue.
    commits_and_amendments: deed(
        "own a; change a; git commit -qm More; change a; git commit -qa --amend --no-edit; \
         git commit -q --allow-empty -m Nothing; git commit -q --amend --allow-empty -m Renamed"
    );
    a_change_in_the_same_file: deed(
        "sed -i 's/line 50 of/line 50, changed by hand, of/' src/app.py; git commit -qam Hand"
    );
    the_same_lock_file: deed(
        "printf 'dependency one 1.0.0\\ndependency two 2.0.0\\ndependency three 3.0.0\\n\
         dependency four 4.0.0\\ndependency five 5.0.0\\ndependency six 6.0.0\\n' \
         >\"$ISSUE/Cargo.lock\"; issue commit -qam Lock; \
         cp \"$ISSUE/Cargo.lock\" .; git commit -qam 'Lock too'"
    );
    the_same_empty_file: deed(
        ": >\"$ISSUE/src/__init__.py\"; issue add -A; issue commit -qm Package; \
         : >src/__init__.py; git add -A; git commit -qm 'Package too'"
    );
    human_branch_by_fast_forward: deed("git checkout -qb human; own h; git checkout -q main; git merge -q human");
    human_branch_by_merge: deed(
        "git checkout -qb human; own h; git checkout -q main; own m; git merge -q --no-ff -m M human"
    );
    human_branch_by_squash: deed(
        "git checkout -qb human; own h; git checkout -q main; git merge -q --squash human; git commit -qm S"
    );
    human_branch_by_rebase: deed(
        "git checkout -qb human; own h; git checkout -q main; own m; git rebase -q human; \
         git rebase -q --apply HEAD~1"
    );
    human_branch_by_pick: deed(
        "git checkout -qb human; own h; own i; git checkout -q main; git cherry-pick human~1 human"
    );
    human_octopus: deed(
        "for b in one two; do git checkout -qb $b main; own $b; done; git checkout -q main; \
         git merge -q -m O one two"
    );
    human_patches_by_mail: deed(
        "git checkout -qb human; own h; git format-patch -q -o \"$TOP/mail\" main; \
         git checkout -q main; git am -q \"$TOP\"/mail/*"
    );
    a_revert_and_its_revert: deed(
        "own a; git revert --no-edit HEAD; git revert --no-edit HEAD; git reset -q --hard HEAD~2"
    );
    a_revert_of_a_merge: deed(
        "git checkout -qb human; own h; git checkout -q main; git merge -q --no-ff -m M human; \
         git revert --no-edit -m 1 HEAD"
    );
    back_and_forth_by_reset: deed(
        "own a; own b; git reset -q --hard HEAD~1; git reset -q --hard ORIG_HEAD; \
         git reset -q --soft HEAD~1; git commit -qm Again; git reset -q --keep HEAD~1"
    );
    update_ref_to_own_work: deed(
        "own a; old=$(git rev-parse HEAD~1); new=$(git rev-parse HEAD); git update-ref refs/heads/main $old; \
         git update-ref refs/heads/main $new $old; git update-ref refs/heads/main HEAD; \
         git update-ref refs/custom/x HEAD; git update-ref -d refs/custom/x"
    );
    an_unrelated_history: deed(
        "git init -q \"$TOP/other\"; (cd \"$TOP/other\" && own o); git pull -q --no-rebase \
         --allow-unrelated-histories --no-edit \"$TOP/other\""
    );

    // Hotfixes, and what crosses between the issue and the rest.
    a_hotfix_that_the_issue_takes_in: deed(
        "own fix; issue cherry-pick main; git revert --no-edit HEAD; git revert --no-edit HEAD"
    );
    a_backport_of_what_the_issue_took_in: deed(
        "git branch master HEAD; own fix; issue cherry-pick main; git checkout -q master; \
         own other; git cherry-pick main"
    );
    a_human_commit_that_the_issue_took_in: deed(
        "git checkout -qb human; own h; own i; issue cherry-pick human~1 human; \
         issue commit -q --amend -m Renamed; git checkout -q main; git merge -q human"
    );
    main_merged_into_the_issue: deed("own a; issue merge -q -m Up main; own b; git revert --no-edit HEAD~1");
    the_issue_rebased_on_main: deed("own a; issue rebase -q main; own b; issue rebase -q main; own c");
    a_human_branch_merged_into_the_issue: deed(
        "git checkout -qb human; own h; issue merge -q -m H human; issue_own i; \
         git checkout -q main; git merge -q human"
    );
    a_fetched_head_merged_into_the_issue: deed(
        "git init -q -b main \"$TOP/other\"; (cd \"$TOP/other\" && own o); \
         issue pull -q --no-rebase --allow-unrelated-histories --no-edit \"$TOP/other\" main; \
         git pull -q --no-rebase --allow-unrelated-histories --no-edit \"$TOP/other\" main"
    );
    work_in_the_issue: deed(
        "issue_own a; issue commit -q --amend -m Renamed; issue reset -q --hard HEAD~1; \
         issue revert --no-edit HEAD; issue stash list; issue rebase -q -i --exec true main; \
         issue checkout -q -b try; issue_own t; issue checkout -q issue/81; issue merge -q try; \
         issue branch -d try"
    );

    // Housekeeping.
    stashes: deed(
        "change README.md; git stash -q; git stash apply -q; git reset -q --hard; git stash branch stashed; \
         git commit -qm S; git checkout -q main; change README.md; git stash -q; git stash drop -q"
    );
    tags: deed("git tag t; git tag -a -m A a; git tag -f t issue/81; git tag -d t");
    packing: deed(
        "git pack-refs --all; own a; git pack-refs --all --prune; git gc -q; own b; git gc -q --prune=now; \
         git repack -qad; git fsck --no-dangling; git pack-refs --all"
    );
    bisecting: deed(
        "own a; own b; own c; git bisect start HEAD HEAD~3; git bisect good; git bisect reset"
    );
    submodules: deed(
        "git init -q -b main \"$TOP/sub\"; (cd \"$TOP/sub\" && own s); \
         git -c protocol.file.allow=always submodule add -q \"$TOP/sub\" sub; git commit -qm Sub; \
         git submodule update; git submodule deinit -f sub"
    );
    branches: deed(
        "git branch one; git branch -m one two; git branch three; git branch -M two three; \
         git branch -c three four; git branch -f four HEAD; git branch -d three; git branch -D four; \
         git checkout -q -B five; git checkout -q -B main; git checkout -q --orphan six; \
         git commit -qm Six; git checkout -q main"
    );
    another_name_for_main: deed(
        "git symbolic-ref refs/heads/trunk refs/heads/main; own a; git checkout -q trunk; own b; \
         git checkout -q main; git branch -d trunk; git symbolic-ref refs/heads/master refs/heads/main"
    );
    renaming_main_and_back: deed("git branch -m main trunk; own a; git branch -m trunk main; own b");
    worktrees: deed(
        "git worktree add -q \"$TOP/w\" -b w; git worktree move \"$TOP/w\" \"$TOP/v\"; \
         git worktree remove \"$TOP/v\"; git worktree prune; git worktree add -q --detach \"$TOP/d\"; \
         git worktree remove \"$TOP/d\""
    );
    notes_and_replacements: deed(
        "git notes add -m N; git replace issue/81 issue/81~1; git replace -d $(git rev-parse issue/81)"
    );
    sparse_and_fast_import: deed(
        "own a; git fast-export main | sed 's|refs/heads/main|refs/heads/copied|' | git fast-import --quiet; \
         git filter-branch -f --msg-filter cat copied 2>/dev/null; git branch -D copied"
    );

    // Aborts.
    an_aborted_merge: deed(
        "git checkout -qb human; echo h >README.md; git commit -qam H; git checkout -q main; \
         echo m >README.md; git commit -qam M; fails git merge -q human; git merge --abort"
    );
    an_aborted_pick: deed(
        "git checkout -qb human; echo h >README.md; git commit -qam H; git checkout -q main; \
         echo m >README.md; git commit -qam M; fails git cherry-pick human; git cherry-pick --abort"
    );
    an_aborted_rebase: deed(
        "git checkout -qb human; echo h >README.md; git commit -qam H; git checkout -q main; \
         echo m >README.md; git commit -qam M; fails git rebase -q human; git rebase --abort; \
         fails git rebase -q --apply human; git rebase --abort; fails git rebase -q human; \
         git rebase --skip"
    );
    an_aborted_revert: deed(
        "echo one >README.md; git commit -qam 1; echo two >README.md; git commit -qam 2; \
         fails git revert --no-edit HEAD~1; git revert --abort"
    );
    aborted_patches: deed(
        "git checkout -qb human; echo h >README.md; git commit -qam H; \
         git format-patch -q -o \"$TOP/mail\" HEAD~1; git checkout -q main; echo m >README.md; \
         git commit -qam M; fails git am -q \"$TOP\"/mail/*; git am --abort"
    );

    // Remotes.
    pulls_of_colleagues: remote(
        "mate_own a; mate push -q; git pull -q --ff-only; own m; mate_own b; mate push -q; \
         git pull -q --no-rebase --no-edit; mate_own c; mate push -q; own n; fails git push -q; \
         git pull -q --rebase; git push -q; mate pull -q --rebase; mate push -q; git fetch -q; \
         git reset -q --hard origin/main"
    );
    offline_pulls: remote(
        "mate_own a; mate push -q; git fetch -q; git remote set-url origin \"$TOP/nowhere\"; \
         git merge -q origin/main"
    );
    the_same_issue_landed_upstream: remote(
        "cp \"$ISSUE\"/src/* \"$MATE/src/\"; mate add -A; \
         mate commit -qm \"$(printf 'Rebase agent (#12)\\n\\n    Orch-Issue: 81\\n')\"; mate push -q; \
         git pull -q; git push -q origin main:refs/heads/backup"
    );
    the_issue_itself_landed_upstream: remote(
        "git -c \"$OFF\" push -q origin issue/81; mate pull -q; mate merge -q origin/issue/81; mate push -q; \
         git pull -q; own a; git push -q"
    );
    pushes_of_own_work: remote(
        "own a; git push -q; git checkout -qb human; own h; git push -q -u origin human; own i; \
         git push -q --force origin human; git push -q origin --delete human; git tag t; \
         git push -q --tags; git push -q origin HEAD:refs/heads/x; git push -q origin :x; \
         git push -q --dry-run origin main"
    );
    fetches_of_everything: remote(
        "mate checkout -qb theirs; mate_own t; mate push -q -u origin theirs; mate tag m; mate push -q --tags; \
         git fetch -q --all --prune --tags; git checkout -q theirs; own u; git checkout -q main; \
         git merge -q theirs; git push -q; git remote update >/dev/null; git remote prune origin"
    );
    a_clone_of_this: remote(
        "git clone -q . \"$TOP/second\"; (cd \"$TOP/second\" && own s); \
         git pull -q --no-rebase \"$TOP/second\" main"
    );

    // Compacted work lands, by every way.
    sealed_by_fast_forward: sealed("git merge -q --ff-only issue/81; git branch -d copy 2>/dev/null || :");
    sealed_by_merge: sealed("own m; git merge -q --no-ff -m Land issue/81");
    sealed_by_squash: sealed("git merge -q --squash issue/81; git commit -qm Land");
    sealed_by_rebase: sealed("own m; git rebase -q issue/81");
    sealed_by_picks: sealed("own m; git cherry-pick main..issue/81");
    sealed_by_patches: sealed(
        "git format-patch -q -o \"$TOP/mail\" main..issue/81; git am -q \"$TOP\"/mail/*"
    );
    sealed_by_reset: sealed("git reset -q --hard issue/81");
    sealed_by_hand: sealed("git checkout issue/81 -- src; git commit -qm Land");
    sealed_and_rebased: sealed("own m; issue rebase -q main; git merge -q --ff-only issue/81");
    sealed_and_renamed: sealed("issue commit -q --amend -m Renamed; git merge -q issue/81");
    sealed_and_brought_up_to_date: sealed("own m; issue merge -q -m Up main; git merge -q issue/81");
    sealed_and_deleted: sealed(
        "git merge -q issue/81; git worktree remove --force \"$ISSUE\"; git branch -d issue/81"
    );
    sealed_and_pushed: sealed_with_remote(
        "git push -q origin issue/81; git merge -q issue/81; git push -q; \
         git push -q origin --delete issue/81"
    );
    landed_and_gone_on: sealed_with_remote(
        "git merge -q --no-ff -m Land issue/81; issue_own more; own m; git push -q; git pull -q"
    );
    landed_as_a_squash_and_gone_on: sealed_with_remote(
        "git merge -q --squash issue/81; git commit -qm Land; issue_own more; own m; git push -q; \
         git revert --no-edit HEAD~1; git push -q"
    );
}

/// What a clone brought was published, whatever the clone logs of it, and also after a push.
#[test]
fn what_a_clone_brought_comes_in() {
    for form in [Form::Files, Form::Reftable] {
        let Some(scene) = Scene::with(Place::Main, form) else { continue };
        let format = if form == Form::Reftable { "--ref-format=reftable" } else { "-q" };
        let strict = "printf '[gate]\\ndirect = \"refuse\"\\nprotected = [\"main\", \"release/*\"]\\n' \
            >.orchestration/config.toml && git commit -qam Strict";
        scene
            .sh(&format!(
                "git branch release/1 && git switch -q release/1 && echo r >r.txt && git add . && \
                 git commit -qm R && git switch -q main && {strict} && \
                 git clone -q --bare . \"$TOP/origin.git\" && \
                 git clone -q {format} -b main \"$TOP/origin.git\" \"$TOP/clone\" && \
                 cd \"$TOP/clone\" && git orch init --yes"
            ))
            .ok();
        let clone = scene.world.root().join("clone");
        let again = "git reset -q --hard HEAD~2 && git merge -q --ff-only origin/main";
        scene.sh_in(&clone, "git switch -q release/1 && git switch -q main").ok();
        scene.sh_in(&clone, again).ok();
        let push = "git commit -q --allow-empty -m \"$(printf 'N\\n\\nOrch-No-Issue: a note')\" && \
            git push -q";
        scene.sh_in(&clone, push).ok();
        scene
            .sh_in(&clone, "git reset -q --hard HEAD~3 && git merge -q --ff-only origin/main")
            .ok();
    }
}
