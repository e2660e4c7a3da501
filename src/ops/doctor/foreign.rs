//! What stands in the folder of git-orch where something of ours belongs and is none of it.
//!
//! Whatever needs it fails, and the gate keeps protected branches where they are. It may be
//! somebody's, so it is set aside and not removed.

use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::error::Error;
use crate::store::atomic::Folder;
use crate::store::layout::own;

/// What is a folder whenever it is there.
const FOLDERS: [&str; 11] = [
    own::LOCKS,
    own::BIRTHS,
    own::PENDING,
    own::INTENTS,
    own::TRASH,
    own::RUNS,
    own::LANES,
    own::JUDGED,
    own::PRINTS,
    own::INDEX,
    own::SHOWN,
];

/// Everything that is no folder where ours would be.
pub fn examine(ctx: &Context) -> Vec<Finding> {
    let own = ctx.repo.own_folder();
    let foreign = |name: &&&str| {
        own.join(name).symlink_metadata().is_ok_and(|there| !there.file_type().is_dir())
    };
    let finding = |name: &str| Finding {
        code: "foreign",
        level: Level::Bad,
        what: format!("{} is no folder", own.join(name).display()),
        why: "what git-orch keeps there cannot be read, so nothing lands; --fix sets it aside"
            .to_owned(),
        step: "git orch doctor --fix".to_owned(),
        mend: Mend::Foreign(name.to_owned()),
    };
    FOLDERS.iter().filter(foreign).map(|name| finding(name)).collect()
}

/// Sets what is called `name` aside, under a name that says when.
pub fn set_aside(ctx: &Context, name: &str) -> Result<(), Error> {
    let Some(folder) = Folder::open(&ctx.repo.own_folder(), "")? else { return Ok(()) };
    folder.rename(name, &format!("{name}.set-aside-{}", ctx.now.compact()))?;
    Ok(folder.sync()?)
}
