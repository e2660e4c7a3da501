//! The gate through real git and the real shims: every way onto a protected branch, and everything
//! that must go on beside it. `ORCH_TEST_GIT` names another `git` to use.

mod harness;

#[path = "hooks/births.rs"]
mod births;
#[path = "hooks/guard.rs"]
mod guard;
#[path = "hooks/harmless.rs"]
mod harmless;
#[path = "hooks/hostile.rs"]
mod hostile;
#[path = "hooks/levels.rs"]
mod levels;
#[path = "hooks/pushes.rs"]
mod pushes;
#[path = "hooks/receipts.rs"]
mod receipts;
#[path = "hooks/route.rs"]
mod route;
#[path = "hooks/routes.rs"]
mod routes;
#[path = "hooks/scene.rs"]
mod scene;
#[path = "hooks/selftest.rs"]
mod selftest;
#[path = "hooks/trailer.rs"]
mod trailer;
#[path = "hooks/unseen.rs"]
mod unseen;
