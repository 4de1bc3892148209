//! Signed requests, by the Standard Webhooks specification.

use crate::error::{AppError, Result};
use crate::ids::random_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shared::time::Timestamp;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// The headers of a signed request.
pub type Headers = [(&'static str, String); 3];

/// A secret that nobody can guess: `whsec_` and 32 bytes in Base64.
#[must_use]
pub fn new_secret() -> String {
    format!("{PREFIX}{}", STANDARD.encode(random_bytes::<32>()))
}

/// The headers of a request that leaves now: its id, the same at every attempt, the time, and a
/// signature by each secret.
///
/// # Errors
/// When a secret is not one of ours.
pub fn headers<'a>(
    id: String,
    now: Timestamp,
    body: &str,
    secrets: impl IntoIterator<Item = &'a str>,
) -> Result<Headers> {
    let sent = now.as_millis().div_euclid(1000).to_string();
    let text = format!("{id}.{sent}.{body}");
    let signatures: Vec<String> = secrets
        .into_iter()
        .map(|it| sign(it, &text))
        .collect::<Result<_>>()?;
    Ok([
        ("webhook-id", id),
        ("webhook-timestamp", sent),
        ("webhook-signature", signatures.join(" ")),
    ])
}

/// The signature of a text: `v1,` and the Base64 of its HMAC with SHA-256.
fn sign(secret: &str, text: &str) -> Result<String> {
    let key = secret.strip_prefix(PREFIX).unwrap_or(secret);
    let key = STANDARD.decode(key).map_err(AppError::internal)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(AppError::internal)?;
    mac.update(text.as_bytes());
    let code = STANDARD.encode(mac.finalize().into_bytes());
    Ok(format!("v1,{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn a_signature_is_that_of_the_specification() {
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned();
        let now = Timestamp::from_millis(1_614_265_330_999);
        let body = r#"{"test": 2432232314}"#;
        let [one, two, three] = headers(id.clone(), now, body, [SECRET]).expect("signed");
        assert_eq!(one, ("webhook-id", id.clone()));
        assert_eq!(two, ("webhook-timestamp", "1614265330".to_owned()));
        assert_eq!(three, ("webhook-signature", SIGNATURE.to_owned()));
        let other = new_secret();
        let [.., both] = headers(id, now, body, [other.as_str(), SECRET]).expect("signed");
        let parts: Vec<&str> = both.1.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert!(parts[0].starts_with("v1,") && parts[0] != SIGNATURE);
        assert_eq!(parts[1], SIGNATURE);
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let secret = new_secret();
        let key = STANDARD.decode(&secret[PREFIX.len()..]).expect("Base64");
        assert_eq!(key.len(), 32);
        assert_ne!(secret, new_secret());
    }
}
