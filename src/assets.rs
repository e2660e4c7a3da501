//! What is compiled in: templates, and how a team's own ones take their place.

use std::path::Path;

use minijinja::{Environment, context};

use crate::domain::session::Session;
use crate::error::Error;
use crate::store::atomic::Folder;
use crate::store::layout;

const SPEC: &str = include_str!("../templates/spec.md");

/// A draft specification for `session`, from the team's template or ours.
pub fn spec_template(
    main_worktree: Option<&Path>,
    session: &Session,
    body: &str,
) -> Result<String, Error> {
    let source = overridden(main_worktree, "spec.md")?.unwrap_or_else(|| SPEC.to_owned());
    let values = context! {
        issue => session.issue.as_str(),
        title => session.title,
        body => body.trim(),
        source => session.source,
        base => session.base,
    };
    render("spec.md", &source, values)
}

/// The team's own version of the template `name`.
fn overridden(main_worktree: Option<&Path>, name: &str) -> Result<Option<String>, Error> {
    let Some(root) = main_worktree else { return Ok(None) };
    let Some(folder) = Folder::open(root, layout::TEMPLATES)? else { return Ok(None) };
    Ok(folder.read(name)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn render(name: &str, source: &str, values: minijinja::Value) -> Result<String, Error> {
    let wrong = |e: &minijinja::Error| {
        Error::surroundings(
            format!("template {}/{name} cannot be used: {e:#}", layout::TEMPLATES),
            format!("mend {}/{name}", layout::TEMPLATES),
        )
    };
    let mut environment = Environment::new();
    environment.set_keep_trailing_newline(true);
    environment.add_template(name, source).map_err(|e| wrong(&e))?;
    let template = environment.get_template(name).map_err(|e| wrong(&e))?;
    template.render(values).map_err(|e| wrong(&e))
}
