//! What a lane has of its own, and who gives an opinion: agents, templates, the critic.

use super::scene::{fix, landings, ready, report, resolved, script, tidy};
use crate::harness::World;
use crate::harness::person::Person;

/// The configuration on main, with its commands approved by a person.
fn configure(world: &World, more: &str, approve: &[&str]) {
    let config = format!("[agent]\nattempts = 2\n[agent.retry]\ncrash_wait = 0.05\n{more}");
    world.write(".orchestration/config.toml", &config);
    world.commit(&world.repo.clone(), "Configure");
    let mut person = Person::at(world, &world.repo, &["trust"]);
    for question in approve {
        person.answer(question, "y");
    }
    assert_eq!(person.code(), 0);
}

fn lane_m(world: &World, script: &str) -> crate::harness::Ended {
    super::scene::run(world, script, &["--lanes", "M"])
}

/// A critic that meddles, and says this.
fn critic(words: &str, more: &str) -> String {
    let line = format!(
        "grep -q 'the critic of issue M' && git diff --stat main...HEAD | grep -q schema.yaml && \
         echo meddled >examples/minimal_demo/config/schema.yaml && git commit -qam Meddle; {words}"
    );
    format!("[lanes.critic]\ncommand = ['sh', '-c', '''{line}''']\n{more}")
}

#[test]
fn a_critic_adds_a_dimension_and_changes_nothing_else() {
    let world = ready();
    let config = critic("echo 'CRITIC: 70 it reads well'", "");
    let script = script(&world, &[]);
    world.write(".orchestration/config.toml", &config);
    world.commit(&world.repo.clone(), "Configure");
    let unread = lane_m(&world, &script).code(1);
    assert!(unread.stderr.contains("nobody here has read it"), "{}", unread.stderr);
    configure(&world, &config, &["agent critic"]);
    let said = lane_m(&world, &script).ok();
    assert!(said.stderr.contains("2 landed, 0 skipped"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["M-01", "M-02"]);
    let report = report(&world);
    assert!(report.contains("- Critic 70: it reads well"), "{report}");
    assert!(report.contains("APPROVED 95"), "{report}");
    assert_eq!(world.git(&["log", "--format=%s", "--grep", "Meddle", "main"]).ok().stdout, "");
    tidy(&world);
}

#[test]
fn a_low_score_rejects_where_the_team_asks_for_more_and_so_does_none() {
    let world = ready();
    let word =
        "case $ORCH_ISSUE in M-01) echo 'CRITIC: 30 the check is pleased, nobody else' ;; esac";
    configure(&world, &critic(word, "least = 50\n"), &["agent critic"]);
    let said = lane_m(&world, &script(&world, &[])).ok();
    for words in [
        "skipped M-01: rejected: Critic: the check is pleased, nobody else",
        "skipped M-02: the critic gave no opinion: no line of what it printed begins with CRITIC:",
    ] {
        assert!(said.stderr.contains(words), "{words}\n{}", said.stderr);
    }
    assert_eq!(landings(&world, "M-01"), 0);
    tidy(&world);
}

#[test]
fn a_lane_has_templates_and_an_agent_of_its_own() {
    let world = ready();
    let own = ".orchestration/templates/agents/M/implement.md";
    world.write(
        own,
        "{{ lane.name }}: {{ lane.title }} ({{ lane.paths | join(' ') }}) {{ task.verify }}\n",
    );
    let everybody = ".orchestration/templates/agents/compact-agent.md";
    world.write(everybody, "for everybody, {{ lane.name if lane else 'in no lane' }}\n");
    world.commit(&world.repo.clone(), "Templates");
    let told = world.root().join("told");
    let agent = world.root().join("agent.sh");
    let (id, other) = (fix("M-01"), fix("M-02"));
    let line = |step: &str| {
        let (_, line) = step.split_once("run = \"").expect("a step");
        line.trim_end().trim_end_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
    };
    let text = format!(
        "cat >>{}\ncase $ORCH_ISSUE-$ORCH_PHASE in\nM-01-execute) {} ;;\nM-02-execute) {} ;;\n\
         *-compact) git orch learn none --reason 'as its file asked, one line' ;;\nesac\n",
        told.display(),
        line(&id),
        line(&other)
    );
    std::fs::write(&agent, text).unwrap();
    let config = format!(
        "[lanes.lane.M]\ntitle = 'Models'\npaths = ['examples/**', '.orchestration/**']\n\
         command = ['sh', '{}']\n",
        agent.display()
    );
    configure(&world, &config, &["agent lane M"]);
    let page = super::scene::page();
    world.orch(&["lanes", "run", "--catalog", page, "--lanes", "M"]).ok();
    assert_eq!(resolved(&world), ["M-01", "M-02"]);
    let told = std::fs::read_to_string(told).unwrap();
    assert!(told.contains("M: Models (examples/** .orchestration/**) "), "{told}");
    assert!(told.contains("for everybody, M"), "{told}");
    assert!(!told.contains("implement worker"), "{told}");
    // Outside of lanes the lane's template is nobody's.
    world.orch(&["new-issue", "9", "--title", "Else"]).ok();
    let brief = world.orch(&["prime", "9", "--role", "compact-agent"]).ok().stdout;
    assert_eq!(brief.trim(), "for everybody, in no lane");
    let brief = world.orch(&["prime", "9", "--role", "implement"]).ok().stdout;
    assert!(brief.contains("implement worker of issue 9"), "{brief}");
}

#[test]
fn a_run_without_an_agent_does_not_begin() {
    let world = ready();
    let page = super::scene::page();
    let said = world.orch(&["lanes", "run", "--catalog", page]).code(3);
    assert!(
        said.stderr.contains("no agent is configured for the implement of an issue"),
        "{}",
        said.stderr
    );
    let none = std::fs::read_dir(world.repo.join(".orchestration/signals"));
    assert!(none.is_err(), "nothing was begun");
}
