//! SSH signatures of receipts, made and checked by `ssh-keygen -Y`.
//!
//! A receipt that anybody can write proves what its writer says; a signed one proves who said it.
//! Who may sign stands in the policy, so a branch cannot name its own signers.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::agent::tool;
use crate::context::Context;
use crate::domain::policy::Policy;
use crate::error::Error;
use crate::git::{Repo, config};
use crate::store::StoreError;
use crate::store::atomic::Folder;
use crate::store::chain::{self, Chain};
use crate::store::layout;

/// What the signature is for: one made for something else does not fit.
const NAMESPACE: &str = "git-orch-receipt";

/// Signs `bytes` with the user's key: `orch.signingKey`, else `user.signingKey` where git itself
/// signs with SSH. `None` when there is no such key.
pub fn sign(ctx: &Context, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let Some(key) = key(ctx)? else { return Ok(None) };
    let args = ["-Y", "sign", "-q", "-n", NAMESPACE, "-f"].map(OsStr::new);
    let made = run(&[&args[..], &[key.as_os_str()]].concat(), bytes)?;
    if made.code == 0 {
        return Ok(Some(made.stdout.into_bytes()));
    }
    Err(Error::surroundings(
        format!("ssh-keygen could not sign with {}: {}", key.display(), made.stderr),
        "git config orch.signingKey ~/.ssh/id_ed25519",
    ))
}

fn key(ctx: &Context) -> Result<Option<PathBuf>, Error> {
    let mut key = config::value(&ctx.repo, "orch.signingKey")?;
    if key.is_none() && config::value(&ctx.repo, "gpg.format")?.as_deref() == Some("ssh") {
        key = config::value(&ctx.repo, "user.signingKey")?;
    }
    let home = ctx.around.home.as_deref().unwrap_or(Path::new("/"));
    Ok(key.map(|key| match key.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => PathBuf::from(key),
    }))
}

/// Whether `proof` is a signature of `bytes` by one of the policy's signers.
pub fn holds(policy: &Policy, bytes: &[u8], proof: Option<&[u8]>) -> Result<bool, Error> {
    let Some(proof) = proof else { return Ok(false) };
    let top =
        tempfile::tempdir().map_err(|e| StoreError::file(Path::new("a temporary folder"), e))?;
    let folder = Folder::create(top.path(), "")?;
    folder.write("signers", (policy.signers.join("\n") + "\n").as_bytes())?;
    folder.write("proof", proof)?;
    let (signers, proof) = (top.path().join("signers"), top.path().join("proof"));
    let files = [OsStr::new("-s"), proof.as_os_str(), OsStr::new("-f"), signers.as_os_str()];
    let find = ["-Y", "find-principals"].map(OsStr::new);
    let found = run(&[&find[..], &files].concat(), b"")?;
    for name in found.stdout.lines().filter(|_| found.code == 0) {
        let verify = ["-Y", "verify", "-n", NAMESPACE, "-I", name].map(OsStr::new);
        if run(&[&verify[..], &files].concat(), bytes)?.code == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the receipt in the record of `chain` bears the signature that the policy asks for.
pub fn on_record(repo: &Repo, policy: &Policy, chain: &Chain) -> Result<bool, Error> {
    if !policy.signed {
        return Ok(true);
    }
    let bytes = chain::companion(repo, &chain.tip, layout::RECEIPT)?.unwrap_or_default();
    let proof = chain::companion(repo, &chain.tip, &layout::signature_of(layout::RECEIPT))?;
    holds(policy, &bytes, proof.as_deref())
}

fn run(args: &[&OsStr], input: &[u8]) -> Result<tool::ToolOutput, Error> {
    let missing =
        || Error::surroundings("ssh-keygen is not installed, or not on PATH", "which ssh-keygen");
    let program = tool::find("ssh-keygen").ok_or_else(missing)?;
    tool::feed(&program, args, input).map_err(|e: io::Error| {
        Error::surroundings(format!("ssh-keygen could not be started: {e}"), "which ssh-keygen")
    })
}
