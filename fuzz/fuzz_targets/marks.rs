//! What was done with learnings is refused, or reads back as what was written of it.
#![no_main]

use git_orch::store::xml::marks::{read, write};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok((issue, marks)) = read(bytes) {
        assert_eq!(read(write(&issue, &marks).as_bytes()).ok(), Some((issue, marks)));
    }
});
