//! The one place where ids and secrets are made.

use crate::clock::Clock;
use shared::ids::IdSource;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::{ContextV7, Timestamp as UuidTime, Uuid};

/// Makes UUIDv7 that grow within this process, by the clock that it was given.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    context: Arc<Mutex<ContextV7>>,
}

impl Ids {
    /// A source that takes its time from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            context: Arc::new(Mutex::new(ContextV7::new())),
        }
    }
}

impl IdSource for Ids {
    fn next_uuid(&mut self) -> Uuid {
        let millis = self.clock.now().as_millis().max(0).unsigned_abs();
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let nanos = u32::try_from(millis % 1000 * 1_000_000).unwrap_or(0);
        Uuid::new_v7(UuidTime::from_unix(&*context, millis / 1000, nanos))
    }
}

/// `N` bytes that nobody can guess.
///
/// # Panics
/// When the operating system has no randomness: nothing is safe then.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// 256 random bits as 64 hexadecimal characters.
#[must_use]
pub fn secret() -> String {
    hex(&random_bytes::<32>())
}

/// Bytes as lower-case hexadecimal characters.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The SHA-256 of a secret that has enough randomness of its own, for storing.
#[must_use]
pub fn hash_secret(secret: &str) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(secret.as_bytes()))
}
