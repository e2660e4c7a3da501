//! Texts made from templates: ours, or the team's own that stand in `.orchestration/templates/`.

use std::path::Path;

use minijinja::{Environment, UndefinedBehavior, context};

use crate::assets;
use crate::domain::session::Session;
use crate::error::Error;
use crate::store::atomic::Folder;
use crate::store::layout;

/// A draft specification for `session`, from the team's template or ours.
pub fn spec(main_worktree: Option<&Path>, session: &Session, body: &str) -> Result<String, Error> {
    let own = overridden(main_worktree, "spec.md")?;
    let values = context! {
        issue => session.issue.as_str(),
        title => session.title,
        body => body.trim(),
        source => session.source,
        base => session.base,
    };
    render("spec.md", own.as_deref().unwrap_or(assets::SPEC), values)
}

/// The default configuration for a repository whose work lands on `base`.
pub fn config(base: &str) -> Result<String, Error> {
    render("config.toml", assets::CONFIG, context! { base })
}

/// The team's own version of the template `name`.
fn overridden(main_worktree: Option<&Path>, name: &str) -> Result<Option<String>, Error> {
    let Some(root) = main_worktree else { return Ok(None) };
    let Some(folder) = Folder::open(root, layout::TEMPLATES)? else { return Ok(None) };
    Ok(folder.read(name)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn render(name: &str, source: &str, values: minijinja::Value) -> Result<String, Error> {
    let wrong = |e: &minijinja::Error| {
        let file = format!("{}/{name}", layout::TEMPLATES);
        Error::surroundings(
            format!("template {file} cannot be used: {e:#}"),
            format!("mend {file}"),
        )
    };
    let mut environment = Environment::new();
    environment.set_keep_trailing_newline(true);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template(name, source).map_err(|e| wrong(&e))?;
    let template = environment.get_template(name).map_err(|e| wrong(&e))?;
    template.render(values).map_err(|e| wrong(&e))
}
