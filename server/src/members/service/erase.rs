//! The end of a membership: the person goes, the books stay.

use super::super::parts::PARTS;
use super::super::{consent_store, store};
use super::record::update;
use super::status::reason as checked_reason;
use super::{get, lock_existing};
use crate::App;
use crate::audit;
use crate::auth::CurrentMember;
use crate::db::Tx;
use crate::db::text::{DbText, to_json};
use crate::error::{AppError, Result};
use crate::http::rate_limit::Bucket;
use crate::members::login;
use crate::{orders, outbox, points, sessions, tiers};
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::{Consents, EraseMe, Erased, ErasureConfirmation, ErasurePreview};
use shared::members::rules::{pseudonym, redact};
use shared::points::Asset;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::webhooks::events::{Event, MemberGone};

/// An erasure in progress.
pub struct Erasure {
    /// Who is erased.
    pub member: MemberId,
    /// Who does it.
    pub actor: String,
    /// What names the person and must not be found anywhere afterwards: e-mail address, phone
    /// number, the shop's customer id, and the name.
    pub traces: Vec<String>,
}

/// What an erasure would do. A member who asks tells the session, which may confirm already.
///
/// # Errors
/// `members.not_found`, also for a member who is gone.
pub async fn preview_erasure(
    app: &App,
    member: MemberId,
    asking: Option<CurrentMember>,
) -> Result<ErasurePreview> {
    let record = get(app.db.read(), member).await?;
    if record.status.is_gone() {
        return Err(ErrorCode::MemberNotFound.into());
    }
    let zone = shared::time::zone(&record.time_zone).map_err(AppError::internal)?;
    let balances = points::views::balances(app, member, zone).await?;
    let (points, credit) = (balances.of(Asset::Points), balances.of(Asset::Credit));
    let tier = tiers::service::standing_of(app, &record).await?.standing;
    let known = login::find(app.db.read(), member).await?;
    let has_password = known.is_some_and(|it| it.password_hash.is_some());
    let confirmed = match asking {
        Some(it) => {
            sessions::service::is_fresh_hand_off(app.db.read(), it.session, app.db.now()).await?
        }
        None => false,
    };
    Ok(ErasurePreview {
        points: points.available,
        points_pending: points.pending,
        credit: credit.available + credit.pending,
        tier_code: tier.code,
        tier_name: tier.name,
        devices: sessions::service::count_of(app.db.read(), member, app.db.now()).await?,
        orders_kept: orders::service::count_of(app.db.read(), member).await?,
        pseudonym: pseudonym(member),
        confirmation: if has_password {
            ErasureConfirmation::Password
        } else {
            ErasureConfirmation::HandOff
        },
        confirmed,
    })
}

/// Ends one's own membership, confirmed by the password or by coming in through the shop.
///
/// # Errors
/// `request.invalid` for a wrong password, `auth.confirmation_required` without a confirmation,
/// `request.rate_limited` after many tries.
pub async fn erase_me(
    app: &App,
    member: MemberId,
    session: shared::ids::SessionId,
    request: EraseMe,
) -> Result<Erased> {
    let known = login::find(app.db.read(), member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    match (request.password, known.password_hash) {
        (Some(password), Some(hash)) => {
            app.limits
                .check(Bucket::SignInAccount, ("member", member))?;
            if !app.auth.passwords.verify(password, Some(hash)).await? {
                let message = "this is not your password";
                return Err(AppError::invalid_field("/password", "invalid", message));
            }
        }
        _ => {
            let now = app.db.now();
            if !sessions::service::is_fresh_hand_off(app.db.read(), session, now).await? {
                return Err(ErrorCode::ConfirmationRequired.into());
            }
        }
    }
    app.db
        .write(member, |tx, member| {
            let actor = member.to_string();
            Box::pin(async move { erase(tx, *member, &actor, "asked for by the member").await })
        })
        .await
}

/// Erases a member. One who is erased already stays so.
///
/// # Errors
/// `members.not_found`, `request.invalid` without a reason.
pub async fn erase(tx: &Tx, member: MemberId, actor: &str, reason: &str) -> Result<Erased> {
    let reason = checked_reason(reason)?;
    let row = store::find(tx, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    if MemberStatus::from_db(&row.status)? == MemberStatus::Erased {
        return Ok(erased(member, row.updated_at));
    }
    lock_existing(tx, member).await?;
    // Whoever was merged into the member is the same person, under other names.
    let mut rows = store::ended_in(tx, member).await?;
    rows.extend(store::find(tx, member).await?);
    let names = |it: &store::Model| {
        let names = [&it.email, &it.phone, &it.external_id, &it.name];
        names.map(Clone::clone).into_iter().flatten()
    };
    let traces: Vec<String> = rows.iter().flat_map(names).collect();
    for row in rows {
        wipe(tx, row, actor, &traces).await?;
    }
    let reason = redact(reason, &traces).unwrap_or_else(|| reason.to_owned());
    let detail = serde_json::json!({ "reason": reason });
    audit::service::record(tx, actor, "member.erased", &member.to_string(), &detail).await?;
    let gone = MemberGone { member_id: member };
    outbox::service::tell(tx, Some(member), Event::MemberErased(gone)).await?;
    Ok(erased(member, tx.now().as_millis()))
}

/// Takes away what every feature and the record itself hold of the person.
async fn wipe(tx: &Tx, mut row: store::Model, actor: &str, traces: &[String]) -> Result<()> {
    let erasure = Erasure {
        member: row.id.into(),
        actor: actor.to_owned(),
        traces: traces.to_vec(),
    };
    for part in PARTS {
        if let Some(erase) = part.erase {
            erase(tx, &erasure).await?;
        }
    }
    (row.external_id, row.name, row.email, row.phone) = (None, None, None, None);
    (row.birthday, row.password_hash) = (None, None);
    row.consents = to_json(&Consents::default())?;
    MemberStatus::Erased.to_db().clone_into(&mut row.status);
    row.auth_epoch += 1;
    update(tx, row).await?;
    Ok(())
}

fn erased(member: MemberId, at: i64) -> Erased {
    Erased {
        pseudonym: pseudonym(member),
        erased_at: Timestamp::from_millis(at),
    }
}

/// Takes away what a member said about being written to.
///
/// # Errors
/// When the database fails.
pub async fn forget_consents(tx: &Tx, member: MemberId) -> Result<()> {
    consent_store::forget(tx, member).await
}
