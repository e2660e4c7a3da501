//! Receipts and flags that do not count: forged, copied, stale, taken back. Each landing with them
//! is refused; what is rebased or brought up to date counts on ([`crate::harmless`]).

use crate::scene::{Form, Place, Scene};

/// Runs the script, then tries to land issue 81 in three ways.
#[track_caller]
fn does_not_land(prepare: &str, seal: bool, why: &str) {
    for form in [Form::Files, Form::Reftable] {
        let Some(scene) = Scene::with(Place::Main, form) else { continue };
        scene.open_issue("82");
        scene.seal("82");
        if seal {
            scene.seal("81");
        }
        scene.sh(prepare).ok();
        let main = scene.main();
        for attempt in [
            "git merge --ff-only issue/81",
            "git reset -q --hard issue/81",
            "git merge -q --squash issue/81 && git commit -qm Land",
        ] {
            let ended = scene.sh(attempt);
            assert_ne!(ended.code, 0, "{attempt} passed:\n{}", ended.stderr);
            assert!(ended.stderr.contains(why), "{attempt}:\n{}", ended.stderr);
            assert_eq!(scene.main(), main, "{attempt}");
            scene.sh("git reset -q --hard && rm -f .git/SQUASH_MSG").ok();
        }
    }
}

const MORE: &str = "cd \"$ISSUE\" && echo 'def one_more_thing_that_came_later():' >more.py && \
                    git add more.py && git commit -qm More";

#[test]
fn an_empty_flag() {
    does_not_land(
        "touch \"$ISSUE/.context/compaction-complete.flag\"",
        false,
        "compaction is missing",
    );
}

#[test]
fn the_flag_and_receipt_of_another_issue() {
    does_not_land(
        "cp \"$ISSUE/../82/.context\"/* \"$ISSUE/.context/\" 2>/dev/null; :",
        false,
        "compaction is missing",
    );
}

#[test]
fn a_flag_that_is_committed_to_the_branch() {
    does_not_land(
        "touch \"$ISSUE/.context/compaction-complete.flag\" && cd \"$ISSUE\" && \
         git add -f .context && git commit -qm Flag",
        false,
        "compaction is missing",
    );
}

#[test]
fn a_receipt_in_the_tree_that_nobody_sealed() {
    does_not_land(
        "mkdir -p \"$ISSUE/.orchestration/receipts\" && cd \"$ISSUE\" && \
         git show refs/git-orch/issues/82:receipt.xml | sed 's/82/81/g' \
         >.orchestration/receipts/81.xml && git add -f .orchestration && git commit -qm Receipt",
        false,
        "compaction is missing",
    );
}

#[test]
fn a_receipt_with_a_commit_after_it() {
    does_not_land(MORE, true, "stale");
}

#[test]
fn a_receipt_with_an_amended_commit_after_it() {
    does_not_land(
        "cd \"$ISSUE\" && echo '# an afterthought that nobody checked' >>src/rebase_81.py && \
         git commit -qa --amend --no-edit",
        true,
        "stale",
    );
}

#[test]
fn a_receipt_with_a_merge_that_was_edited_after_it() {
    does_not_land(
        "echo own >own.txt && git add own.txt && git commit -qm Own && cd \"$ISSUE\" && \
         git merge -q --no-commit main && echo 'def slipped_in_by_a_merge(): pass' >>src/app.py && \
         git commit -qam Up",
        true,
        "stale",
    );
}

#[test]
fn the_record_of_a_sealed_issue_put_in_its_place_unseen() {
    does_not_land(
        "git -c \"$OFF\" update-ref refs/git-orch/issues/81 refs/git-orch/issues/82",
        false,
        "the record of issue 81 cannot be read",
    );
}

#[test]
fn a_message_that_names_a_sealed_issue() {
    does_not_land(
        "cd \"$ISSUE\" && git commit -q --amend -m \"$(printf 'Work\\n\\nOrch-Issue: 82\\n')\"",
        false,
        "issue 81 is in DISCUSSION",
    );
}
