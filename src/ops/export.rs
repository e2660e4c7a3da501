//! `export`: reviewed learnings as Markdown, and as one section of a file of the project.

use std::collections::BTreeMap;
use std::path::Path;

use super::learn::vote;
use super::recall::Known;
use crate::context::Context;
use crate::domain::learning::standing::Standing;
use crate::error::Error;
use crate::store::atomic::Folder;
use crate::store::recall::Wanted;

/// How the section begins and ends; what stands between is ours, the rest of the file is not.
const BEGIN: &str = "<!-- git orch export: begin. Written by git-orch, changed by it alone. -->";
const END: &str = "<!-- git orch export: end -->";

/// The reviewed learnings as Markdown, by the part of the project they speak of.
pub fn markdown(ctx: &Context) -> Result<String, Error> {
    let wanted = Wanted { reviewed: true, ..Wanted::default() };
    let mut areas: BTreeMap<String, Vec<Known>> = BTreeMap::new();
    for known in vote::everything(ctx, &wanted)? {
        if known.tally.standing == Standing::Reviewed {
            areas.entry(known.learning.area().to_owned()).or_default().push(known);
        }
    }
    let mut text = String::from("## Learned here\n");
    if areas.is_empty() {
        text.push_str("\nNothing is reviewed yet.\n");
    }
    for (area, mut list) in areas {
        list.sort_by(|a, b| {
            (a.issue.as_str(), a.learning.number).cmp(&(b.issue.as_str(), b.learning.number))
        });
        let heading = if area.is_empty() { "everywhere" } else { area.as_str() };
        text.push_str(&format!("\n### {heading}\n\n"));
        for known in list {
            let (when, lesson) = (known.learning.when(), &known.learning.lesson);
            text.push_str(&format!("- {}: {} ({})\n", plain(&when), plain(lesson), known.name()));
        }
    }
    Ok(text)
}

/// A text that cannot end the section or begin another element.
fn plain(text: &str) -> String {
    text.replace("<!--", "<! --").replace("-->", "-- >")
}

/// Puts the section into `file` of the work tree, in place of the one that is there, else at its
/// end. Returns whether anything changed.
pub fn into(ctx: &Context, file: &str) -> Result<bool, Error> {
    let path = ctx.around.folder.join(file);
    let (Some(root), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return Err(Error::usage(
            format!("{file:?} is no file"),
            "git orch export --into AGENTS.md",
        ));
    };
    let section = format!("{BEGIN}\n{}{END}\n", markdown(ctx)?);
    let folder = Folder::open(Path::new(root), "")?.ok_or_else(|| {
        Error::usage(format!("{} is no folder", root.display()), "git orch export --into AGENTS.md")
    })?;
    let there = folder.read(name)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = there.unwrap_or_default();
    let new = match (text.find(BEGIN), text.find(END)) {
        (Some(from), Some(to)) if from < to => {
            let rest = text[to + END.len()..].strip_prefix('\n').unwrap_or(&text[to + END.len()..]);
            format!("{}{section}{rest}", &text[..from])
        }
        (None, None) if text.is_empty() => section,
        (None, None) => format!("{}\n\n{section}", text.trim_end()),
        _ => {
            return Err(Error::usage(
                format!("{file} holds one end of the section and not the other"),
                format!("take both lines with 'git orch export' out of {file}"),
            ));
        }
    };
    Ok(folder.write(name, new.as_bytes())?)
}
