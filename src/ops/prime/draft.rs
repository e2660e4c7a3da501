//! The specification of an issue before it is final.

use std::path::Path;

use crate::domain::session::Session;
use crate::domain::spec::{self, Spec};
use crate::error::Error;
use crate::store::{layout, working_copy};

/// What the draft says, as far as there is one.
pub fn read(session: &Session) -> Result<Spec, Error> {
    let Some(folder) = working_copy::folder(Path::new(&session.worktree))? else {
        return Ok(Spec::default());
    };
    let bytes = folder.read(layout::SPEC)?.unwrap_or_default();
    Ok(spec::parse::parse(&String::from_utf8_lossy(&bytes)).0)
}
