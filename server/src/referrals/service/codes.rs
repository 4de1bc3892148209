//! Members' codes, and visits through their links.

use super::super::store::{self, code, visit};
use super::offer;
use super::signals::{keyed_hash, read_device};
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::ids::{hash_secret, random_bytes, secret};
use crate::members;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use shared::ids::{MemberId, VisitId};
use shared::members::MemberStatus;
use shared::members::rules::masked_name;
use shared::problem::ErrorCode;
use shared::referrals::api::{Invitation, RecordVisit, Visit};
use shared::time::Timestamp;

/// Characters of a code: capitals and digits that cannot be taken for one another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Length of a code: 40 bits.
const CODE_LEN: usize = 8;

fn random_code() -> String {
    let bytes = random_bytes::<CODE_LEN>();
    bytes
        .iter()
        .map(|it| char::from(ALPHABET[usize::from(it % 32)]))
        .collect()
}

/// A code as it is stored, from what somebody typed; `None` when it cannot be one.
pub(super) fn read_code(text: &str) -> Option<String> {
    let code: String = text
        .chars()
        .filter(|it| !it.is_whitespace() && *it != '-')
        .map(|it| it.to_ascii_uppercase())
        .collect();
    let fine = code.len() == CODE_LEN && code.bytes().all(|it| ALPHABET.contains(&it));
    fine.then_some(code)
}

/// A member's code; made the first time that it is asked for.
///
/// # Errors
/// When the database fails.
pub async fn my_code(app: &App, member: MemberId) -> Result<String> {
    if let Some(row) = code::Entity::find_by_id(member.uuid())
        .one(app.db.read())
        .await?
    {
        return Ok(row.code);
    }
    app.db
        .write(member, |tx, member| Box::pin(make_code(tx, *member)))
        .await
}

async fn make_code(tx: &Tx, member: MemberId) -> Result<String> {
    let row = code::ActiveModel {
        member_id: Set(member.uuid()),
        code: Set(random_code()),
        created_at: Set(tx.now().as_millis()),
    };
    // Who asked at the same moment may have made it.
    code::Entity::insert(row)
        .on_conflict(
            OnConflict::column(code::Column::MemberId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let made = code::Entity::find_by_id(member.uuid()).one(tx).await?;
    made.map(|it| it.code)
        .ok_or_else(|| AppError::internal("a referral code was not kept"))
}

/// The owner of a code who may invite.
pub(super) async fn inviter(db: &impl ConnectionTrait, code: &str) -> Result<MemberId> {
    let code = read_code(code).ok_or(ErrorCode::ReferralCodeNotFound)?;
    let owner = store::owner(db, &code).await?;
    let owner = owner.ok_or(ErrorCode::ReferralCodeNotFound)?;
    // The link of a merged member is as good as that of who goes on.
    members::service::going_on(db, owner).await
}

/// What a friend sees who opens the link of a code.
///
/// # Errors
/// `referrals.code_not_found`, also for a member who has left.
pub async fn invitation(app: &App, code: &str) -> Result<Invitation> {
    let owner = inviter(app.db.read(), code).await?;
    invitation_of(app, owner).await
}

pub(super) async fn invitation_of(app: &App, owner: MemberId) -> Result<Invitation> {
    let member = members::service::get(app.db.read(), owner).await?;
    if member.status == MemberStatus::Erased {
        return Err(ErrorCode::ReferralCodeNotFound.into());
    }
    Ok(Invitation {
        code: my_code(app, owner).await?,
        inviter: member.name.as_deref().map(masked_name),
        offer: offer(app).await?,
    })
}

/// Keeps a visit, or finds the one that this browser made before: the first touch counts for as
/// long as it lasts. `network` is what the address of the visitor is known by.
///
/// # Errors
/// `referrals.code_not_found`, `request.invalid`.
pub async fn record_visit(app: &App, request: RecordVisit, network: String) -> Result<Visit> {
    let device = read_device(request.device.as_deref())?;
    let owner = inviter(app.db.read(), &request.code).await?;
    if let Some(token) = &request.visit
        && let Some(row) = find_visit(app.db.read(), token, app.db.now()).await?
    {
        return Ok(Visit {
            visit: token.clone(),
            expires_at: Timestamp::from_millis(row.expires_at),
            invitation: invitation_of(app, row.referrer_id.into()).await?,
        });
    }
    let invitation = invitation_of(app, owner).await?;
    let now = app.db.now();
    let expires_at = now.plus_days(i64::from(invitation.offer.attribution_days));
    let token = secret();
    let row = visit::ActiveModel {
        id: Set(VisitId::generate(&mut app.db.ids()).uuid()),
        token_hash: Set(hash_secret(&token)),
        referrer_id: Set(owner.uuid()),
        device_hash: Set(device.map(|it| keyed_hash(app, "device", &it))),
        network_hash: Set(Some(keyed_hash(app, "network", &network))),
        visited_at: Set(now.as_millis()),
        expires_at: Set(expires_at.as_millis()),
    };
    app.db
        .write(row, |tx, row| {
            tx.add(vec![row.clone()]);
            Box::pin(async { Ok(()) })
        })
        .await?;
    Ok(Visit {
        visit: token,
        expires_at,
        invitation,
    })
}

/// A visit by its token, while it counts.
pub(super) async fn find_visit(
    db: &impl ConnectionTrait,
    token: &str,
    now: Timestamp,
) -> Result<Option<visit::Model>> {
    let query = visit::Entity::find()
        .filter(visit::Column::TokenHash.eq(hash_secret(token)))
        .filter(visit::Column::ExpiresAt.gte(now.as_millis()));
    Ok(query.one(db).await?)
}

/// Drops visits that no longer count.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    // They stay for the reports for as long as a friend may take to order.
    let before = tx.now().plus_days(-365).as_millis();
    visit::Entity::delete_many()
        .filter(visit::Column::ExpiresAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = random_code();
        assert_eq!(read_code(&code), Some(code.clone()));
        let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
        assert_eq!(read_code(&typed), Some(code));
        for wrong in [
            "",
            "ABCDEFG",
            "ABCDEFGH9",
            "ABCDEFG0",
            "ABCDEFGI",
            "ＡBCDEFGH",
        ] {
            assert_eq!(read_code(wrong), None, "{wrong}");
        }
    }
}
