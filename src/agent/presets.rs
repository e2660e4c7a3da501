//! Agents that many people use, each with the flags its own documentation gives for work without
//! a person. `docs/agents.md` repeats this table with what each flag allows; a test compares them.

/// An agent known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name, and that of its program.
    pub name: &'static str,
    /// Its command line; `{prompt}` stands for what it is to do.
    pub command: &'static [&'static str],
    /// Where the flags are documented.
    pub page: &'static str,
}

/// The agent built into git-orch, which follows a script.
pub const SCRIPTED: &str = "scripted";

/// All presets.
pub const PRESETS: [Preset; 6] = [
    Preset {
        name: "claude",
        command: &["claude", "-p", "{prompt}", "--allowedTools", "Bash,Read,Edit,Write,Glob,Grep"],
        page: "https://code.claude.com/docs/en/headless",
    },
    Preset {
        name: "codex",
        command: &["codex", "exec", "--sandbox", "danger-full-access", "{prompt}"],
        page: "https://developers.openai.com/codex/noninteractive",
    },
    Preset {
        name: "gemini",
        command: &["gemini", "-p", "{prompt}", "--approval-mode", "yolo"],
        page: "https://geminicli.com/docs/cli/headless/",
    },
    Preset {
        name: "aider",
        command: &["aider", "--message", "{prompt}", "--yes-always"],
        page: "https://aider.chat/docs/scripting.html",
    },
    Preset {
        name: "opencode",
        command: &["opencode", "run", "--auto", "{prompt}"],
        page: "https://opencode.ai/docs/cli/",
    },
    Preset {
        name: "copilot",
        command: &["copilot", "-p", "{prompt}", "--allow-all-tools", "--no-ask-user"],
        page: "https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-programmatic-reference",
    },
];

/// The preset of this name.
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The names of all, and of the built-in one.
pub fn names() -> String {
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    format!("{}, {SCRIPTED}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_agents_repeats_the_table() {
        let page = include_str!("../../docs/agents.md");
        for preset in PRESETS {
            let line = format!("`{}` | `{}` | [{}]", preset.name, preset.command.join(" "), "page");
            assert!(page.contains(&line), "docs/agents.md lacks: {line}");
            assert!(page.contains(preset.page), "{}", preset.name);
            assert_eq!(preset.command[0], preset.name);
            assert!(preset.command.contains(&"{prompt}"));
        }
    }
}
