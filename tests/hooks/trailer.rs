//! Whose name a commit's message gets, whatever the branch is called.

use crate::scene::{Form, Place, Scene};

#[test]
fn a_branch_whose_name_the_shims_do_not_know_is_an_issues_all_the_same() {
    for (place, form) in [(Place::Main, Form::Files), (Place::Main, Form::Reftable)] {
        let Some(scene) = Scene::with(place, form) else { continue };
        // The shims were filled in for issue/…; nobody ran init since.
        scene
            .sh("sed -i 's|^branch = .*|branch = \"work/{id}\"|' .orchestration/config.toml && \
                 git commit -qam 'Call branches otherwise' && git branch work/83")
            .ok();
        scene.world.orch(&["new-issue", "82", "--yes"]).ok();
        scene.world.orch(&["new-issue", "83", "--yes"]).ok();
        for id in ["82", "83"] {
            let worktree = scene.world.worktree(id);
            let line = scene
                .sh_in(&worktree, "git commit -q --allow-empty -m Work && git log -1 --format=%B")
                .ok()
                .stdout;
            assert!(line.contains(&format!("Orch-Issue: {id}")), "{line}");
        }
        let message = scene.sh("git commit -q --allow-empty -m Own && git log -1 --format=%B");
        assert_eq!(message.ok().line(), "Own");
    }
}
