//! `git orch export`.

use clap::{Args, ValueEnum};

use super::speech::Speech;
use crate::context::Context;
use crate::error::Error;
use crate::ops::export;

/// Write reviewed learnings for people, or into a file that agents read
#[derive(Debug, Args)]
pub struct Export {
    /// The form
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
    /// Put them into this file, as one section that is written anew each time, such as AGENTS.md
    #[arg(long, value_name = "FILE")]
    into: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Markdown
    Md,
}

/// Runs the verb.
pub fn run(args: &Export, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("export")?;
    let Format::Md = args.format;
    let Some(file) = &args.into else {
        let text = export::markdown(&ctx)?;
        if speech.json {
            speech.out.json("export", &serde_json::json!({ "markdown": text }));
        } else {
            speech.out.answer(text.trim_end());
        }
        return Ok(());
    };
    let changed = export::into(&ctx, file)?;
    if speech.json {
        speech.out.json("export", &serde_json::json!({ "file": file, "changed": changed }));
        return Ok(());
    }
    let how = if changed { "is written anew" } else { "is as it should be" };
    speech.out.done(&format!("the section in {file} {how}"));
    Ok(())
}
