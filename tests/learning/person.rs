//! A person at a terminal looks at what was proposed.

use crate::harness::World;
use crate::harness::person::Person;
use crate::scene::data;

#[test]
fn a_person_looks_at_each_in_turn_and_may_stop() {
    let world = World::ready();
    world.validated("81");
    for (when, lesson) in [
        (
            "names in mixed case",
            "The parser keeps the case of names, so compare them in lower case.",
        ),
        ("the cache", "Entries are dropped by generation and not by time; clocks of hosts differ."),
        (
            "start of the server",
            "It answers only after the second health check; wait for that one.",
        ),
    ] {
        let add =
            ["learn", "add", "81", "--when", when, "--lesson", lesson, "--evidence", "work-81.txt"];
        world.orch(&add).ok();
    }
    world.orch(&["compact", "81"]).ok();
    let mut person = Person::at(&world, &world.repo, &["learn", "review"]);
    // The list stands on "later": up twice is "accept", up once "reject", down once "stop".
    person.press("[1 of 3]", "\u{1b}[A\u{1b}[A\r");
    person.press("[2 of 3]", "\u{1b}[A\r");
    person.press("[3 of 3]", "\u{1b}[B\r");
    let (rest, code) = person.end();
    assert_eq!(code, 0, "{rest}");
    let found = data(&world.orch(&["recall", "names", "cache", "server", "--all", "--json"]).ok());
    let mut standing: Vec<(&str, &str)> = found["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .map(|hit| (hit["id"].as_str().expect("id"), hit["standing"].as_str().expect("standing")))
        .collect();
    standing.sort_unstable();
    assert_eq!(standing, [("81.1", "reviewed"), ("81.2", "rejected"), ("81.3", "proposed")]);
}
