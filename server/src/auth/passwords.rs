//! Passwords: argon2id, away from the threads that serve, as many at once as there are cores.

use crate::error::{AppError, Result};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use shared::problem::ErrorCode;
use shared::sessions::api::PASSWORD_MAX;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Memory in KiB, passes and lanes, as OWASP's password storage sheet asks for.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The hash of no password, with the same cost: accounts that do not exist are checked against
/// it, so that an answer's time does not tell whether there is an account.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cy1zYWx0LWhlcmU$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// How long a password waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(10);

/// Hashes and checks passwords.
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
        }
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(AppError::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Passwords {
    /// The hash to store for a password.
    ///
    /// # Errors
    /// `server.overloaded` when too many wait.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || {
            let hash = argon2()?
                .hash_password(password.as_bytes())
                .map_err(AppError::internal)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one of this hash. Without a hash the answer is no, after the
    /// same work.
    ///
    /// # Errors
    /// `server.overloaded` when too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let (known, hash) = hash.map_or_else(|| (false, NOBODY.to_owned()), |it| (true, it));
            // Nobody has set a longer one.
            let password: String = password.chars().take(PASSWORD_MAX + 1).collect();
            let right = argon2()?
                .verify_password(password.as_bytes(), hash.as_str())
                .is_ok();
            Ok(known && right)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(TURN_WITHIN, self.turns.clone().acquire_owned()).await;
        let turn = turn
            .map_err(|_| AppError::retry_later(ErrorCode::Overloaded, 5))?
            .map_err(AppError::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(AppError::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::phc::PasswordHash;

    #[tokio::test]
    async fn a_hash_knows_its_password() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash("correct horse".to_owned())
            .await
            .expect("hashed");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        for (password, right) in [
            ("correct horse", true),
            ("correct horse ", false),
            ("", false),
        ] {
            let found = passwords
                .verify(password.to_owned(), Some(hash.clone()))
                .await;
            assert_eq!(found.expect("checked"), right, "{password}");
        }
        assert!(
            !passwords
                .verify("correct horse".to_owned(), None)
                .await
                .expect("checked")
        );
        assert!(
            !passwords
                .verify("x".to_owned(), Some("no hash".to_owned()))
                .await
                .expect("checked")
        );
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let nobody = PasswordHash::new(NOBODY).expect("a hash");
        let params = Params::try_from(&nobody).expect("its cost");
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), COST);
        assert_eq!(nobody.hash.expect("an output").len(), 32);
    }
}
