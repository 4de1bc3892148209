//! Templates: making, editing and ending them.

use crate::App;
use crate::audit;
use crate::coupons::store::{self, template, terms};
use crate::db::text::{DbText, to_json};
use crate::db::{Cursor, Tx, before, paged};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, QueryOrder, QuerySelect};
use shared::coupons::api::Template;
use shared::coupons::terms::check_terms;
use shared::coupons::{CouponTerms, TemplateState};
use shared::ids::CouponTemplateId;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::BTreeSet;

/// Takes a template for the rest of a write.
pub(super) async fn lock_template(tx: &Tx, id: CouponTemplateId) -> Result<template::Model> {
    let rows = store::lock_templates(tx, &BTreeSet::from([id.uuid()])).await?;
    let row = rows.into_iter().next();
    row.ok_or_else(|| ErrorCode::CouponTemplateNotFound.into())
}

/// The terms of a template that are in force.
pub(super) async fn load_terms(
    db: &impl ConnectionTrait,
    row: &template::Model,
) -> Result<CouponTerms> {
    let key = (row.id, row.version);
    let mut found = store::terms_of(db, &BTreeSet::from([key])).await?;
    found
        .remove(&key)
        .ok_or_else(|| AppError::internal("a template has no terms"))
}

fn view(row: &template::Model, terms: CouponTerms) -> Result<Template> {
    Ok(Template {
        id: row.id.into(),
        version: row.version,
        state: TemplateState::from_db(&row.state)?,
        terms,
        issued: row.issued,
        committed_uses: row.committed_uses,
        committed_amount: row.committed_amount,
        redeemed_uses: row.redeemed_uses,
        redeemed_amount: row.redeemed_amount,
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

/// A template with its terms.
///
/// # Errors
/// `coupons.template_not_found`.
pub async fn get(db: &impl ConnectionTrait, id: CouponTemplateId) -> Result<Template> {
    let row = template::Entity::find_by_id(id.uuid())
        .one(db)
        .await?
        .ok_or(ErrorCode::CouponTemplateNotFound)?;
    view(&row, load_terms(db, &row).await?)
}

/// Templates, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    state: Option<TemplateState>,
    q: Option<&str>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Template>> {
    use template::Column;
    let db = app.db.read();
    let mut query = template::Entity::find();
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.to_db()));
    }
    if let Some(q) = q.map(str::trim).filter(|it| !it.is_empty()) {
        query = query.filter(Column::SearchText.contains(q.to_lowercase()));
    }
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::CreatedAt, Column::Id, cursor));
    }
    let query = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1);
    let rows = query.all(db).await?;
    let keys: BTreeSet<_> = rows.iter().map(|it| (it.id, it.version)).collect();
    let terms = store::terms_of(db, &keys).await?;
    let at = |it: &template::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = paged(rows, limit, at, |it| it);
    let with_terms = |it: &template::Model| {
        let terms = terms.get(&(it.id, it.version)).cloned();
        view(
            it,
            terms.ok_or_else(|| AppError::internal("a template has no terms"))?,
        )
    };
    Ok(Page {
        data: page.data.iter().map(with_terms).collect::<Result<_>>()?,
        next_cursor: page.next_cursor,
    })
}

/// Terms as forms send them: an empty code is none.
fn without_blanks(terms: &CouponTerms) -> CouponTerms {
    let mut terms = terms.clone();
    terms.public_code = terms.public_code.filter(|it| !it.is_empty());
    terms
}

fn check(terms: &CouponTerms, app: &App, now: Timestamp) -> Result<()> {
    let mut errors = check_terms(terms);
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(now).ladder;
    let tiers: Vec<&str> = ladder.tiers.iter().map(|it| it.code.as_str()).collect();
    errors.extend(terms.audience.check("/audience", &tiers));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

fn search_text(terms: &CouponTerms) -> String {
    let code = terms.public_code.as_deref().unwrap_or_default();
    format!("{} {} {code}", terms.name.zh_cn, terms.name.en).to_lowercase()
}

/// Refuses a code that another template uses.
async fn refuse_taken(tx: &Tx, terms: &CouponTerms, own: Option<Uuid>) -> Result<()> {
    let Some(code) = &terms.public_code else {
        return Ok(());
    };
    let mut query = template::Entity::find().filter(template::Column::PublicCode.eq(code.as_str()));
    if let Some(own) = own {
        query = query.filter(template::Column::Id.ne(own));
    }
    match query.one(tx).await? {
        Some(_) => Err(ErrorCode::CouponCodeTaken.into()),
        None => Ok(()),
    }
}

async fn keep_terms(
    tx: &Tx,
    id: Uuid,
    version: i32,
    body: &CouponTerms,
    actor: &str,
) -> Result<()> {
    let row = terms::ActiveModel {
        template_id: Set(id),
        version: Set(version),
        body: Set(to_json(body)?),
        created_by: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
    };
    terms::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Makes a template, a draft at first.
///
/// # Errors
/// `request.invalid`, `coupons.code_taken`.
pub async fn create(tx: &Tx, app: &App, terms: &CouponTerms, actor: &str) -> Result<Template> {
    let terms = &without_blanks(terms);
    check(terms, app, tx.now())?;
    refuse_taken(tx, terms, None).await?;
    let id = CouponTemplateId::generate(&mut tx.ids());
    let now = tx.now().as_millis();
    let row = template::Model {
        id: id.uuid(),
        version: 1,
        state: TemplateState::Draft.to_db().to_owned(),
        public_code: terms.public_code.clone(),
        claimable: terms.claimable,
        search_text: search_text(terms),
        issued: 0,
        committed_uses: 0,
        committed_amount: 0,
        redeemed_uses: 0,
        redeemed_amount: 0,
        created_at: now,
        updated_at: now,
    };
    let active = template::ActiveModel::from(row.clone()).reset_all();
    template::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    keep_terms(tx, row.id, 1, terms, actor).await?;
    let detail = serde_json::json!({ "version": 1 });
    audit::service::record(
        tx,
        actor,
        "coupon_template.created",
        &id.to_string(),
        &detail,
    )
    .await?;
    view(&row, terms.clone())
}

/// Changes the terms of what is issued from now on. Issued coupons keep theirs.
///
/// # Errors
/// `request.invalid`, `coupons.code_taken`, `request.precondition_failed` when `seen` is not the
/// current version, `coupons.state_not_allowed` once the template has ended.
pub async fn edit(
    tx: &Tx,
    app: &App,
    id: CouponTemplateId,
    body: &CouponTerms,
    seen: i32,
    actor: &str,
) -> Result<Template> {
    let body = &without_blanks(body);
    check(body, app, tx.now())?;
    let mut row = lock_template(tx, id).await?;
    if row.version != seen {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    if TemplateState::from_db(&row.state)? == TemplateState::Ended {
        return Err(ErrorCode::CouponStateNotAllowed.into());
    }
    refuse_taken(tx, body, Some(row.id)).await?;
    row.version += 1;
    row.public_code.clone_from(&body.public_code);
    row.claimable = body.claimable;
    row.search_text = search_text(body);
    row.updated_at = tx.now().as_millis();
    keep_terms(tx, row.id, row.version, body, actor).await?;
    save(tx, &row).await?;
    let detail = serde_json::json!({ "version": row.version });
    audit::service::record(
        tx,
        actor,
        "coupon_template.changed",
        &id.to_string(),
        &detail,
    )
    .await?;
    view(&row, body.clone())
}

async fn save(tx: &Tx, row: &template::Model) -> Result<()> {
    let active = template::ActiveModel::from(row.clone()).reset_all();
    active.update(tx).await?;
    Ok(())
}

/// Begins, holds or ends a template.
///
/// # Errors
/// `coupons.template_not_found`, `coupons.state_not_allowed`.
pub async fn set_state(
    tx: &Tx,
    id: CouponTemplateId,
    state: TemplateState,
    actor: &str,
) -> Result<Template> {
    let mut row = lock_template(tx, id).await?;
    let from = TemplateState::from_db(&row.state)?;
    let allowed = match state {
        TemplateState::Draft => false,
        TemplateState::Active => matches!(from, TemplateState::Draft | TemplateState::Paused),
        TemplateState::Paused => from == TemplateState::Active,
        TemplateState::Ended => from != TemplateState::Ended,
    };
    if !allowed {
        return Err(ErrorCode::CouponStateNotAllowed.into());
    }
    state.to_db().clone_into(&mut row.state);
    row.updated_at = tx.now().as_millis();
    save(tx, &row).await?;
    let detail = serde_json::json!({ "state": state });
    audit::service::record(
        tx,
        actor,
        "coupon_template.state_changed",
        &id.to_string(),
        &detail,
    )
    .await?;
    let terms = load_terms(tx, &row).await?;
    view(&row, terms)
}

/// Whether there is any template.
///
/// # Errors
/// When the database fails.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(template::Entity::find().limit(1).one(db).await?.is_some())
}
