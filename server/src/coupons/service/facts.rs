//! What coupons are judged by, loaded for a checkout.

use super::codes::{self, Found};
use super::issue::{self, groups_of};
use crate::App;
use crate::coupons::store::{self, coupon, template};
use crate::coupons::use_store;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::members::service::MemberFacts;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::coupons::api::WalletTab;
use shared::coupons::rules::Candidate;
use shared::coupons::{Coupon, CouponTerms, TemplateState};
use shared::ids::{CouponId, CouponTemplateId};
use shared::members::audience::Groups;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// Most coupons of a wallet that a quote looks at.
const WALLET_MAX: u64 = 200;

/// A coupon that a checkout names: judged, or not to be had.
pub(super) enum Named {
    /// It can be judged.
    Coupon(Box<Candidate>),
    /// There is none, and why.
    Missing(ErrorCode),
}

/// What a checkout of one member is judged by.
pub(super) struct Facts {
    pub named: Vec<Named>,
    pub groups: Groups,
    pub templates: HashMap<Uuid, template::Model>,
}

/// Looks at the coupons that a checkout names, without taking anything. A code that nobody has
/// typed in yet is judged like the coupon that it would give.
pub(super) async fn look(app: &App, member: &MemberFacts, references: &[String]) -> Result<Facts> {
    let db = app.db.read();
    let now = app.db.now();
    let rows = rows_of(db, references).await?;
    let mut named: Vec<Result<coupon::Model, ErrorCode>> = Vec::new();
    for (reference, row) in references.iter().zip(rows) {
        named.push(match row {
            Some(row) => Ok(row),
            None => match codes::find(db, reference).await? {
                Found::Template(id) => preview(app, member, id, now).await?,
                Found::Refused(code) => Err(code),
            },
        });
    }
    judged(db, app, member, named, false).await
}

/// Looks at the coupons of a member that could be used now or later, what ends first first, and at
/// codes. Answers by which name a checkout can ask for each.
pub(super) async fn look_at_wallet(
    app: &App,
    member: &MemberFacts,
    codes: &[String],
) -> Result<(Vec<String>, Facts)> {
    use coupon::Column;
    let db = app.db.read();
    let rows = coupon::Entity::find()
        .filter(Column::MemberId.eq(member.id.uuid()))
        .filter(crate::coupons::views::in_tab(
            WalletTab::Usable,
            app.db.now(),
        ))
        .order_by_asc(Column::ExpiresAt)
        .order_by_asc(Column::Id)
        .limit(WALLET_MAX)
        .all(db)
        .await?;
    let typed = rows_of(db, codes).await?;
    let held = |it: &Option<coupon::Model>| {
        let found = it.as_ref().map(|it| it.id);
        found.is_some_and(|id| rows.iter().any(|row| row.id == id))
    };
    let mut names: Vec<String> = rows
        .iter()
        .map(|it| CouponId::from(it.id).to_string())
        .collect();
    let others = codes.iter().zip(&typed).filter(|it| !held(it.1));
    names.extend(others.map(|it| it.0.clone()));
    let facts = look(app, member, &names).await?;
    Ok((names, facts))
}

/// What a code would give that is not yet a coupon.
async fn preview(
    app: &App,
    member: &MemberFacts,
    id: CouponTemplateId,
    now: Timestamp,
) -> Result<Result<coupon::Model, ErrorCode>> {
    let db = app.db.read();
    let groups = groups_of(db, app, member.id).await?;
    let rows = store::templates(db, &BTreeSet::from([id.uuid()])).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(Err(ErrorCode::CouponTemplateNotFound));
    };
    issue::would_be(db, row, member, &groups, now, &mut app.db.ids()).await
}

/// Takes the coupons that a checkout names for the rest of the write: templates first, in one
/// order. A code that nobody has typed in yet becomes the member's coupon.
pub(super) async fn take(
    tx: &Tx,
    app: &App,
    member: &MemberFacts,
    references: &[String],
) -> Result<Facts> {
    let rows = rows_of(tx, references).await?;
    let mut named: Vec<Result<coupon::Model, ErrorCode>> = Vec::new();
    for (reference, row) in references.iter().zip(rows) {
        named.push(match row {
            Some(row) => Ok(row),
            None => claim_code(tx, app, member, reference).await?,
        });
    }
    let own: Vec<&coupon::Model> = named
        .iter()
        .flatten()
        .filter(|it| it.member_id == member.id.uuid() && it.reserved > 0)
        .collect();
    let stale: Vec<Uuid> = own.iter().map(|it| it.id).collect();
    if !stale.is_empty() {
        super::settle::release_expired_of(tx, &stale).await?;
        let again = coupons_by_id(tx, &stale).await?;
        for row in named.iter_mut().flatten() {
            if let Some(fresh) = again.get(&row.id) {
                row.clone_from(fresh);
            }
        }
    }
    judged(tx, app, member, named, true).await
}

async fn claim_code(
    tx: &Tx,
    app: &App,
    member: &MemberFacts,
    reference: &str,
) -> Result<Result<coupon::Model, ErrorCode>> {
    let id = match codes::enter_locked(tx, app, member.clone(), reference).await {
        Ok(id) => id,
        Err(AppError::Refused(refused)) => return Ok(Err(refused.code)),
        Err(error) => return Err(error),
    };
    let row = coupon::Entity::find_by_id(id.uuid()).one(tx).await?;
    row.map(Ok)
        .ok_or_else(|| AppError::internal("a coupon that was issued is gone"))
}

async fn coupons_by_id(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, coupon::Model>> {
    let rows = coupon::Entity::find().filter(coupon::Column::Id.is_in(ids.iter().copied()));
    Ok(rows
        .all(db)
        .await?
        .into_iter()
        .map(|it| (it.id, it))
        .collect())
}

/// The coupons that references name, by id or by code.
async fn rows_of(
    db: &impl ConnectionTrait,
    references: &[String],
) -> Result<Vec<Option<coupon::Model>>> {
    use coupon::Column;
    let ids = |it: &String| it.parse::<CouponId>().ok().map(CouponId::uuid);
    let wanted: Vec<Uuid> = references.iter().filter_map(ids).collect();
    let texts: Vec<String> = references
        .iter()
        .filter(|it| ids(it).is_none())
        .filter_map(|it| shared::coupons::codes::normalise(it))
        .collect();
    let mut rows = Vec::new();
    if !wanted.is_empty() {
        rows.extend(
            coupon::Entity::find()
                .filter(Column::Id.is_in(wanted))
                .all(db)
                .await?,
        );
    }
    if !texts.is_empty() {
        rows.extend(
            coupon::Entity::find()
                .filter(Column::Code.is_in(texts))
                .all(db)
                .await?,
        );
    }
    let by_id: HashMap<Uuid, &coupon::Model> = rows.iter().map(|it| (it.id, it)).collect();
    let by_code: HashMap<&str, &coupon::Model> =
        rows.iter().map(|it| (it.code.as_str(), it)).collect();
    let found = references.iter().map(|it| match ids(it) {
        Some(id) => by_id.get(&id).map(|it| (*it).clone()),
        None => shared::coupons::codes::normalise(it)
            .and_then(|it| by_code.get(it.as_str()).map(|it| (*it).clone())),
    });
    Ok(found.collect())
}

/// Adds to coupons what the rules need: terms, templates and what the member has used.
async fn judged(
    db: &impl ConnectionTrait,
    app: &App,
    member: &MemberFacts,
    named: Vec<Result<coupon::Model, ErrorCode>>,
    lock: bool,
) -> Result<Facts> {
    let ids: BTreeSet<Uuid> = named.iter().flatten().map(|it| it.template_id).collect();
    let templates = if lock {
        store::lock_templates(db, &ids).await?
    } else {
        store::templates(db, &ids).await?
    };
    let templates: HashMap<Uuid, template::Model> =
        templates.into_iter().map(|it| (it.id, it)).collect();
    let mut keys: BTreeSet<(Uuid, i32)> =
        templates.values().map(|it| (it.id, it.version)).collect();
    keys.extend(
        named
            .iter()
            .flatten()
            .map(|it| (it.template_id, it.version)),
    );
    let terms = store::terms_of(db, &keys).await?;
    let limited = |id: &&Uuid| {
        let current = templates
            .get(id)
            .and_then(|it| terms.get(&(it.id, it.version)));
        current.is_some_and(|it| it.limits.use_max_per_member.is_some())
    };
    let limited: BTreeSet<Uuid> = ids.iter().filter(limited).copied().collect();
    let uses = use_store::member_uses(db, member.id, &limited).await?;
    let named = named.into_iter().map(|it| match it {
        Ok(row) => {
            let template = templates.get(&row.template_id);
            let template =
                template.ok_or_else(|| AppError::internal("a coupon has no template"))?;
            let used = uses.get(&row.template_id).map_or(0, Vec::len);
            candidate(&row, template, &terms, used).map(|it| Named::Coupon(Box::new(it)))
        }
        Err(code) => Ok(Named::Missing(code)),
    });
    let named = named.collect::<Result<Vec<_>>>()?;
    Ok(Facts {
        named,
        groups: groups_of(db, app, member.id).await?,
        templates,
    })
}

/// A coupon as the rules judge it: the terms it was issued by, with the limits of today.
fn candidate(
    row: &coupon::Model,
    template: &template::Model,
    terms: &HashMap<(Uuid, i32), CouponTerms>,
    member_uses: usize,
) -> Result<Candidate> {
    let of = |version: i32| {
        let found = terms.get(&(row.template_id, version)).cloned();
        found.ok_or_else(|| AppError::internal("a coupon has no terms"))
    };
    let mut own = of(row.version)?;
    own.limits = of(template.version)?.limits;
    let coupon: Coupon = use_store::to_coupon(row);
    Ok(Candidate {
        coupon,
        state: TemplateState::from_db(&template.state)?,
        uses_left: own
            .limits
            .budget_uses
            .map(|it| it - template.committed_uses),
        amount_left: own
            .limits
            .budget_amount
            .map(|it| it - template.committed_amount),
        member_uses: i64::try_from(member_uses).unwrap_or(i64::MAX),
        terms: own,
    })
}

/// A coupon by itself, as the rules judge it.
pub(crate) async fn facts_of_coupon(
    db: &impl ConnectionTrait,
    row: &coupon::Model,
) -> Result<Candidate> {
    let templates = store::templates(db, &BTreeSet::from([row.template_id])).await?;
    let template = templates.into_iter().next();
    let template = template.ok_or_else(|| AppError::internal("a coupon has no template"))?;
    let keys = BTreeSet::from([
        (row.template_id, row.version),
        (row.template_id, template.version),
    ]);
    let terms = store::terms_of(db, &keys).await?;
    let uses = use_store::member_uses(db, row.member_id.into(), &[row.template_id].into()).await?;
    let used = uses.get(&row.template_id).map_or(0, Vec::len);
    candidate(row, &template, &terms, used)
}
