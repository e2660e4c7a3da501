//! Every way to bring work that is not compacted onto `main` through git's own commands, each tried
//! as [`crate::route`] says.

use crate::route::{clean, files_only, halfway, refused, route};
use crate::scene::{Form, Place};

macro_rules! routes {
    ($($name:ident: $route:expr;)*) => {
        routes!(@ in_the_main_worktree, Place::Main, Form::Files; $($name: $route;)*);
        routes!(@ in_a_linked_worktree, Place::Linked, Form::Files; $($name: $route;)*);
        routes!(@ with_reftable, Place::Main, Form::Reftable; $($name: $route;)*);
        routes!(@ linked_with_reftable, Place::Linked, Form::Reftable; $($name: $route;)*);
    };
    (@ $set:ident, $place:expr, $form:expr; $($name:ident: $route:expr;)*) => {
        mod $set {
            use super::*;
            $(#[test] fn $name() { refused($place, $form, &$route); })*
        }
    };
}

const OWN_COMMIT: &str = "echo own >own.txt && git add own.txt && git commit -qm Own";
const COPY: &str = "git -C \"$ISSUE\" branch copy";

routes! {
    merge_fast_forward: route("", "git merge issue/81");
    merge_fast_forward_only: route("", "git merge --ff-only issue/81");
    merge_no_ff: route("", "git merge --no-ff -m Land issue/81");
    merge_without_verify: route("", "git merge --no-verify --no-ff -m Land issue/81");
    merge_diverged: route(OWN_COMMIT, "git merge -m Land issue/81");
    merge_squash: route("", "git merge --squash issue/81");
    merge_no_commit: route("", "git merge --no-commit --no-ff issue/81");
    merge_autostash: route("", "git merge --autostash issue/81");
    merge_strategy_ours: route(OWN_COMMIT, "git merge -s ours -m Land issue/81");
    merge_one_commit_of_many: route("", "git merge issue/81~1");
    merge_by_object_id: route("", "git merge $(git rev-parse issue/81)");
    octopus: route(
        "git branch other && git checkout -q other && echo o >o.txt && git add o.txt && \
         git commit -qm O && git checkout -q main",
        "git merge -m Land other issue/81"
    );
    pull_from_here: route("", "git pull -q . issue/81");
    pull_rebase_from_here: clean(OWN_COMMIT, "git pull -q --rebase . issue/81");
    squash_made_unseen_then_commit: halfway(
        "git -c \"$OFF\" merge -q --squash issue/81", "git commit -m Land"
    );
    merge_made_unseen_then_commit: halfway(
        "git -c \"$OFF\" merge -q --no-commit --no-ff issue/81", "git commit -m Land"
    );
    cherry_pick: route("", "git cherry-pick issue/81~1");
    cherry_pick_all: route("", "git cherry-pick main..issue/81");
    cherry_pick_fast_forward: route("", "git cherry-pick --ff issue/81~2");
    cherry_pick_with_another_message: route(
        "git cherry-pick -n issue/81~2", "git commit -qm 'My own idea'"
    );
    rebase_onto_issue: clean("", "git rebase issue/81");
    rebase_diverged_onto_issue: clean(OWN_COMMIT, "git rebase issue/81");
    rebase_without_verify: clean(OWN_COMMIT, "git rebase --no-verify issue/81");
    rebase_fast_forward_without_verify: clean("", "git rebase --no-verify issue/81");
    rebase_apply_without_verify: clean(OWN_COMMIT, "git rebase --no-verify --apply issue/81");
    rebase_apply_fast_forward: clean("", "git rebase --no-verify --apply issue/81");
    am: route("git format-patch -q -o \"$TOP/mail\" main..issue/81", "git am -q \"$TOP\"/mail/*");
    am_without_trailers: route(
        "git format-patch -q -o \"$TOP/mail\" main..issue/81 && \
         sed -i '/^Orch-Issue/d' \"$TOP\"/mail/*",
        "git am -q \"$TOP\"/mail/*"
    );
    apply_then_commit: route(
        "git diff main issue/81 | git apply --index", "git commit -qm 'My own idea'"
    );
    reset_hard: clean("", "git reset -q --hard issue/81");
    reset_keep: route("", "git reset -q --keep issue/81");
    reset_mixed: route("", "git reset -q issue/81");
    reset_soft: route("", "git reset -q --soft issue/81");
    reset_soft_on_a_copy_then_commit: clean(
        "git checkout -q -b work issue/81 && git reset -q --soft main && \
         git symbolic-ref HEAD refs/heads/main",
        "git commit -qm 'My own idea'"
    );
    update_ref: route("", "git update-ref refs/heads/main issue/81");
    update_ref_by_batch: route("", "echo 'update refs/heads/main issue/81' | git update-ref --stdin");
    update_ref_of_head: route("", "git update-ref HEAD issue/81");
    update_ref_through_another_name: route(
        "git symbolic-ref refs/tools/current refs/heads/main",
        "git update-ref refs/tools/current issue/81"
    );
    update_ref_from_the_issue: route("", "git -C \"$ISSUE\" update-ref refs/heads/main issue/81");
    checkout_b: route("", "git checkout -q -B main issue/81");
    checkout_b_from_another_branch: route(
        "git checkout -q -b elsewhere", "git checkout -q -B main issue/81"
    );
    switch_c_from_another_branch: route(
        "git switch -q -c elsewhere", "git switch -q -C main issue/81"
    );
    branch_force: route("git checkout -q -b elsewhere", "git branch -f main issue/81");
    branch_force_from_detached: route(
        "git checkout -q --detach issue/81", "git branch -f main HEAD"
    );
    worktree_add_b: route(
        "git checkout -q -b elsewhere", "git worktree add -q -B main \"$TOP/again\" issue/81"
    );
    push_to_here: route("git checkout -q -b elsewhere", "git push -q . issue/81:main");
    fetch_from_here: route("git checkout -q -b elsewhere", "git fetch -q . issue/81:main");
    fetch_from_here_while_checked_out: route(
        "", "git fetch -q --update-head-ok . issue/81:main"
    );
    a_remote_that_is_here: route(
        "git remote add self . && git fetch -q self issue/81:refs/remotes/self/main",
        "git merge self/main"
    );
    renamed_copy: route(COPY, "git merge copy");
    tagged_copy: route("git tag done issue/81", "git merge done");
    copied_onto_the_name: files_only("git branch copy issue/81 && git checkout -q -b elsewhere",
        "git branch -M copy main");
    branch_of_a_branch: route(
        "git branch human issue/81 && git -C \"$ISSUE\" checkout -q human && \
         echo h >\"$ISSUE/h.txt\" && git -C \"$ISSUE\" add h.txt && git -C \"$ISSUE\" commit -qm H",
        "git merge human"
    );
    rewritten_messages: route(
        "git branch copy issue/81 && git -C \"$ISSUE\" checkout -q copy && git -C \"$ISSUE\" \
         -c sequence.editor=true rebase -q --exec 'git commit -q --amend -m Mine --no-verify' main",
        "git merge copy"
    );
    amended_copy: route(
        "git branch copy issue/81 && git -C \"$ISSUE\" checkout -q copy && \
         echo '# one more line here' >>\"$ISSUE/src/app.py\" && \
         git -C \"$ISSUE\" commit -qam x --amend",
        "git merge copy"
    );
    commit_tree_of_its_tree: route(
        "", "git update-ref refs/heads/main $(git commit-tree -p main -m Mine issue/81^{tree})"
    );
    commit_tree_under_another_parent: route(
        OWN_COMMIT,
        "git update-ref refs/heads/main $(git commit-tree -p main -p issue/81 -m Mine main^{tree})"
    );
    files_of_the_issue: route(
        "git checkout issue/81 -- src", "git commit -qm 'My own idea'"
    );
    restored_files_of_the_issue: route(
        "git restore -s issue/81 -SW src", "git commit -qm 'My own idea'"
    );
    one_file_of_the_issue: route(
        "git checkout issue/81 -- src/rebase_81.py", "git commit -qm 'My own idea'"
    );
    copied_by_hand: route(
        "cp \"$ISSUE/src/rebase_81.py\" src/ && git add src", "git commit -qm 'My own idea'"
    );
    moved_and_renamed_inside: route(
        "mkdir lib && sed 's/rebase_81/replay/' \"$ISSUE/src/rebase_81.py\" >lib/replay.py && \
         git add lib",
        "git commit -qm 'My own idea'"
    );
    edited_copy: route(
        "sed -e 's/upstream/target/' -e '2d' \"$ISSUE/src/rebase_81.py\" >src/rebase_81.py && \
         echo '# and something else that was not there' >>src/rebase_81.py && git add src",
        "git commit -qm 'My own idea'"
    );
    commit_all: route(
        "cp \"$ISSUE/src/app.py\" src/app.py", "git commit -qam 'My own idea'"
    );
    amend_with_the_work: route(
        "echo own >own.txt && git add own.txt && git commit -qm Own && \
         cp \"$ISSUE/src/rebase_81.py\" src/ && git add src",
        "git commit -q --amend --no-edit"
    );
    fast_import: route(
        "git checkout -q -b elsewhere && git fast-export issue/81 >\"$TOP/export\" && \
         sed -i 's|^commit refs/heads/issue/81|commit refs/heads/main|; \
         s|^reset refs/heads/issue/81|reset refs/heads/main|' \"$TOP/export\"",
        "git fast-import --quiet --force <\"$TOP/export\""
    );
    merge_under_another_action: route("", "GIT_REFLOG_ACTION=mine git merge issue/81");
    merge_no_ff_under_another_action: route(
        "", "GIT_REFLOG_ACTION=mine git merge --no-ff -m Land issue/81"
    );
    octopus_under_another_action: route(
        "git branch other && git checkout -q other && echo o >o.txt && git add o.txt && \
         git commit -qm O && git checkout -q main",
        "GIT_REFLOG_ACTION=mine git merge -m Land other issue/81"
    );
    squash_under_another_action_then_commit: halfway(
        "GIT_REFLOG_ACTION=mine git merge -q --squash issue/81", "git commit -m Land"
    );
    merge_with_conflicts_then_commit: clean(
        "sed -i 's/line 30 of/line 30, changed by hand, of/' src/app.py && git commit -qam Hand && \
         { GIT_REFLOG_ACTION=mine git merge -q issue/81 || :; } && \
         git checkout -q --theirs src/app.py && git merge --abort && \
         git -C \"$ISSUE\" log -1 >\"$TOP/nothing\"",
        "GIT_REFLOG_ACTION=mine git merge -q issue/81; git checkout -q --theirs src/app.py && \
         git add src && git commit -m Land"
    );
    merge_with_conflicts_then_continue: clean(
        "sed -i 's/line 30 of/line 30, changed by hand, of/' src/app.py && git commit -qam Hand",
        "GIT_REFLOG_ACTION=mine git merge -q issue/81; git checkout -q --theirs src/app.py && \
         git add src && git merge --continue"
    );
    cherry_pick_with_conflicts_then_continue: clean(
        "sed -i 's/line 30 of/line 30, changed by hand, of/' src/app.py && git commit -qam Hand",
        "git cherry-pick issue/81~1; git checkout -q --theirs src/app.py && git add src && \
         git cherry-pick --continue"
    );
    cherry_pick_signed_off: route("", "git cherry-pick -x -s issue/81~2");
    cherry_pick_of_a_merge: route(
        "echo own >own.txt && git add own.txt && git commit -qm Own && \
         git -C \"$ISSUE\" merge -q -m Up main",
        "git cherry-pick -m 2 issue/81"
    );
    rebase_of_another_branch_by_name: clean(
        "git checkout -q -b elsewhere", "git rebase issue/81 main"
    );
    rebase_onto: clean(OWN_COMMIT, "git rebase --onto issue/81 HEAD~1");
    rebase_interactive: clean(
        OWN_COMMIT, "git -c sequence.editor=true rebase --no-verify -i issue/81"
    );
    rebase_picking_more: clean(
        OWN_COMMIT,
        "git -c sequence.editor=\"echo pick $(git rev-parse issue/81~2) >>\" rebase -i HEAD~1"
    );
    rebase_with_exec: clean(
        OWN_COMMIT, "git rebase -q --exec 'git cherry-pick issue/81~2' HEAD~1"
    );
    am_three_way: route(
        "git format-patch -q -o \"$TOP/mail\" main..issue/81", "git am -q -3 \"$TOP\"/mail/*"
    );
    read_tree_then_commit: clean(
        "git read-tree -m -u main issue/81", "git commit -qm 'My own idea'"
    );
    merge_tree_by_hand: route(
        OWN_COMMIT,
        "git update-ref refs/heads/main $(git commit-tree -p main -m Mine \
         $(git merge-tree --write-tree main issue/81))"
    );
    deleted_and_made_again: route(
        "git checkout -q --detach && old=$(git rev-parse main) && git branch -qD main && \
         git branch main $old",
        "git branch -qD main && git branch main issue/81; e=$?; \
         git rev-parse -q --verify main || git branch main HEAD; exit $e"
    );
    deleted_and_made_again_by_batch: route(
        "git checkout -q --detach",
        "git update-ref -d refs/heads/main && \
         echo \"create refs/heads/main $(git rev-parse issue/81)\" | git update-ref --stdin; e=$?; \
         git rev-parse -q --verify main || git branch main HEAD; exit $e"
    );
    update_ref_by_batch_with_zeros: route(
        "", "printf 'update refs/heads/main\\0%s\\0\\0' $(git rev-parse issue/81) | \
             git update-ref -z --stdin"
    );
    update_ref_in_steps: route(
        "", "printf 'start\\nupdate refs/heads/main %s\\nprepare\\ncommit\\n' \
             $(git rev-parse issue/81) | git update-ref --stdin"
    );
    update_ref_without_deref: route("", "git update-ref --no-deref refs/heads/main issue/81");
    update_ref_among_many: route(
        "", "{ for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do \
             echo \"create refs/heads/a$n main\"; done; echo 'update refs/heads/main issue/81'; \
             for n in 1 2 3; do echo \"create refs/tags/t$n main\"; done; } | git update-ref --stdin"
    );
    fetch_forced_from_here: route(
        "git checkout -q -b elsewhere", "git fetch -q . +issue/81:main"
    );
    fetch_by_a_configured_refspec: route(
        "git checkout -q -b elsewhere && git config remote.self.url . && \
         git config remote.self.fetch +refs/heads/issue/81:refs/heads/main",
        "git fetch -q self"
    );
    fetch_from_a_clone: route(
        "git clone -q \"$(git rev-parse --git-common-dir)\" \"$TOP/clone\" && \
         git checkout -q -b elsewhere",
        "git fetch -q \"$TOP/clone\" refs/remotes/origin/issue/81:refs/heads/main"
    );
    pull_from_a_clone: route(
        "git clone -q -b issue/81 \"$(git rev-parse --git-common-dir)\" \"$TOP/clone\"",
        "git pull -q \"$TOP/clone\" issue/81"
    );
    push_from_a_clone: route(
        "git clone -q \"$(git rev-parse --git-common-dir)\" \"$TOP/clone\" && \
         git checkout -q -b elsewhere",
        "git -C \"$TOP/clone\" push -q origin origin/issue/81:main"
    );
    fetch_from_a_bundle: route(
        "git bundle create -q \"$TOP/issue.bundle\" issue/81 && git checkout -q -b elsewhere",
        "git fetch -q \"$TOP/issue.bundle\" issue/81:main"
    );
    pull_from_a_bundle: route(
        "git bundle create -q \"$TOP/issue.bundle\" issue/81",
        "git pull -q \"$TOP/issue.bundle\" issue/81"
    );
    a_copy_of_a_remote_by_hand: route(
        "git config remote.origin.url \"$TOP/nowhere\" && \
         git config remote.origin.fetch +refs/heads/*:refs/remotes/origin/* && \
         git update-ref refs/remotes/origin/main issue/81",
        "git merge origin/main"
    );
    switched_head_then_commit: clean(
        "git checkout -q --detach issue/81 && git symbolic-ref HEAD refs/heads/main && \
         git reset -q --soft main",
        "git commit -qm 'My own idea'"
    );
    stash_of_its_files: clean(
        "git checkout -q issue/81 -- src && git stash -q && git stash pop -q --index",
        "git commit -qm 'My own idea'"
    );
    another_case_of_the_prefix: files_only(
        "git checkout -q -b elsewhere", "git update-ref Refs/heads/main issue/81"
    );
    forged_flag: route("touch \"$ISSUE/.context/compaction-complete.flag\"", "git merge issue/81");
    forged_record: route(
        "printf '<session-log/>' >\"$ISSUE/.context/session-log.xml\"", "git merge issue/81"
    );
    committed_flag: route(
        "touch \"$ISSUE/.context/compaction-complete.flag\" && \
         git -C \"$ISSUE\" add -f .context && git -C \"$ISSUE\" commit -qm Flag",
        "git merge issue/81"
    );
    weakened_policy: route(
        "printf '[gate]\\nprotected = []\\n' >\"$ISSUE/.orchestration/config.toml\" && \
         git -C \"$ISSUE\" add -f .orchestration/config.toml && git -C \"$ISSUE\" commit -qm Weaken",
        "git merge issue/81"
    );
}
