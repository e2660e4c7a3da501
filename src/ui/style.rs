//! Colours, by meaning. `anstream` takes them away where there is no terminal or `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};

/// Done, green.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Refused, red.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// To be looked at.
pub const CARE: Style = AnsiColor::Yellow.on_default();
/// A command to type.
pub const COMMAND: Style = AnsiColor::Cyan.on_default();
/// Less important.
pub const FAINT: Style = Style::new().dimmed();
/// A heading.
pub const HEAD: Style = Style::new().bold();

/// `text` in `style`.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
