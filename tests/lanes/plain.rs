//! A run in which everything goes well, and the same run again.

use super::scene::{landings, ready, report, resolved, run, script, tidy};

const ALL: [&str; 5] = ["E-01", "E-02", "E-03", "M-01", "M-02"];

#[test]
fn two_lanes_fix_five_issues_and_a_second_run_has_nothing_to_do() {
    let world = ready();
    let script = script(&world, &[]);
    let said = run(&world, &script, &["--jobs", "2"]).ok();
    assert!(said.stderr.contains("5 landed, 0 skipped, 0 left"), "{}", said.stderr);
    assert_eq!(resolved(&world), ALL);
    for id in ALL {
        assert_eq!(landings(&world, id), 1, "{id}");
        world.orch(&["catalog", "--catalog", super::scene::page(), "verify", id]).ok();
    }
    tidy(&world);
    let report = report(&world);
    for words in [
        "2 lanes, 5 issues taken up, 5 landed, 0 skipped, 0 left",
        "**E-01** LOW",
        "APPROVED",
        "tokens are an estimate",
        "## What recurs",
        "Of 5 finished issues",
        "| execute | half took",
    ] {
        assert!(report.contains(words), "{words}\n{report}");
    }
    let file = world.git(&["show", "main:examples/minimal_demo/issues/E/E-01.md"]).ok().stdout;
    assert!(file.contains("status: \"RESOLVED\"") && file.contains("## Resolution"), "{file}");
    let subjects = world.git(&["log", "--format=%s", "main"]).ok().stdout;
    assert!(subjects.contains("Resolve E-01: "), "{subjects}");
    assert!(subjects.starts_with("Bring the catalog up to date"), "{subjects}");

    let before = world.git(&["for-each-ref"]).ok().stdout;
    let again = run(&world, &script, &[]).ok();
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(world.git(&["for-each-ref"]).ok().stdout, before);
    tidy(&world);
}

#[test]
fn one_lane_can_be_chosen_and_events_are_streamed() {
    let world = ready();
    let script = script(&world, &[]);
    let said = run(&world, &script, &["--lanes", "M", "--json"]).ok();
    assert_eq!(resolved(&world), ["M-01", "M-02"]);
    let lines: Vec<serde_json::Value> =
        said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|l| l["data"]["kind"].as_str()).collect();
    assert_eq!(kinds.first(), Some(&"run"));
    assert!(kinds.contains(&"started") && kinds.contains(&"status") && kinds.contains(&"complete"));
    let last = lines.last().unwrap();
    assert_eq!(last["kind"], "lanes");
    assert_eq!(last["data"]["landed"], serde_json::json!(["M-01", "M-02"]));
}

#[test]
fn how_a_run_stands_can_be_asked_from_where_one_was() {
    let world = ready();
    let script = script(&world, &[]);
    run(&world, &script, &["--lanes", "M"]).ok();
    let all = world.orch(&["lanes", "status", "--json"]).ok().stdout;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["data"]["counts"]["through"], 1);
    assert_eq!(all["data"]["finished"], true);
    let cursor = all["data"]["cursor"].to_string();
    let since = world.orch(&["lanes", "status", "--since", &cursor, "--json"]).ok().stdout;
    let since: serde_json::Value = serde_json::from_str(&since).unwrap();
    assert_eq!(since["data"]["counts"], serde_json::json!({}));
    let logs = world.orch(&["lanes", "logs", "M"]).ok();
    assert!(logs.stdout.contains("COMPACT → COMPLETE"), "{}", logs.stdout);
    world.orch(&["lanes", "doctor"]).ok();
}

#[test]
fn a_look_stays_small_however_many_lanes_there_are() {
    let world = ready();
    let script = script(&world, &[]);
    run(&world, &script, &["--lanes", "M"]).ok();
    let name = super::scene::signals(&world).file_name().unwrap().to_owned();
    let file = world.repo.join(".git/git-orch/lanes").join(name).join("events.jsonl");
    let mut text = std::fs::read_to_string(&file).unwrap();
    let before = text.len();
    for lane in 0..1000 {
        let kind = if lane % 4 == 0 { "died" } else { "started" };
        let words = "its worker was ended by signal 9";
        text.push_str(&format!(
            "{{\"at\":1,\"lane\":\"L{lane:04}\",\"kind\":\"{kind}\",\"text\":\"{words}\"}}\n"
        ));
    }
    std::fs::write(&file, &text).unwrap();
    let look = world.orch(&["lanes", "status"]).ok().stdout;
    let lines: Vec<&str> = look.lines().collect();
    assert!(lines[0].contains("250 died") && lines[0].contains("750 working"), "{look}");
    assert_eq!(lines.len(), 22, "{look}");
    assert_eq!(lines[21].trim(), "+230 more");
    assert!(look.len() < 2_048, "{} bytes", look.len());
    let since = world.orch(&["lanes", "status", "--since", &before.to_string()]).ok().stdout;
    assert!(since.contains("1000 lanes: 250 died"), "{since}");
    let none = world.orch(&["lanes", "status", "--since", &text.len().to_string()]).ok().stdout;
    assert_eq!(none.lines().count(), 1, "{none}");
}
