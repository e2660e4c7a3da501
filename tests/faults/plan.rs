//! What a walk is to do: steps, where they are killed, and what is said in between.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::model::Step;

/// A step, where in its way it is killed (of 10,000), and what is said before it is said again.
pub type Planned = (Step, Option<u64>, Option<Step>);

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Open),
        2 => Just(Step::Freeze),
        4 => Just(Step::Next),
        4 => Just(Step::Add),
        4 => (0_usize..8).prop_map(Step::Done),
        2 => (0_usize..8).prop_map(Step::Drop),
        4 => (0_usize..3).prop_map(Step::Type),
        3 => Just(Step::Commit),
        3 => Just(Step::Validate),
        2 => Just(Step::Learn),
        2 => Just(Step::Compact),
        1 => Just(Step::Waive),
        2 => Just(Step::Land),
        2 => Just(Step::Archive),
        1 => Just(Step::Abandon),
        2 => Just(Step::Restore),
        2 => Just(Step::Salvage),
        2 => Just(Step::Undo),
        14 => Just(Step::Forward),
    ]
}

/// A walk.
pub fn steps() -> impl Strategy<Value = Vec<Planned>> {
    let kill = prop_oneof![36 => Just(None), 64 => (0_u64..10_000).prop_map(Some)];
    let other = prop_oneof![2 => Just(None), 1 => step().prop_map(Some)];
    proptest::collection::vec((step(), kill, other), 30..44)
}

/// The same walks in every run of the tests, or those of `GIT_ORCH_SEED`.
pub fn rng() -> TestRng {
    let Ok(seed) = std::env::var("GIT_ORCH_SEED") else {
        return TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.parse::<u64>().expect("a number").to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}
