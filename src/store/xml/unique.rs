//! That no two entries of a list have one name.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::error::ReadError;

/// Refuses the second of two equal `names` of `what`.
pub(super) fn unique<T: Ord + Display>(
    what: &'static str,
    names: impl IntoIterator<Item = T>,
) -> Result<(), ReadError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if seen.contains(&name) {
            return Err(ReadError::Duplicate { what, name: name.to_string() });
        }
        seen.insert(name);
    }
    Ok(())
}
