//! The phases as a diagram, drawn by asking the rules themselves.
//!
//! `docs/phases.md` holds what [`mermaid`] returns; a test compares the two, so the picture
//! cannot say anything that the program does not do.

use super::phase::Phase;
use super::session::Session;
use super::task::Task;
use super::transition::{Facts, standing};

/// A Mermaid state diagram. `session` and `facts` are an issue for which everything is in order;
/// each way back is found by spoiling one thing and asking where the issue then stands.
pub fn mermaid(session: &Session, facts: &Facts) -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> DISCUSSION: new-issue\n");
    for phase in Phase::ALL {
        match phase.next() {
            Some(next) => {
                text.push_str(&format!("    {phase} --> {next}: {}\n", phase.exit_condition()));
            }
            None => text.push_str(&format!("    {phase} --> [*]: {}\n", phase.exit_condition())),
        }
    }
    for phase in Phase::ALL {
        for (cause, spoiled, facts) in spoilings(session, facts) {
            let there = Session { phase, ..spoiled };
            let stands = standing(&there, &facts);
            if stands.phase < phase {
                text.push_str(&format!("    {phase} --> {}: {cause}\n", stands.phase));
            }
        }
    }
    text
}

fn spoilings(session: &Session, facts: &Facts) -> [(&'static str, Session, Facts); 3] {
    let mut with_task = session.clone();
    with_task.tasks.push(Task::new(session.next_task(), "another".to_owned(), None));
    let unproven = Session { evidence: Vec::new(), ..session.clone() };
    let unsealed = Facts { sealed: false, ..facts.clone() };
    [
        ("a task was added or reopened", with_task, facts.clone()),
        ("a commit changed the files", unproven, facts.clone()),
        ("a commit came after the receipt", session.clone(), unsealed),
    ]
}
