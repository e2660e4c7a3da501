//! Texts made from templates: ours, or the team's own that stand in `.orchestration/templates/`.

use std::path::Path;

use minijinja::{Environment, UndefinedBehavior, context};

use crate::assets;
use crate::domain::lane::settings::Lane;
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

/// What an agent of `role` is told, from the template of its lane, the team's or ours.
pub fn agent(
    main_worktree: Option<&Path>,
    role: &str,
    lane: Option<&str>,
    values: minijinja::Value,
) -> Result<String, Error> {
    let name = format!("agents/{role}.md");
    if let Some(lane) = lane {
        let special = format!("agents/{lane}/{role}.md");
        if let Some(source) = overridden(main_worktree, &special)? {
            return render_tight(&special, &source, values);
        }
    }
    let own = overridden(main_worktree, &name)?;
    let source = own.as_deref().or_else(|| assets::agent_template(role)).unwrap_or_default();
    render_tight(&name, source, values)
}

/// A lane, as templates see it.
pub fn lane(name: &str, lane: Option<&Lane>) -> minijinja::Value {
    context! {
        name,
        title => lane.and_then(|lane| lane.title.clone()),
        description => lane.map(|lane| lane.description.clone()).unwrap_or_default(),
        paths => lane.map(|lane| lane.paths.clone()).unwrap_or_default(),
    }
}

/// The default configuration for a repository whose work lands on `base`.
pub fn config(base: &str) -> Result<String, Error> {
    render("config.toml", assets::CONFIG, context! { base })
}

/// The text of a pull request, from the team's template or ours.
pub fn pull_request(
    main_worktree: Option<&Path>,
    values: minijinja::Value,
) -> Result<String, Error> {
    let own = overridden(main_worktree, "pr.md")?;
    render_tight("pr.md", own.as_deref().unwrap_or(assets::PULL_REQUEST), values)
}

/// The workflow for GitHub that guards these branches, globs in GitHub's own form.
pub fn github_workflow(branches: &[String]) -> Result<String, Error> {
    let quoted: Vec<String> =
        branches.iter().map(|glob| format!("'{}'", glob.replace('\'', "''"))).collect();
    let values = context! {
        branches => format!("[{}]", quoted.join(", ")),
        version => env!("CARGO_PKG_VERSION"),
    };
    render("ci/github.yml", assets::GITHUB_WORKFLOW, values)
}

/// The team's own version of the template `name`.
fn overridden(main_worktree: Option<&Path>, name: &str) -> Result<Option<String>, Error> {
    let Some(root) = main_worktree else { return Ok(None) };
    let (below, name) = name.rsplit_once('/').unwrap_or(("", name));
    let Some(folder) = Folder::open(root, &format!("{}/{below}", layout::TEMPLATES))? else {
        return Ok(None);
    };
    Ok(folder.read(name)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Renders; the lines of the template's own commands stay in the text as empty ones.
fn render(name: &str, source: &str, values: minijinja::Value) -> Result<String, Error> {
    rendered(Environment::new(), name, source, values)
}

/// Renders without the lines that hold commands of the template alone.
fn render_tight(name: &str, source: &str, values: minijinja::Value) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    rendered(environment, name, source, values)
}

fn rendered(
    mut environment: Environment<'_>,
    name: &str,
    source: &str,
    values: minijinja::Value,
) -> Result<String, Error> {
    let wrong = |e: &minijinja::Error| {
        let file = format!("{}/{name}", layout::TEMPLATES);
        Error::surroundings(
            format!("template {file} cannot be used: {e:#}"),
            format!("mend {file}"),
        )
    };
    environment.set_keep_trailing_newline(true);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let template = environment.template_from_named_str(name, source).map_err(|e| wrong(&e))?;
    template.render(values).map_err(|e| wrong(&e))
}
