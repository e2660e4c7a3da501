//! What is compiled in: texts that live as files of their own in the source tree. Nothing here is
//! computed.

/// The draft of a specification.
pub const SPEC: &str = include_str!("../templates/spec.md");
/// The default configuration.
pub const CONFIG: &str = include_str!("../templates/config.toml");
