//! Bytes as `gzip` packs them, so that `zcat` reads them.

use std::io::Write;

use flate2::{Compression, GzBuilder};

/// The same bytes, packed; the same input always gives the same output.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = packer.write_all(bytes);
    packer.finish().unwrap_or_default()
}
