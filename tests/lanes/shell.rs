//! Agents that are nothing but a shell: one that speaks only echo, touch and git, and one that
//! speaks `git orch`.

use std::os::unix::fs::PermissionsExt;

use super::scene::{page, ready, resolved, signals, tidy};
use crate::harness::World;

/// What both do to the files.
const FIX: &str = r"
case $ORCH_ISSUE in
E-01) echo 'data_retention: { days: 365 }' >>examples/minimal_demo/config/guidelines.yaml ;;
E-02) echo 'third_party_sharing: documented' >>examples/minimal_demo/config/guidelines.yaml ;;
E-03) echo 'response_time_hours: 24' >>examples/minimal_demo/config/guidelines.yaml ;;
M-01) echo 'schema_version: 1.0.0' >>examples/minimal_demo/config/schema.yaml ;;
M-02) echo 'strict_mode: true' >>examples/minimal_demo/config/schema.yaml ;;
esac
";

fn agent(world: &World, text: &str) -> String {
    let path = world.root().join("agent.sh");
    std::fs::write(&path, text).expect("agent");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    path.to_str().expect("text").to_owned()
}

fn run(world: &World, agent: &str) -> crate::harness::Ended {
    world.orch(&["lanes", "run", "--catalog", page(), "--jobs", "2", "--", agent])
}

#[test]
fn an_agent_that_speaks_only_echo_touch_and_git() {
    let world = ready();
    let text = format!(
        "#!/bin/sh\n[ \"$ORCH_PHASE\" != compact ] || \
         echo 'one line of configuration, as its file asked' >\"$ORCH_CONTEXT/none-learned.txt\"\n\
         [ \"$ORCH_PHASE\" = execute ] || exit 0\n\
         echo \"COMPLEX: $ORCH_ISSUE (HIGH - by hand)\" >\"$ORCH_SIGNALS/$ORCH_LANE.status\"\n{FIX}\
         git commit -qam \"Fix $ORCH_ISSUE\"\n\
         [ \"$ORCH_ISSUE\" != E-03 ] || {{ touch \"$ORCH_SIGNALS/$ORCH_LANE.done\"; sleep 1; }}\n"
    );
    let said = run(&world, &agent(&world, &text)).ok();
    assert!(said.stderr.contains("COMPLEX: E-01 (HIGH - by hand)"), "{}", said.stderr);
    assert!(
        said.stderr
            .contains("unverified it says it is through; of 3 issues 2 landed, 0 were skipped"),
        "{}",
        said.stderr
    );
    assert_eq!(resolved(&world).len(), 5);
    tidy(&world);
}

#[test]
fn an_agent_that_speaks_git_orch() {
    let world = ready();
    let text = format!(
        "#!/bin/sh\nset -e\ncase $ORCH_PHASE in\nexecute)\n\
         git orch prime | grep -q 'Criteria, frozen'\n\
         git orch signal NORMAL \"$ORCH_ISSUE, as git orch says it\"\n{FIX}\
         git commit -qam \"Fix $ORCH_ISSUE\"\ngit orch task done \"$ORCH_TASK\" ;;\n\
         compact) git orch learn none --reason 'one line of configuration, nothing to learn from' ;;\n\
         esac\n"
    );
    let said = run(&world, &agent(&world, &text)).ok();
    assert!(said.stderr.contains("NORMAL: M-02, as git orch says it"), "{}", said.stderr);
    assert_eq!(resolved(&world).len(), 5);
    tidy(&world);
    let done = std::fs::read_to_string(signals(&world).join("E.done")).unwrap();
    assert!(
        done.starts_with("result: complete\nlanded: 3\nskipped: 0\nleft: 0\nattempt: 1\n"),
        "{done}"
    );
}
