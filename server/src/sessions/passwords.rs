//! Changing one's own password.

use super::store;
use crate::App;
use crate::audit;
use crate::auth::Subject;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::http::rate_limit::Bucket;
use crate::members;
use crate::staff;
use shared::ids::SessionId;
use shared::members::rules::check_password;
use shared::problem::ErrorCode;
use shared::sessions::api::{ChangePassword, PasswordState};

/// Whether a person signs in with a password.
///
/// # Errors
/// When the database fails.
pub async fn state(app: &App, subject: Subject) -> Result<PasswordState> {
    let is_set = hash_of(app.db.read(), subject).await?.is_some();
    Ok(PasswordState { is_set })
}

async fn hash_of(db: &impl sea_orm::ConnectionTrait, subject: Subject) -> Result<Option<String>> {
    Ok(match subject {
        Subject::Member(id) => members::login::find(db, id)
            .await?
            .and_then(|it| it.password_hash),
        Subject::Staff(id) => staff::service::login(db, id)
            .await?
            .map(|it| it.password_hash),
    })
}

/// Sets a person's password, who knows the present one, and ends all sessions but the one that asks.
///
/// # Errors
/// `request.invalid` for a password that cannot be, or when the present one is another;
/// `auth.no_password` for a member who has none; `request.rate_limited` after many tries.
pub async fn change(
    app: &App,
    subject: Subject,
    session: SessionId,
    request: ChangePassword,
) -> Result<()> {
    check_password(&request.password).map_err(|it| AppError::invalid(vec![it]))?;
    app.limits
        .check(Bucket::SecondStep, ("password", subject))?;
    let known = hash_of(app.db.read(), subject).await?;
    let known = known.ok_or(ErrorCode::NoPassword)?;
    let right = app
        .auth
        .passwords
        .verify(request.current, Some(known.clone()));
    if !right.await? {
        let message = "this is not your password";
        return Err(AppError::invalid_field("/current", "invalid", message));
    }
    let hash = app.auth.passwords.hash(request.password).await?;
    let args = (subject, session, known, hash);
    let done = app.db.write(args, |tx, (subject, session, known, hash)| {
        Box::pin(set(tx, *subject, *session, known, hash))
    });
    done.await?;
    app.auth.forget();
    Ok(())
}

async fn set(tx: &Tx, subject: Subject, session: SessionId, known: &str, hash: &str) -> Result<()> {
    // Somebody may have been faster while the password was checked.
    if hash_of(tx, subject).await?.as_deref() != Some(known) {
        return Err(ErrorCode::SessionEnded.into());
    }
    let (actor, action) = match subject {
        Subject::Member(id) => {
            members::login::set_password(tx, id, hash).await?;
            (id.to_string(), "member.password_changed")
        }
        Subject::Staff(id) => {
            staff::service::set_password(tx, id, hash).await?;
            (id.to_string(), "staff.password_changed")
        }
    };
    store::end_all(tx, subject, Some(session)).await?;
    audit::service::record(tx, &actor, action, &actor, &serde_json::json!({})).await
}
