//! Access tokens: JWTs with one fixed algorithm, for a quarter of an hour.

use super::Subject;
use crate::error::{AppError, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use shared::ids::SessionId;
use shared::problem::ErrorCode;
use shared::time::Timestamp;

/// Seconds that an access token works.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Seconds by which another node's clock may be ahead.
const CLOCK_SKEW_S: i64 = 5;
const ISSUER: &str = "coterie";

/// Which pages a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The member centre.
    Member,
    /// The console.
    Staff,
}

impl Audience {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Staff => "staff",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    sid: SessionId,
    epoch: i32,
    iat: i64,
    exp: i64,
}

/// What a token says, once its signature and times are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) subject: Subject,
    pub(super) session: SessionId,
    pub(super) epoch: i32,
}

/// Makes and reads access tokens.
pub(super) struct Tokens {
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub(super) fn new(secret: &[u8]) -> Self {
        super::hmac::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[Audience::Member.as_str(), Audience::Staff.as_str()]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are compared with the clock of the server, which tests can move.
        validation.validate_exp = false;
        Self {
            header: Header::new(Algorithm::HS256),
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
        }
    }

    pub(super) fn issue(
        &self,
        subject: Subject,
        session: SessionId,
        epoch: i32,
        now: Timestamp,
    ) -> Result<(String, Timestamp)> {
        let iat = now.as_millis().div_euclid(1000);
        let exp = iat + ACCESS_SECONDS;
        let sub = match subject {
            Subject::Member(id) => id.to_string(),
            Subject::Staff(id) => id.to_string(),
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: subject.audience(),
            sub,
            sid: session,
            epoch,
            iat,
            exp,
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.signing)
            .map_err(AppError::internal)?;
        Ok((token, Timestamp::from_millis(exp * 1000)))
    }

    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Result<Verified> {
        let invalid = || AppError::from(ErrorCode::TokenInvalid);
        let read = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation)
            .map_err(|_| invalid())?;
        let claims = read.claims;
        let now = now.as_millis().div_euclid(1000);
        if claims.iat > now + CLOCK_SKEW_S {
            return Err(invalid());
        }
        if claims.exp <= now {
            return Err(ErrorCode::TokenExpired.into());
        }
        let subject = match claims.aud {
            Audience::Member => Subject::Member(claims.sub.parse().map_err(|_| invalid())?),
            Audience::Staff => Subject::Staff(claims.sub.parse().map_err(|_| invalid())?),
        };
        Ok(Verified {
            subject,
            session: claims.sid,
            epoch: claims.epoch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use shared::ids::{MemberId, StaffId};

    const KEY: &[u8] = b"a key that only these tests know";

    fn now() -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }

    fn verified() -> Verified {
        Verified {
            subject: Subject::Member(MemberId::from(shared_uuid(1))),
            session: SessionId::from(shared_uuid(2)),
            epoch: 3,
        }
    }

    fn shared_uuid(n: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(n)
    }

    fn issued() -> String {
        let it = verified();
        Tokens::new(KEY)
            .issue(it.subject, it.session, it.epoch, now())
            .expect("signed")
            .0
    }

    fn claims() -> Value {
        let second = now().as_millis() / 1000;
        json!({
            "iss": "coterie", "aud": "member", "sub": MemberId::from(shared_uuid(1)).to_string(),
            "sid": SessionId::from(shared_uuid(2)).to_string(), "epoch": 3, "iat": second, "exp": second + 900,
        })
    }

    fn refusal(token: &str) -> Option<ErrorCode> {
        Tokens::new(KEY)
            .verify(token, now())
            .err()
            .and_then(|it| it.code())
    }

    fn signed(algorithm: Algorithm, key: &[u8], claims: &Value) -> String {
        jsonwebtoken::encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(key),
        )
        .expect("signed")
    }

    fn with(name: &str, value: Value) -> String {
        let mut claims = claims();
        claims[name] = value;
        signed(Algorithm::HS256, KEY, &claims)
    }

    #[test]
    fn a_token_works_for_a_quarter_of_an_hour() {
        let (tokens, token) = (Tokens::new(KEY), issued());
        for seconds in [-5, 0, 899] {
            let at = now().plus_millis(seconds * 1000);
            assert_eq!(
                tokens.verify(&token, at).expect("it works"),
                verified(),
                "{seconds}"
            );
        }
        let late = tokens.verify(&token, now().plus_millis(900_000));
        assert_eq!(
            late.err().and_then(|it| it.code()),
            Some(ErrorCode::TokenExpired)
        );
        let early = tokens.verify(&token, now().plus_millis(-6000));
        assert_eq!(
            early.err().and_then(|it| it.code()),
            Some(ErrorCode::TokenInvalid)
        );
    }

    #[test]
    fn the_code_is_that_of_the_standard() {
        super::super::hmac::install();
        // The example of RFC 7515, appendix A.1.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==";
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = EncodingKey::from_urlsafe_base64_secret(key).expect("a key");
        let code = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
        assert_eq!(
            code.expect("signed"),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }

    #[test]
    fn forged_tokens_are_refused() {
        let invalid = Some(ErrorCode::TokenInvalid);
        assert_eq!(refusal(&signed(Algorithm::HS256, KEY, &claims())), None);
        assert_eq!(
            refusal(&signed(Algorithm::HS256, b"another key", &claims())),
            invalid
        );
        assert_eq!(refusal(&signed(Algorithm::HS384, KEY, &claims())), invalid);
        assert_eq!(refusal(&with("iss", json!("elsewhere"))), invalid);
        assert_eq!(refusal(&with("aud", json!("admin"))), invalid);
        assert_eq!(refusal(&with("aud", json!("staff"))), invalid);
        assert_eq!(
            refusal(&with(
                "sub",
                json!(StaffId::from(shared_uuid(1)).to_string())
            )),
            invalid
        );
        assert_eq!(refusal(&with("exp", json!("never"))), invalid);
        assert_eq!(refusal(&with("exp", Value::Null)), invalid);
        assert_eq!(refusal(&with("sid", Value::Null)), invalid);
        for text in ["", "a", "a.b.c", "..", &"x".repeat(5000)] {
            assert_eq!(refusal(text), invalid, "{text}");
        }
    }

    #[test]
    fn no_signature_and_a_changed_body_are_refused() {
        let token = issued();
        let parts: Vec<&str> = token.split('.').collect();
        // {"alg":"none"} and {"alg":"HS256"} with the signature left out.
        for header in ["eyJhbGciOiJub25lIn0", parts[0]] {
            assert_eq!(
                refusal(&format!("{header}.{}.", parts[1])),
                Some(ErrorCode::TokenInvalid)
            );
        }
        let other = signed(Algorithm::HS256, b"x", &json!({ "sub": "x" }));
        let body = other.split('.').nth(1).expect("a body");
        assert_eq!(
            refusal(&format!("{}.{body}.{}", parts[0], parts[2])),
            Some(ErrorCode::TokenInvalid)
        );
    }
}
