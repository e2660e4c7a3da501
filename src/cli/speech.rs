//! What every verb shares: the streams, reading input, asking.

use std::io::Read;
use std::path::Path;

use dialoguer::Input;

use crate::context::Context;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::ui::Out;

/// How a verb answers.
#[derive(Debug)]
pub struct Speech {
    /// The streams.
    pub out: Out,
    /// Whether the answer is JSON.
    pub json: bool,
}

/// The bytes of `path`; `-` means standard input.
pub fn read_input(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(path).map(|content| bytes = content)
    };
    read.map(|()| bytes).map_err(|e| {
        Error::usage(
            format!("{}: {e}", path.display()),
            format!("ls -l {}", quoted(&path.display().to_string())),
        )
    })
}

/// Asks a question that only `y` or `yes` answers with yes, ended by the Enter key: a slip on one
/// key approves nothing.
pub fn agreed(question: &str) -> Result<bool, Error> {
    let prompt = format!("{question} [y/N]");
    let ask = Input::<String>::new().with_prompt(prompt).allow_empty(true);
    let answer = ask.interact().map_err(|e| no_answer(&e))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A question that got no answer: the terminal went away, or the person did.
pub fn no_answer(error: &dialoguer::Error) -> Error {
    Error::usage(format!("no answer: {error}"), "give the answer as an option (-h lists them)")
}

/// The user's editor, as git would choose it.
pub fn editor(ctx: &Context) -> Result<String, Error> {
    let output = ctx.repo.git.at(ctx.repo.home()).args(["var", "GIT_EDITOR"]).run()?;
    match ctx.around.editor.clone().or_else(|| (output.code == 0).then(|| output.text())) {
        Some(editor) => Ok(editor),
        None => {
            Err(Error::surroundings("no editor is known", "git config --global core.editor vi"))
        }
    }
}
