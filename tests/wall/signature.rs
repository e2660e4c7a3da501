//! Receipts that are signed, by keys that ssh-keygen makes and with signatures that it checks.

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::harness::World;
use crate::harness::receipts::key;
use crate::scene::{configure, origin, push, refusal};

/// A team that signs its receipts, and its server.
fn signing(carrier: &str) -> (World, PathBuf) {
    let world = World::ready();
    let signer = key(&world, "id_ed25519");
    configure(
        &world,
        &format!("[receipt]\ncarrier = '{carrier}'\nsigned = true\nsigners = ['{signer}']\n"),
    );
    let bare = origin(&world);
    world.orch(&["init", "--server", bare.to_str().expect("text")]).ok();
    (world, bare)
}

fn learned(world: &World, id: &str) -> PathBuf {
    let worktree = world.validated(id);
    let reason = "the change was mechanical and met no surprise";
    world.orch(&["learn", "none", id, "--reason", reason]).ok();
    worktree
}

#[test]
fn without_a_key_nothing_is_sealed_and_the_remedy_works() {
    let (world, _) = signing("ref");
    learned(&world, "81");
    let ended = world.orch(&["compact", "81"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: compacting issue 81
        why: this team signs its receipts, and no key of yours is known
        fix: git config orch.signingKey ~/.ssh/id_ed25519
    ");
    world.sh(&world.repo, "git config orch.signingKey ~/.ssh/id_ed25519").ok();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["compact", "81", "--push"]).ok();
    push(&world, &world.repo, &["issue/81:main"]).ok();
}

#[test]
fn an_unsigned_receipt_does_not_land_here_either() {
    let world = World::ready();
    learned(&world, "81");
    world.orch(&["compact", "81"]).ok();
    // The team begins to sign after that.
    let signer = key(&world, "id_ed25519");
    configure(&world, &format!("[receipt]\nsigned = true\nsigners = ['{signer}']\n"));
    let before = world.git(&["rev-parse", "main"]).ok().line();
    let ended = world.git(&["merge", "-q", "--no-edit", "issue/81"]).code(128);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: bringing issue 81 onto main
        why: issue 81 is in COMPLETE, nobody whom the policy names has signed its receipt; commit [SHORT] is its work
        fix: git orch compact 81
    ");
    assert_eq!(world.git(&["rev-parse", "main"]).ok().line(), before);
    world.sh(&world.repo, "git config orch.signingKey ~/.ssh/id_ed25519").ok();
    world.orch(&["compact", "81"]).ok();
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
}

#[test]
fn a_signed_receipt_travels_in_the_tree() {
    let (world, bare) = signing("tree");
    world.git(&["config", "gpg.format", "ssh"]).ok();
    let own = world.root().join("home/.ssh/id_ed25519");
    world.git(&["config", "user.signingKey", own.to_str().unwrap()]).ok();
    let worktree = learned(&world, "81");
    world.orch(&["compact", "81"]).ok();
    let files = world.git_in(&worktree, &["ls-files", ".orchestration/receipts"]).ok().stdout;
    assert_eq!(files, ".orchestration/receipts/81.xml\n.orchestration/receipts/81.xml.sig\n");
    push(&world, &worktree, &["HEAD:main"]).ok();
    let tip = world.git_in(&worktree, &["rev-parse", "HEAD"]).ok().line();
    assert_eq!(world.git_in(&bare, &["rev-parse", "main"]).ok().line(), tip);
}

#[test]
fn a_strangers_signature_or_a_changed_receipt_opens_nothing() {
    let (world, _) = signing("tree");
    key(&world, "stranger");
    world.sh(&world.repo, "git config orch.signingKey ~/.ssh/stranger").ok();
    let worktree = learned(&world, "81");
    let ended = world.orch(&["compact", "81"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: compacting issue 81
        why: this team signs its receipts, and your key is none of its signers'
        fix: git config orch.signingKey ~/.ssh/id_ed25519
    ");
    world.sh(&world.repo, "git config orch.signingKey ~/.ssh/id_ed25519").ok();
    world.orch(&["compact", "81"]).ok();
    let said = |folder: &PathBuf| {
        let ended = push(&world, folder, &["+HEAD:main"]).code(1);
        refusal(&world, &ended)
    };
    let sign = "cd .orchestration/receipts && rm 81.xml.sig && ssh-keygen -q -Y sign \
        -f ~/.ssh/stranger -n git-orch-receipt 81.xml && git add . && git commit -qm Sign";
    world.sh(&worktree, sign).ok();
    assert_snapshot!(said(&worktree), @r"
    refused: bringing issue 81 onto main
        why: the receipt of issue 81 bears no signature of one of the team's signers
        fix: git orch compact 81
    ");
    // The remedy, as it is printed.
    world.orch(&["compact", "81"]).ok();
    push(&world, &worktree, &["HEAD:main"]).ok();
    // Signed by a signer, then changed: one commit more is covered than was.
    let worktree = learned(&world, "82");
    world.orch(&["compact", "82"]).ok();
    world.write_in(&worktree, "evil.txt", "what came after the receipt was sealed\n");
    let commit = world.commit(&worktree, "Evil");
    let name = ".orchestration/receipts/82.xml";
    let text = std::fs::read_to_string(worktree.join(name)).unwrap();
    let more =
        text.replace("  </covered>", &format!("    <birth commit=\"{commit}\"/>\n  </covered>"));
    world.write_in(&worktree, name, &more);
    world.commit(&worktree, "Carry the receipt of issue 82");
    assert!(said(&worktree).contains("bears no signature"), "{}", said(&worktree));
}
