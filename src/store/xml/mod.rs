//! Stub while the formats are being written.
#[derive(Debug, thiserror::Error)]
#[error("unreadable")]
pub struct ReadError;
pub mod session_log {
    use super::ReadError;
    use crate::domain::session::Session;
    pub fn write(_: &Session) -> String {
        String::new()
    }
    pub fn read(_: &[u8]) -> Result<Session, ReadError> {
        Err(ReadError)
    }
}
pub mod receipt {
    use super::ReadError;
    use crate::domain::receipt::Receipt;
    pub fn write(_: &Receipt) -> String {
        String::new()
    }
    pub fn read(_: &[u8]) -> Result<Receipt, ReadError> {
        Err(ReadError)
    }
}
pub mod learnings {
    use crate::domain::ids::IssueId;
    use crate::domain::learning::Learning;
    pub fn write(_: &IssueId, _: &[Learning]) -> String {
        String::new()
    }
}
