//! `spec`: the specification of an issue, a draft in `.context/` until it is frozen in the chain.

use std::path::{Path, PathBuf};

use super::{Narrator, record, templates};
use crate::context::Context;
use crate::domain::ids::{Digest, IssueId};
use crate::domain::phase::Phase;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::spec::{self, Check, Criterion, FrozenSpec, Problem, Spec};
use crate::error::Error;
use crate::store::{atomic::Folder, layout, redact};

/// Most bytes of a specification: an eighth of what the reader of the record takes as one text.
const LARGEST: usize = 1 << 20;

/// A specification as it stands.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Where the file is.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says.
    pub spec: Spec,
    /// What keeps it from being final.
    pub problems: Vec<Problem>,
    /// Whether it is frozen.
    pub frozen: bool,
}

/// The specification as it stands; `None` when there is no file.
pub fn read(ctx: &Context, id: &IssueId) -> Result<Option<Draft>, Error> {
    let chain = record::require(ctx, id)?;
    let session = &chain.session;
    let path = file(session);
    let bytes = match &session.spec {
        Some(_) => ctx.repo.objects.file(&chain.tip, layout::SPEC)?,
        None => match Folder::open(Path::new(&session.worktree), layout::CONTEXT)? {
            Some(folder) => folder.read(layout::SPEC)?,
            None => None,
        },
    };
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (spec, problems) = spec::parse::parse(&text);
    Ok(Some(Draft { path, text, spec, problems, frozen: session.spec.is_some() }))
}

fn file(session: &Session) -> PathBuf {
    Path::new(&session.worktree).join(layout::CONTEXT).join(layout::SPEC)
}

/// Writes the draft anew: `text`, or the template. A frozen one is refused, an existing one too
/// unless a text is given.
pub fn write(
    ctx: &Context,
    id: &IssueId,
    text: Option<&[u8]>,
    narrator: &mut dyn Narrator,
) -> Result<PathBuf, Error> {
    let held = record::hold(ctx, id, narrator)?;
    let session = held.session();
    refuse_frozen(session, "writing")?;
    let folder = require_worktree(session)?;
    refuse_large(id, text.unwrap_or_default())?;
    match text {
        Some(bytes) => drop(folder.write(layout::SPEC, bytes)?),
        None if folder.has(layout::SPEC) => {}
        None => {
            let text = templates::spec(ctx.repo.main_worktree.as_deref(), session, "")?;
            folder.write(layout::SPEC, text.as_bytes())?;
        }
    }
    Ok(file(session))
}

/// The draft's file, for an editor.
pub fn editable(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<PathBuf, Error> {
    write(ctx, id, None, narrator)
}

/// A text that the record could not be read back with is refused at the door.
pub fn refuse_large(id: &IssueId, text: &[u8]) -> Result<(), Error> {
    if text.len() <= LARGEST {
        return Ok(());
    }
    Err(Refusal::one(
        "spec-large",
        format!("taking the specification of issue {id}"),
        format!("it has {} bytes; more than {LARGEST} nobody reads", text.len()),
        format!("git orch spec edit {id}"),
    )
    .into())
}

fn require_worktree(session: &Session) -> Result<Folder, Error> {
    let worktree = Path::new(&session.worktree);
    if !worktree.is_dir() {
        return Err(Error::surroundings(
            format!("the worktree {} is gone", session.worktree),
            format!("git orch new-issue {}", session.issue),
        ));
    }
    Ok(Folder::create(worktree, layout::CONTEXT)?)
}

fn refuse_frozen(session: &Session, doing: &str) -> Result<(), Error> {
    let Some(frozen) = &session.spec else { return Ok(()) };
    Err(Refusal::one(
        "spec-frozen",
        format!("{doing} the specification of issue {}", session.issue),
        format!("it was made final on {} and cannot change on the way", frozen.at),
        format!("git orch task add 'what is to be done besides' --issue {}", session.issue),
    )
    .into())
}

/// Freezes the draft. Freezing it again is no error.
pub fn finalise(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Spec, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(frozen) = &held.session().spec {
        return Ok(frozen.spec.clone());
    }
    let what = format!("making the specification of issue {id} final");
    let folder = require_worktree(held.session())?;
    let Some(bytes) = folder.read(layout::SPEC)? else {
        return Err(Refusal::one(
            "spec-missing",
            what,
            "there is no .context/spec.md",
            format!("git orch spec new {id}"),
        )
        .into());
    };
    refuse_large(id, &bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::usage("the specification is not UTF-8 text", format!("git orch spec edit {id}"))
    })?;
    let (given, problems) = spec::parse::parse(&text);
    if !problems.is_empty() {
        return Err(Refusal::many("spec-problem", what, unmet(id, &problems)).into());
    }
    let secrets = secret_commands(id, &given);
    if !secrets.is_empty() {
        return Err(Refusal::many("command-secret", what, secrets).into());
    }
    let clean = redact::text(&text);
    if clean != text {
        narrator
            .say("a secret in the specification is not put on record; it is in .context/ alone");
    }
    let (spec, bytes) = (spec::parse::parse(&clean).0, clean.into_bytes());
    let frozen = FrozenSpec { digest: Digest::of(&bytes), at: ctx.now, spec: spec.clone() };
    let session = Session { spec: Some(frozen), ..held.session().clone() };
    debug_assert_eq!(session.phase, Phase::Discussion);
    let subject = format!("Freeze the specification: {}", count(spec.criteria.len()));
    held.record(ctx, session, vec![(layout::SPEC.to_owned(), bytes)], &subject)?;
    Ok(spec)
}

fn count(criteria: usize) -> String {
    if criteria == 1 { "1 criterion".to_owned() } else { format!("{criteria} criteria") }
}

/// Commands with a secret in them: they are recorded as they are run, so it can neither be kept nor
/// taken out.
fn secret_commands(id: &IssueId, spec: &Spec) -> Vec<Unmet> {
    let secret = |criterion: &Criterion| {
        let Check::Command(command) = &criterion.check else { return None };
        let what = *redact::found(command).first()?;
        let number = criterion.number;
        Some(Unmet::new(
            "command-secret",
            format!(
                "the command of criterion {number} holds a secret ({what}), and is kept on record"
            ),
            format!("git orch spec edit {id}   # read it from a variable or a file"),
        ))
    };
    spec.criteria.iter().filter_map(secret).collect()
}

/// Each problem with what to write instead.
pub fn unmet(id: &IssueId, problems: &[Problem]) -> Vec<Unmet> {
    problems.iter().map(|p| spec::unmet(id, p)).collect()
}
