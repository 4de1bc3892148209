//! What is known of a member by coupons: given out, and taken away when the person goes.

use super::issue::tell;
use super::settle::release_held_of;
use crate::App;
use crate::coupons::store::{coupon, reservation};
use crate::coupons::views;
use crate::db::Tx;
use crate::db::text::redact_json;
use crate::error::Result;
use crate::members::service::{Erasure, ExportWriter};
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use shared::coupons::api::WalletTab;
use shared::ids::MemberId;
use shared::members::rules::redact;
use shared::webhooks::events::Event;

/// Everything in a member's wallet, and the checkouts it was used in.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    for (name, tab) in [
        ("coupons_usable", WalletTab::Usable),
        ("coupons_used", WalletTab::Used),
        ("coupons_expired", WalletTab::Expired),
    ] {
        to.pages(name, |limit, cursor| {
            Box::pin(views::wallet(app, member, tab, limit, cursor))
        })
        .await?;
    }
    to.pages("checkouts", |limit, cursor| {
        Box::pin(super::checkout::of_member(app, member, limit, cursor))
    })
    .await
}

/// Lets go what a member holds, takes back what could still be used, and takes the person's name
/// out of references that the shop chose.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, it: &Erasure) -> Result<()> {
    release_held_of(tx, it.member).await?;
    revoke_unused(tx, it).await?;
    let own = coupon::Entity::find().filter(coupon::Column::MemberId.eq(it.member.uuid()));
    for row in own.all(tx).await? {
        if let Some(reference) = redact(&row.source_ref, &it.traces) {
            // Two references may be the same without the name.
            let reference = format!("{reference} {}", row.id);
            coupon::Entity::update_many()
                .col_expr(coupon::Column::SourceRef, Expr::value(reference))
                .filter(coupon::Column::Id.eq(row.id))
                .exec(tx)
                .await?;
        }
    }
    forget_checkouts(tx, it).await
}

async fn revoke_unused(tx: &Tx, it: &Erasure) -> Result<()> {
    use coupon::Column;
    let rows = coupon::Entity::find()
        .filter(Column::MemberId.eq(it.member.uuid()))
        .filter(Column::RevokedAt.is_null())
        .filter(Expr::col(Column::Used).lt(Expr::col(Column::UsesMax)))
        .all(tx)
        .await?;
    for chunk in rows.chunks(1000) {
        coupon::Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(tx.now().as_millis()))
            .col_expr(Column::RevokedBy, Expr::value(it.actor.as_str()))
            .filter(Column::Id.is_in(chunk.iter().map(|it| it.id)))
            .exec(tx)
            .await?;
    }
    let told = rows.iter().map(|it| (it.id, it.template_id, it.member_id));
    tell(tx, Event::CouponRevoked, told).await
}

async fn forget_checkouts(tx: &Tx, it: &Erasure) -> Result<()> {
    use reservation::{Column, Entity};
    let own = Entity::find().filter(Column::MemberId.eq(it.member.uuid()));
    for row in own.all(tx).await? {
        let session = redact(&row.session_key, &it.traces);
        let body = redact_json(&row.body, &it.traces)?;
        if session.is_none() && body.is_none() {
            continue;
        }
        Entity::update_many()
            .col_expr(
                Column::SessionKey,
                Expr::value(session.unwrap_or(row.session_key)),
            )
            .col_expr(Column::Body, Expr::value(body.unwrap_or(row.body)))
            .filter(Column::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
