//! What is written is read back before anything leads to it.

use git_orch::domain::ids::IssueId;
use git_orch::domain::time::Moment;
use git_orch::git::{Git, Repo};
use git_orch::store::chain::{self, Change};

use crate::harness::World;

#[test]
fn a_state_that_does_not_read_back_is_not_recorded() {
    let world = World::ready();
    world.in_execute("81");
    let before = world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
    let repo = Repo::open(Git::find().expect("git"), &world.repo, None).expect("a repository");
    let id: IssueId = "81".parse().expect("an id");
    let open = chain::open(&repo, &id).expect("a record").expect("an issue");
    // As a bad disk may leave it: an object is there, so nobody writes it again, and holds another
    // text.
    let loose = |text: &str, write: &[&str]| {
        world.write("kept", text);
        let id = world.git(&[&["hash-object"], write, &["kept"]].concat()).ok().line();
        world.repo.join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    let (other, object) = (loose("another\n", &["-w"]), loose("what is kept\n", &[]));
    std::fs::create_dir_all(object.parent().expect("folder")).expect("folder");
    std::fs::copy(other, object).expect("an object");
    let files = vec![("kept".to_owned(), b"what is kept\n".to_vec())];
    let change = Change {
        session: &open.session,
        files,
        subject: "Forget",
        author: "Ada <ada@example.org>",
        at: Moment::from_seconds(1_700_000_000),
    };
    let refused = chain::append(&repo, Some(&open.tip), change).expect_err("it does not read back");
    assert!(refused.to_string().contains("does not read back"), "{refused}");
    assert_eq!(world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line(), before);
}
