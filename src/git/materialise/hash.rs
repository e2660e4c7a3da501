//! The two hashes that name git's objects.
//!
//! Only for telling whether bytes are the blob that an index names, and for the checksum of the
//! index; git itself names what it stores.

use sha2::Digest as _;

/// Which hash names the objects of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFormat {
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// Bytes of an object id and of the checksum of an index.
    pub fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// A hasher that has seen nothing.
    pub fn hasher(self) -> Hasher {
        match self {
            Self::Sha1 => Hasher::Sha1(sha1::Sha1::new()),
            Self::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
        }
    }

    /// A hasher for the content of a blob of `size` bytes, git's header already fed to it.
    pub fn blob_hasher(self, size: usize) -> Hasher {
        let mut hasher = self.hasher();
        hasher.feed(format!("blob {size}\0").as_bytes());
        hasher
    }
}

/// Hashes as the repository does.
pub enum Hasher {
    /// See [`ObjectFormat::Sha1`].
    Sha1(sha1::Sha1),
    /// See [`ObjectFormat::Sha256`].
    Sha256(sha2::Sha256),
}

impl Hasher {
    /// More bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Whether all that was fed has the digest `expected`.
    pub fn gives(self, expected: &[u8]) -> bool {
        match self {
            Self::Sha1(hasher) => hasher.finalize()[..] == *expected,
            Self::Sha256(hasher) => hasher.finalize()[..] == *expected,
        }
    }

    /// Puts the digest at the end of `bytes`.
    pub fn finish_onto(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Sha1(hasher) => bytes.extend_from_slice(&hasher.finalize()),
            Self::Sha256(hasher) => bytes.extend_from_slice(&hasher.finalize()),
        }
    }
}
