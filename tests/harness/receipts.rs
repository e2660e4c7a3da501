//! Receipts as time and keys make them.

use git_orch::domain::ids::Digest;

use super::World;

/// A new key in the home of this world; returns the line that names it as a signer.
pub fn key(world: &World, name: &str) -> String {
    let folder = world.root().join("home/.ssh");
    world.write_in(&folder, ".keep", "");
    let file = folder.join(name);
    let args = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file.to_str().expect("text")];
    world.run(&folder, "ssh-keygen", args).ok();
    let public = std::fs::read_to_string(file.with_extension("pub")).expect("key");
    format!("ada@example.org {}", public.trim_end())
}

/// Puts the record of issue 81 as it would be had its waiver been made long ago.
pub fn expire(world: &World) {
    let receipt = world.git(&["show", "refs/git-orch/issues/81:receipt.xml"]).ok().stdout;
    let now = regex::Regex::new("expires=\"[^\"]*\"").expect("a pattern");
    let over = now.replace(&receipt, "expires=\"2020-01-01T00:00:00Z\"").into_owned();
    reseal(world, &receipt, &over);
}

/// Puts another receipt into the record of issue 81, with the digest that it has.
fn reseal(world: &World, before: &str, after: &str) {
    let name = "refs/git-orch/issues/81";
    let log = world.git(&["show", &format!("{name}:session-log.xml")]).ok().stdout;
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    world.write_in(&world.root(), "log", &log.replace(&digest(before), &digest(after)));
    world.write_in(&world.root(), "receipt", after);
    let script = format!(
        "set -e; export GIT_INDEX_FILE=\"$PWD/../index\"; git read-tree {name}; \
         for f in session-log.xml:log receipt.xml:receipt; do \
         git update-index --add --cacheinfo 100644,$(git hash-object -w ../${{f#*:}}),${{f%:*}}; done; \
         git -c core.hooksPath=/dev/null update-ref {name} $(git log -1 --format=%B {name} | \
         git commit-tree -p {name} $(git write-tree))"
    );
    world.sh(&world.repo, &script).ok();
}
