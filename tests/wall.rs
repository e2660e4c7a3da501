//! What holds beyond one person's hooks: the policy of the protected branch, servers and CI,
//! waivers, pull requests, the audit of what came.

mod harness;

#[path = "wall/audit.rs"]
mod audit;
#[path = "wall/formats.rs"]
mod formats;
#[path = "wall/landings.rs"]
mod landings;
#[path = "wall/policy.rs"]
mod policy;
#[path = "wall/pr.rs"]
mod pr;
#[path = "wall/routes.rs"]
mod routes;
#[path = "wall/scene.rs"]
mod scene;
#[path = "wall/server.rs"]
mod server;
#[path = "wall/signature.rs"]
mod signature;
#[path = "wall/ssh.rs"]
mod ssh;
#[path = "wall/waive.rs"]
mod waive;
