//! Tells which files git would write otherwise than they are stored: line endings, `ident`,
//! encodings, filters.
//!
//! Reads what `git config` and `git check-attr` print, so that every source of settings and
//! attributes counts as git counts it. Pure: runs nothing. In doubt a path is *converted*, which
//! means that git writes it.

use std::collections::HashSet;

/// What the configuration says about writing files.
#[derive(Debug, Default)]
pub struct Settings {
    /// Why no file may be copied, when that is so.
    pub obstacle: Option<&'static str>,
    filters: HashSet<Vec<u8>>,
}

impl Settings {
    /// Reads the output of `git config -z --list`.
    pub fn read(output: &[u8]) -> Self {
        let mut settings = Self::default();
        let (mut line_endings, mut native_end, mut no_links) = Default::default();
        for setting in output.split(|byte| *byte == 0) {
            let mut parts = setting.splitn(2, |byte| *byte == b'\n');
            let key = parts.next().unwrap_or_default();
            // A key without a value is true.
            let value = parts.next().unwrap_or(b"true").to_ascii_lowercase();
            let off = matches!(value.as_slice(), b"" | b"false" | b"no" | b"off" | b"0");
            match key {
                b"core.autocrlf" => line_endings = !off && value != b"input",
                b"core.eol" => native_end = value == b"crlf",
                b"core.symlinks" => no_links = off,
                _ => {}
            }
            if let Some(filter) = key.strip_prefix(b"filter.")
                && let Some(dot) = filter.iter().rposition(|byte| *byte == b'.')
            {
                settings.filters.insert(filter[..dot].to_vec());
            }
        }
        settings.obstacle = [
            (line_endings, "core.autocrlf is on"),
            (native_end, "core.eol is crlf"),
            (no_links, "core.symlinks is off"),
        ]
        .into_iter()
        .find_map(|(is_so, obstacle)| is_so.then_some(obstacle));
        settings
    }

    fn acts(&self, attribute: &[u8], value: &[u8]) -> bool {
        match attribute {
            b"filter" => self.filters.contains(value),
            b"ident" | b"working-tree-encoding" => value != b"unset",
            b"eol" => value.eq_ignore_ascii_case(b"crlf"),
            _ => false,
        }
    }
}

/// For each of `paths` whether git changes its content on writing, by the output of
/// `git check-attr -z --all` for these paths in this order; `None` when that does not fit them.
pub fn converted<'a>(
    settings: &Settings,
    output: &[u8],
    paths: impl Iterator<Item = &'a [u8]>,
) -> Option<Vec<bool>> {
    // Records of path, attribute, value, each ended by a zero; a path without attributes has none.
    let mut fields = output.split(|byte| *byte == 0).peekable();
    let mut answer = Vec::new();
    for path in paths {
        let mut changed = false;
        while fields.next_if_eq(&path).is_some() {
            let (attribute, value) = (fields.next()?, fields.next()?);
            changed |= settings.acts(attribute, value);
        }
        answer.push(changed);
    }
    // What is left is the nothing after the last zero.
    (fields.next() == Some(b"") && fields.next().is_none()).then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obstacle(config: &str) -> Option<&'static str> {
        Settings::read(config.as_bytes()).obstacle
    }

    #[test]
    fn settings_that_change_every_file_are_obstacles() {
        assert!(obstacle("core.autocrlf\ntrue\0").is_some());
        assert!(obstacle("core.autocrlf\0").is_some());
        assert!(obstacle("core.autocrlf\ninput\0core.autocrlf\nTRUE\0").is_some());
        assert!(obstacle("core.eol\ncrlf\0").is_some());
        assert!(obstacle("core.symlinks\nfalse\0").is_some());
    }

    #[test]
    fn the_last_value_counts() {
        assert!(obstacle("core.autocrlf\ntrue\0core.autocrlf\nfalse\0").is_none());
        assert!(obstacle("core.autocrlf\ninput\0core.eol\nlf\0user.name\na\nb\0").is_none());
    }

    #[test]
    fn only_attributes_that_act_convert() {
        let settings = Settings::read(b"filter.a.b.smudge\ncat\0");
        let output = b"2\0filter\0lfs\x002\0ident\0unset\x002\0text\0auto\x002\0eol\0lf\0\
                       3\0filter\0a.b\x004\0ident\0set\0\
                       5\0working-tree-encoding\0UTF-16\x005\0text\0set\x006\0eol\0crlf\0";
        let paths = |names: &'static str| names.split(' ').map(str::as_bytes);
        let answer = converted(&settings, output, paths("1 2 3 4 5 6"));
        assert_eq!(answer, Some(vec![false, false, true, true, true, true]));
        // An output for other paths is not believed.
        assert_eq!(converted(&settings, output, paths("1 2 3 4 5")), None);
        assert_eq!(converted(&settings, &output[..20], paths("1 2 3 4 5 6")), None);
        assert_eq!(converted(&settings, b"", [].into_iter()), Some(vec![]));
    }
}
