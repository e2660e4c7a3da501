//! The dry run: what would be taken on, and nothing touched.

use insta::assert_snapshot;

use super::scene::{ready, run, script};

#[test]
fn a_dry_run_prints_orders_and_touches_nothing() {
    let world = ready();
    let script = script(&world, &[]);
    let before = world.sh(&world.repo, "git for-each-ref; find . -path ./.git -prune -o -print | sort; find .git/git-orch | sort").ok();
    let said = run(&world, &script, &["--dry-run", "--lanes", "M"]).ok();
    let shown: Vec<&str> = said.stdout.lines().take(8).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    lane M (2 issues)
      M-01 LOW (1 file)
        objective: Schema version field missing in config
        input: examples/minimal_demo/issues/M/M-01.md
        paths: examples/minimal_demo/config/schema.yaml
        expected: check 1: grep -q "schema_version:" examples/minimal_demo/config/schema.yaml && echo "PASS" || echo "FAIL"
        prohibited: committing on the base branch, or switching hooks off
        prohibited: placeholders in added lines: TODO, FIXME, XXX, unimplemented!, todo!, NotImplementedError, NotImplementedException, pass  # placeholder, pass # placeholder, // placeholder, # placeholder
    "#);
    let yaml = run(&world, &script, &["--dry-run", "--yaml"]).ok().stdout;
    assert!(yaml.contains("issue: E-01") && yaml.contains("expected_outputs:"), "{yaml}");
    let after = world.sh(&world.repo, "git for-each-ref; find . -path ./.git -prune -o -print | sort; find .git/git-orch | sort").ok();
    assert_eq!(before.stdout, after.stdout);
}

#[test]
fn what_waits_and_what_goes_in_circles() {
    let world = ready();
    let file = "examples/minimal_demo/issues/M/M-01.md";
    let text = std::fs::read_to_string(world.repo.join(file)).unwrap();
    world
        .write(file, &text.replace("status: \"OPEN\"", "status: \"OPEN\"\ndepends_on: [\"E-01\"]"));
    let file = "examples/minimal_demo/issues/E/E-03.md";
    let text = std::fs::read_to_string(world.repo.join(file)).unwrap();
    world
        .write(file, &text.replace("status: \"OPEN\"", "status: \"OPEN\"\ndepends_on: [\"M-02\"]"));
    let file = "examples/minimal_demo/issues/M/M-02.md";
    let text = std::fs::read_to_string(world.repo.join(file)).unwrap();
    world
        .write(file, &text.replace("status: \"OPEN\"", "status: \"OPEN\"\ndepends_on: [\"E-03\"]"));
    world.commit(&world.repo.clone(), "Order the work");
    let script = script(&world, &[]);
    let plan = run(&world, &script, &["--dry-run"]).ok().stdout;
    assert!(plan.contains("waits for: E-01"), "{plan}");
    assert!(
        plan.contains("left out: E-03: these issues wait for each other: E-03, M-02"),
        "{plan}"
    );
    let said = run(&world, &script, &["--jobs", "2"]).ok();
    assert!(said.stderr.contains("3 landed, 0 skipped, 2 left"), "{}", said.stderr);
    let order = world.git(&["log", "--reverse", "--merges", "--format=%s", "main"]).ok().stdout;
    let place = |id: &str| order.find(&format!("Merge issue {id} ")).expect(id);
    assert!(place("E-01") < place("M-01"), "{order}");
}

#[test]
fn commands_that_nobody_has_read_do_not_run() {
    let world = crate::harness::seed::seeded();
    let script = script(&world, &[]);
    let said = run(&world, &script, &[]).code(1);
    assert!(
        said.stderr.contains("nobody here has read the verification commands"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("git orch trust --catalog"), "{}", said.stderr);
}
