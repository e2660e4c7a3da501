//! A receipt is refused, or it reads back as what was written of it.
#![no_main]

use git_orch::store::xml::receipt::{read, write};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipt) = read(bytes) {
        assert_eq!(read(write(&receipt).as_bytes()).ok(), Some(receipt));
    }
});
