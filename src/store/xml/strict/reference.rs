//! References in texts and attribute values: `&lt;` and its four sisters, `&#10;`, `&#x1F;`.
//!
//! Nothing else is known, so nothing can expand to more than one character.

use super::super::error::XmlErrorKind;
use super::source::{BOM, is_allowed};

/// Checks what stands between `&` and `;`.
pub(super) fn check(name: &str) -> Result<(), XmlErrorKind> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "lt" | "gt" | "amp" | "apos" | "quot" => Ok(()),
            _ => Err(XmlErrorKind::UnknownEntity(shown(name))),
        };
    };
    let code = match number.strip_prefix('x') {
        Some(hex) => digits(hex, 16),
        None => digits(number, 10),
    };
    let code = code.ok_or_else(|| XmlErrorKind::BadReference(shown(name)))?;
    match char::from_u32(code) {
        Some(BOM) => Err(XmlErrorKind::MisplacedBom),
        Some(c) if is_allowed(c) => Ok(()),
        _ => Err(XmlErrorKind::ForbiddenCharacter(code)),
    }
}

/// Checks every reference in the attribute value `raw`; the error comes with its offset there.
pub(super) fn check_all(raw: &str) -> Result<(), (usize, XmlErrorKind)> {
    let mut from = 0;
    while let Some(found) = raw[from..].find('&') {
        let start = from + found;
        let rest = &raw[start + 1..];
        let end = rest.find([';', '&']).filter(|&end| rest[end..].starts_with(';'));
        let end = end.ok_or((start, XmlErrorKind::BareAmpersand))?;
        check(&rest[..end]).map_err(|kind| (start, kind))?;
        from = start + 1 + end + 1;
    }
    Ok(())
}

/// The number that `text` writes in digits alone: no sign, no space.
fn digits(text: &str, radix: u32) -> Option<u32> {
    text.chars().all(|c| c.is_digit(radix)).then(|| u32::from_str_radix(text, radix).ok())?
}

fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}
