//! A session log is refused, or it reads back as what was written of it.
#![no_main]

use git_orch::store::xml::session_log::{read, write};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(session) = read(bytes) {
        assert_eq!(read(write(&session).as_bytes()).ok(), Some(session));
    }
});
