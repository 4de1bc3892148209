//! The second step of signing in: codes of an authenticator app (TOTP, RFC 6238), and recovery
//! codes for the day on which it is lost. The secret leaves the server once, when it is set up.

use super::second_factor_store::{self as store, Model};
use super::service::{get, login};
use crate::App;
use crate::audit;
use crate::auth::{Actor, CurrentStaff};
use crate::db::Tx;
use crate::db::text::{from_json, to_json};
use crate::error::{AppError, Result};
use crate::http::rate_limit::Bucket;
use crate::ids::{hash_secret, random_bytes};
use crate::sessions;
use fast_qr::convert::{Builder as _, Shape, svg::SvgBuilder};
use fast_qr::qr::QRBuilder;
use sea_orm::ConnectionTrait;
use shared::ids::StaffId;
use shared::problem::ErrorCode;
use shared::staff::api::{
    BeginTotp, DisableTotp, RecoveryCodes, ResetTotp, SecondFactor, Staff, StaffPolicy, TotpCode,
    TotpEnrolment,
};
use shared::time::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// How long a new secret waits to be confirmed.
const CONFIRM_MS: i64 = 15 * 60_000;
/// Recovery codes that are given out.
const RECOVERY_CODES: usize = 10;
/// Bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// The letters of recovery codes, without look-alikes.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Whether an account has a second factor, and whether it must get one first.
///
/// # Errors
/// When the database fails.
pub(super) async fn state(db: &impl ConnectionTrait, id: StaffId) -> Result<(bool, bool)> {
    let enabled = store::find(db, id)
        .await?
        .is_some_and(|it| it.confirmed_at.is_some());
    let must_enrol = !enabled && policy(db).await?.second_factor_required;
    Ok((enabled, must_enrol))
}

/// What the shop asks of all staff.
///
/// # Errors
/// When the database fails.
pub async fn policy(db: &impl ConnectionTrait) -> Result<StaffPolicy> {
    match crate::auth::setting(db, POLICY).await? {
        Some(text) => from_json(&text),
        None => Ok(StaffPolicy::default()),
    }
}

const POLICY: &str = "staff_policy";

/// Changes what the shop asks of all staff, at once on this node.
///
/// # Errors
/// When the database fails.
pub async fn set_policy(app: &App, wanted: StaffPolicy, actor: Actor) -> Result<StaffPolicy> {
    let set = app.db.write((wanted, actor), |tx, (wanted, actor)| {
        Box::pin(async move {
            crate::auth::set_setting(tx, POLICY, to_json(wanted)?).await?;
            let detail = serde_json::to_value(wanted)?;
            audit::service::record(tx, &actor.to_string(), "staff.policy_set", POLICY, &detail)
                .await
        })
    });
    set.await?;
    app.auth.forget();
    Ok(wanted)
}

/// How one's own account is protected.
///
/// # Errors
/// When the database fails.
pub async fn second_factor(app: &App, id: StaffId) -> Result<SecondFactor> {
    let row = store::find(app.db.read(), id).await?;
    let row = row.filter(|it| it.confirmed_at.is_some());
    let left = match &row {
        Some(row) => hashes(row)?.len(),
        None => 0,
    };
    Ok(SecondFactor {
        enabled: row.is_some(),
        enabled_at: row
            .and_then(|it| it.confirmed_at)
            .map(Timestamp::from_millis),
        recovery_codes_left: u8::try_from(left).unwrap_or(u8::MAX),
        required: policy(app.db.read()).await?.second_factor_required,
    })
}

fn totp(secret: &str, account: &str, issuer: &str) -> Result<Totp> {
    let secret = Secret::try_from_base32(secret).map_err(AppError::internal)?;
    // A colon would end the label.
    let clean = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_account_name(clean(account))
        .with_issuer(Some(clean(issuer)))
        .build()
        .map_err(AppError::internal)
}

/// Refuses whoever does not know the account's password.
async fn require_password(app: &App, id: StaffId, password: String) -> Result<()> {
    app.limits.check(Bucket::SecondStep, ("password", id))?;
    let known = login(app.db.read(), id).await?;
    let hash = known.map(|it| it.password_hash);
    if app.auth.passwords.verify(password, hash).await? {
        Ok(())
    } else {
        let message = "this is not your password";
        Err(AppError::invalid_field("/password", "invalid", message))
    }
}

/// Makes a secret for an authenticator app. It counts after it was confirmed.
///
/// # Errors
/// `request.invalid` for a wrong password, `staff.second_factor_enabled` when there is one.
pub async fn begin(app: &App, id: StaffId, request: BeginTotp) -> Result<TotpEnrolment> {
    require_password(app, id, request.password).await?;
    let account = get(app, id).await?;
    let secret = Secret::from(random_bytes::<SECRET_BYTES>()).to_base32();
    let issuer = app.rulebook().programme.name.en.clone();
    let uri = totp(&secret, &account.email, &issuer)?
        .to_url()
        .map_err(AppError::internal)?;
    let kept = app.db.write((id, secret.clone()), |tx, (id, secret)| {
        Box::pin(async move {
            if store::lock(tx, *id)
                .await?
                .is_some_and(|it| it.confirmed_at.is_some())
            {
                return Err(ErrorCode::SecondFactorEnabled.into());
            }
            store::begin(tx, *id, secret.clone()).await
        })
    });
    kept.await?;
    Ok(TotpEnrolment {
        qr_svg: picture(&uri)?,
        uri,
        secret,
        expires_at: app.db.now().plus_millis(CONFIRM_MS),
    })
}

/// An address as a QR code.
fn picture(text: &str) -> Result<String> {
    let code = QRBuilder::new(text)
        .build()
        .map_err(|_| AppError::internal("the address does not fit into a QR code"))?;
    Ok(SvgBuilder::default().shape(Shape::Square).to_str(&code))
}

/// New recovery codes, and what is kept of them.
fn new_codes() -> (Vec<String>, Vec<String>) {
    let code = || {
        let bytes = random_bytes::<16>();
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        let groups = bytes.chunks(4);
        let groups = groups.map(|it| it.iter().map(letter).collect::<String>());
        groups.collect::<Vec<_>>().join("-")
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
    let hashes = codes.iter().map(|it| hash_code(it)).collect();
    (codes, hashes)
}

/// What is kept of a recovery code, however it was typed.
fn hash_code(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    hash_secret(&letters.collect::<String>().to_ascii_lowercase())
}

fn hashes(row: &Model) -> Result<Vec<String>> {
    from_json(&row.recovery_hashes)
}

/// What a code of an account is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// No second factor is set up, so none is asked for.
    NotNeeded,
    /// It is right, and has been used up.
    Right,
    /// There is none.
    Missing,
    /// It is wrong, or was used before.
    Wrong,
}

/// Looks at a code and uses it up: each time step and each recovery code counts once.
///
/// # Errors
/// When the database fails.
pub async fn prove(tx: &Tx, id: StaffId, code: Option<&str>) -> Result<Proof> {
    let row = store::lock(tx, id).await?;
    let Some(row) = row.filter(|it| it.confirmed_at.is_some()) else {
        return Ok(Proof::NotNeeded);
    };
    let Some(code) = code.map(str::trim).filter(|it| !it.is_empty()) else {
        return Ok(Proof::Missing);
    };
    if let Some(step) = step_of(&row, code, tx.now())? {
        store::use_step(tx, id, step).await?;
        return Ok(Proof::Right);
    }
    let mut hashes = hashes(&row)?;
    let wanted = hash_code(code);
    let Some(place) = hashes.iter().position(|it| *it == wanted) else {
        return Ok(Proof::Wrong);
    };
    hashes.remove(place);
    store::keep_codes(tx, id, to_json(&hashes)?).await?;
    let name = id.to_string();
    let detail = serde_json::json!({ "left": hashes.len() });
    audit::service::record(tx, &name, "staff.recovery_code_used", &name, &detail).await?;
    Ok(Proof::Right)
}

/// The time step that a code is of, if it is newer than the last one that counted.
fn step_of(row: &Model, code: &str, now: Timestamp) -> Result<Option<i64>> {
    let digits: String = code.chars().filter(|it| !it.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = now.as_millis().div_euclid(1000).max(0).unsigned_abs();
    let step = totp(&row.secret, "staff", "Coterie")?.check(&digits, seconds);
    let step = step.and_then(|it| i64::try_from(it).ok());
    Ok(step.filter(|it| row.last_step.is_none_or(|last| *it > last)))
}

/// Confirms the secret that was made last with a code of it; from now on signing in takes two
/// steps.
///
/// # Errors
/// `request.invalid` for a wrong code, `staff.second_factor_missing` when nothing was begun in
/// the last minutes, `staff.second_factor_enabled` when it was confirmed before.
pub async fn confirm(app: &App, id: StaffId, request: TotpCode) -> Result<RecoveryCodes> {
    app.limits.check(Bucket::SecondStep, ("confirm", id))?;
    let (codes, hashes) = new_codes();
    let confirmed = app
        .db
        .write((id, request.code, hashes), |tx, (id, code, hashes)| {
            Box::pin(async move {
                let row = store::lock(tx, *id)
                    .await?
                    .ok_or(ErrorCode::SecondFactorMissing)?;
                if row.confirmed_at.is_some() {
                    return Err(ErrorCode::SecondFactorEnabled.into());
                }
                if tx.now().as_millis() - row.created_at > CONFIRM_MS {
                    return Err(ErrorCode::SecondFactorMissing.into());
                }
                let step = step_of(&row, code, tx.now())?.ok_or_else(wrong_code)?;
                store::confirm(tx, *id, step, to_json(hashes)?).await?;
                let name = id.to_string();
                let detail = serde_json::json!({});
                audit::service::record(tx, &name, "staff.second_factor_enabled", &name, &detail)
                    .await
            })
        });
    confirmed.await?;
    app.auth.forget();
    Ok(RecoveryCodes { codes })
}

fn wrong_code() -> AppError {
    let message = "expected the code that the app shows now, each once";
    AppError::invalid_field("/code", "invalid", message)
}

/// Uses up a code inside a write; refuses when it is wrong, or nothing is set up.
async fn require_code(tx: &Tx, id: StaffId, code: &str) -> Result<()> {
    match prove(tx, id, Some(code)).await? {
        Proof::Right => Ok(()),
        Proof::NotNeeded => Err(ErrorCode::SecondFactorMissing.into()),
        Proof::Missing | Proof::Wrong => Err(wrong_code()),
    }
}

/// Gives new recovery codes in place of the old ones.
///
/// # Errors
/// `request.invalid` for a wrong code, `staff.second_factor_missing`.
pub async fn renew_codes(app: &App, id: StaffId, request: TotpCode) -> Result<RecoveryCodes> {
    app.limits.check(Bucket::SecondStep, ("confirm", id))?;
    let (codes, hashes) = new_codes();
    app.db
        .write((id, request.code, hashes), |tx, (id, code, hashes)| {
            Box::pin(async move {
                require_code(tx, *id, code).await?;
                store::keep_codes(tx, *id, to_json(hashes)?).await?;
                let name = id.to_string();
                let detail = serde_json::json!({});
                audit::service::record(tx, &name, "staff.recovery_codes_renewed", &name, &detail)
                    .await
            })
        })
        .await?;
    Ok(RecoveryCodes { codes })
}

/// Gives one's own second factor up.
///
/// # Errors
/// `request.invalid` for a wrong password or code, `staff.second_factor_missing`.
pub async fn disable(app: &App, id: StaffId, request: DisableTotp) -> Result<()> {
    require_password(app, id, request.password).await?;
    app.db
        .write((id, request.code), |tx, (id, code)| {
            Box::pin(async move {
                require_code(tx, *id, code).await?;
                store::remove(tx, *id).await?;
                let name = id.to_string();
                let detail = serde_json::json!({});
                audit::service::record(tx, &name, "staff.second_factor_disabled", &name, &detail)
                    .await
            })
        })
        .await?;
    app.auth.forget();
    Ok(())
}

/// Takes another account's second factor away and signs it out, at once on this node.
///
/// # Errors
/// `staff.not_found`; `auth.forbidden` for one's own account; `request.invalid` without a reason;
/// `staff.second_factor_missing`.
pub async fn reset(app: &App, id: StaffId, request: ResetTotp, by: CurrentStaff) -> Result<Staff> {
    if by.id == id {
        let detail = "give your own second factor up with your password and a code";
        return Err(AppError::refused(ErrorCode::Forbidden, detail));
    }
    let reason = request.reason.trim().to_owned();
    if !(3..=200).contains(&reason.chars().count()) {
        let message = "say why, in 3 to 200 characters";
        return Err(AppError::invalid_field("/reason", "out_of_range", message));
    }
    get(app, id).await?;
    remove_for(app, id, reason, by.actor()).await?;
    get(app, id).await
}

/// Takes an account's second factor away and signs it out.
///
/// # Errors
/// `staff.second_factor_missing`.
pub async fn remove_for(app: &App, id: StaffId, reason: String, actor: Actor) -> Result<()> {
    app.db
        .write((id, reason, actor), |tx, (id, reason, actor)| {
            Box::pin(async move {
                if !store::remove(tx, *id).await? {
                    return Err(ErrorCode::SecondFactorMissing.into());
                }
                sessions::service::end_all_of_staff(tx, *id).await?;
                let (actor, target) = (actor.to_string(), id.to_string());
                let detail = serde_json::json!({ "reason": reason });
                audit::service::record(tx, &actor, "staff.second_factor_reset", &target, &detail)
                    .await
            })
        })
        .await?;
    app.auth.forget();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn row(last_step: Option<i64>) -> Model {
        Model {
            staff_id: uuid::Uuid::nil(),
            secret: SECRET.to_owned(),
            created_at: 0,
            confirmed_at: Some(0),
            last_step,
            recovery_hashes: "[]".to_owned(),
        }
    }

    #[test]
    fn codes_are_those_of_the_standard_and_count_once() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let step =
            |last, code: &str, seconds| step_of(&row(last), code, at(seconds)).expect("a secret");
        // The last six digits of the standard's eight.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
        ] {
            assert_eq!(step(None, code, seconds), Some(seconds / 30), "{code}");
            assert_eq!(
                step(None, code, seconds + 30),
                Some(seconds / 30),
                "a step late"
            );
            assert_eq!(step(None, code, seconds + 61), None, "two steps late");
            assert_eq!(
                step(Some(seconds / 30), code, seconds),
                None,
                "a second time"
            );
        }
        assert_eq!(step(None, "287 082", 59), Some(1));
        for wrong in ["287083", "28708", "2870822", "", "abcdef", "٢٨٧٠٨٢"] {
            assert_eq!(step(None, wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn recovery_codes_are_many_long_and_read_as_typed() {
        let (codes, hashes) = new_codes();
        assert_eq!((codes.len(), hashes.len()), (10, 10));
        for (code, hash) in codes.iter().zip(&hashes) {
            assert_eq!(code.len(), 19, "{code}");
            assert_eq!(hash_code(&code.to_uppercase().replace('-', " ")), *hash);
            assert!(!hashes.contains(code));
        }
    }

    #[test]
    fn an_address_becomes_a_picture() {
        let uri = totp(SECRET, "li:n@shop.example", "Tea & Co")
            .expect("a secret")
            .to_url();
        let uri = uri.expect("an address");
        assert!(
            uri.starts_with("otpauth://totp/") && uri.contains(SECRET),
            "{uri}"
        );
        let svg = picture(&uri).expect("it fits");
        assert!(svg.starts_with("<svg") && !svg.contains("script"), "{svg}");
    }
}
