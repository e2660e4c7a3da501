//! The tools of forges, `gh` and `glab`: they know the user's account, and we ask for nothing more
//! than one pull request.

use std::path::Path;

use crate::agent::tool::{self, ToolOutput};
use crate::store::atomic::Folder;

/// What a pull request is to be.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// The branch it brings.
    pub branch: &'a str,
    /// The branch it is to land on.
    pub base: &'a str,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether a person goes on in the browser.
    pub web: bool,
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is a pull request.
    Opened {
        /// As the tool names it, mostly an address.
        name: String,
        /// Whether it was there already.
        already: bool,
    },
    /// No tool for this forge is installed.
    NoTool,
    /// The tool could not.
    Failed(String),
}

/// Opens the pull request, or brings the one there is up to date.
pub fn open(folder: &Path, address: &str, asked: &Asked<'_>) -> Answer {
    let of_gitlab = host(address).is_some_and(|host| host.contains("gitlab"));
    let name = if of_gitlab { "glab" } else { "gh" };
    let Some(program) = tool::find(name) else { return Answer::NoTool };
    let run = |args: &[&str]| {
        let local = crate::git::exec::local_variables();
        tool::capture(&program, args, folder, local).map_err(|e| format!("{name}: {e}"))
    };
    let answer = if of_gitlab { glab(&run, asked) } else { gh(&run, asked) };
    answer.unwrap_or_else(Answer::Failed)
}

type Run<'a> = dyn Fn(&[&str]) -> Result<ToolOutput, String> + 'a;

fn gh(run: &Run<'_>, asked: &Asked<'_>) -> Result<Answer, String> {
    let top = tempfile::tempdir().map_err(|e| e.to_string())?;
    let folder = Folder::create(top.path(), "").map_err(|e| e.to_string())?;
    folder.write("body.md", asked.body.as_bytes()).map_err(|e| e.to_string())?;
    let file = top.path().join("body.md");
    let file = file.to_str().ok_or("the temporary folder has no name in text")?;
    let there =
        run(&["pr", "view", asked.branch, "--json", "url,state", "--jq", ".state+\" \"+.url"])?;
    if let (0, Some(address)) = (there.code, there.stdout.trim().strip_prefix("OPEN ")) {
        let edit = ["pr", "edit", asked.branch, "--title", asked.title, "--body-file", file];
        done(run(&edit)?)?;
        return Ok(Answer::Opened { name: address.to_owned(), already: true });
    }
    let mut args = vec!["pr", "create", "--base", asked.base, "--head", asked.branch];
    args.extend(["--title", asked.title, "--body-file", file]);
    args.extend(asked.draft.then_some("--draft"));
    args.extend(asked.web.then_some("--web"));
    Ok(Answer::Opened { name: last_line(&done(run(&args)?)?, asked), already: false })
}

fn glab(run: &Run<'_>, asked: &Asked<'_>) -> Result<Answer, String> {
    let there = run(&["mr", "view", asked.branch])?;
    if there.code == 0 && there.stdout.lines().any(|line| line.trim() == "state:\topen") {
        let edit =
            ["mr", "update", asked.branch, "--title", asked.title, "--description", asked.body];
        let name = last_line(&done(run(&edit)?)?, asked);
        return Ok(Answer::Opened { name, already: true });
    }
    let mut args = vec!["mr", "create", "--yes", "--target-branch", asked.base];
    args.extend(["--source-branch", asked.branch]);
    args.extend(["--title", asked.title, "--description", asked.body]);
    args.extend(asked.draft.then_some("--draft"));
    args.extend(asked.web.then_some("--web"));
    Ok(Answer::Opened { name: last_line(&done(run(&args)?)?, asked), already: false })
}

fn done(output: ToolOutput) -> Result<ToolOutput, String> {
    if output.code == 0 { Ok(output) } else { Err(output.stderr) }
}

/// Both tools end with the address; opened in a browser, there is none yet.
fn last_line(output: &ToolOutput, asked: &Asked<'_>) -> String {
    let last = output.stdout.lines().rev().map(str::trim).find(|line| !line.is_empty());
    last.unwrap_or(asked.branch).to_owned()
}

/// Where a person opens the pull request in a browser; `None` when the address tells no forge.
pub fn compare(address: &str, base: &str, branch: &str) -> Option<String> {
    let host = host(address)?;
    let path = path(address)?;
    Some(if host.contains("gitlab") {
        format!(
            "https://{host}/{path}/-/merge_requests/new?merge_request%5Bsource_branch%5D={}&\
             merge_request%5Btarget_branch%5D={}",
            escaped(branch),
            escaped(base)
        )
    } else {
        format!("https://{host}/{path}/compare/{}...{}?expand=1", escaped(base), escaped(branch))
    })
}

/// The host of a remote's address, without user and port; `None` for a folder.
fn host(address: &str) -> Option<&str> {
    let (host, _) = parts(address)?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

fn path(address: &str) -> Option<&str> {
    let (_, path) = parts(address)?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!path.is_empty()).then_some(path)
}

fn parts(address: &str) -> Option<(&str, &str)> {
    if let Some((scheme, rest)) = address.split_once("://") {
        return (scheme != "file").then(|| rest.split_once('/')).flatten();
    }
    // git@github.com:owner/name: no slash before the colon, or it is a folder.
    let (host, path) = address.split_once(':')?;
    (!host.contains('/')).then_some((host, path))
}

/// A branch in an address: what a browser would read as something else is written in digits.
fn escaped(text: &str) -> String {
    let plain = |c: &u8| c.is_ascii_alphanumeric() || b"-._~/".contains(c);
    text.bytes()
        .map(|c| if plain(&c) { char::from(c).to_string() } else { format!("%{c:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_where_to_compare() {
        for (address, wanted) in [
            (
                "git@github.com:o/r.git",
                "https://github.com/o/r/compare/main...issue/8%231?expand=1",
            ),
            (
                "ssh://git@example.org:22/o/r",
                "https://example.org/o/r/compare/main...issue/8%231?expand=1",
            ),
            (
                "https://me:secret@github.com/o/r.git/",
                "https://github.com/o/r/compare/main...issue/8%231?expand=1",
            ),
        ] {
            assert_eq!(compare(address, "main", "issue/8#1").as_deref(), Some(wanted), "{address}");
        }
        let gitlab = compare("https://gitlab.example.org/g/r.git", "main", "issue/81").unwrap();
        assert!(
            gitlab.starts_with("https://gitlab.example.org/g/r/-/merge_requests/new?"),
            "{gitlab}"
        );
        for folder in ["/srv/git/r.git", "../r", "file:///srv/r.git", "./a:b"] {
            assert_eq!(compare(folder, "main", "x"), None, "{folder}");
        }
    }
}
