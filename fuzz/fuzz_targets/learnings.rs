//! Learnings are refused, or they read back as what was written of them.
#![no_main]

use git_orch::store::xml::learnings::{read, write};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok((issue, learnings)) = read(bytes) {
        assert_eq!(read(write(&issue, &learnings).as_bytes()).ok(), Some((issue, learnings)));
    }
});
