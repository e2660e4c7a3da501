//! `git orch man`: the manual page, which git opens for `git orch --help`.
//!
//! The frame is a text in `templates/`; options, verbs and exit codes are filled in from the
//! command line itself, so that the page cannot tell anything else than the program does.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::speech::Speech;
use crate::assets;
use crate::context::Surroundings;
use crate::error::{EXIT_CODES, Error};
use crate::store::atomic::Folder;

/// The name under which `man` finds the page.
const FILE: &str = "git-orch.1";

/// Print the manual page, or write it into a folder
///
/// `git orch --help` opens the page that install.sh put in its place.
#[derive(Debug, Args)]
pub struct Man {
    /// Write it into this folder, as git-orch.1, instead of printing it
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs the verb; `command` is the whole command line.
pub fn run(args: &Man, command: Command, speech: &Speech) -> Result<(), Error> {
    let page = page(command)?;
    let Some(dir) = &args.dir else {
        speech.out.answer(page.trim_end());
        return Ok(());
    };
    let folder = Folder::create(&Surroundings::read().folder.join(dir), "")?;
    folder.write(FILE, page.as_bytes())?;
    speech.out.answer(&folder.path().join(FILE).display().to_string());
    Ok(())
}

/// The page in roff.
fn page(mut command: Command) -> Result<String, Error> {
    command.build();
    let version = command.get_version().unwrap_or_default().to_owned();
    let global = options(&command)?;
    let mut verbs = String::new();
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        describe(verb, &mut verbs)?;
    }
    let filled = assets::MANUAL
        .replace("@VERSION@", &version)
        .replace("\n@OPTIONS@\n", &format!("\n{global}"))
        .replace("\n@VERBS@\n", &format!("\n{verbs}"))
        .replace("\n@EXITS@\n", &format!("\n{}", exits()));
    // The string `Aq` is defined by what the crate writes before its first section.
    Ok(ascii(&filled).replace("\\*(Aq", "\\(aq"))
}

/// A verb and the verbs below it, each a subsection.
fn describe(verb: &Command, page: &mut String) -> Result<(), Error> {
    let mut below = verb.get_subcommands().filter(|verb| !verb.is_hide_set()).peekable();
    let name = verb.get_bin_name().unwrap_or_else(|| verb.get_name());
    let mut roff = Roff::new();
    roff.control("SS", [name]);
    let usage = verb.clone().render_usage().to_string();
    let arguments = usage.trim_start_matches("Usage: ").strip_prefix(name).unwrap_or_default();
    roff.text([bold(name), roman(arguments.trim_end())]);
    let about = verb.get_long_about().or_else(|| verb.get_about());
    for paragraph in about.map(ToString::to_string).unwrap_or_default().split("\n\n") {
        roff.control("PP", []);
        roff.text([roman(sentence(paragraph))]);
    }
    page.push_str(&roff.to_roff());
    page.push_str(&options(&hiding_global(verb))?);
    below.try_for_each(|verb| describe(verb, page))
}

/// `verb` without the options that every verb has.
fn hiding_global(verb: &Command) -> Command {
    verb.clone().mut_args(|arg| {
        let everywhere = ["quiet", "json", "help", "version"].contains(&arg.get_id().as_str());
        if everywhere { arg.hide(true) } else { arg }
    })
}

/// The options and arguments of a verb, without a heading.
fn options(verb: &Command) -> Result<String, Error> {
    let mut bytes = Vec::new();
    Page::new(verb.clone())
        .render_options_section(&mut bytes)
        .map_err(|e| Error::surroundings(e.to_string(), "git orch man"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // What the crate writes before its first section, and the heading itself, stand in the frame.
    let (_, options) = text.split_once(".SH OPTIONS\n").unwrap_or_default();
    Ok(options.to_owned())
}

fn exits() -> String {
    let mut roff = Roff::new();
    for (code, meaning) in EXIT_CODES {
        roff.control("TP", []);
        roff.text([italic(code.to_string())]);
        roff.text([roman(sentence(meaning))]);
    }
    roff.to_roff()
}

/// Begins large and ends with a full stop.
fn sentence(text: &str) -> String {
    let text = text.replace('\n', " ");
    let mut rest = text.trim().chars();
    let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.trim_end().ends_with(['.', ')', ':']) { "" } else { "." };
    format!("{first}{}{stop}", rest.as_str())
}

/// Letters beyond ASCII by their number: a formatter need not know how the file is encoded.
fn ascii(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut text, c| {
        if c.is_ascii() {
            text.push(c);
        } else {
            text.push_str(&format!("\\[u{:04X}]", u32::from(c)));
        }
        text
    })
}
