//! Coupons in files: which template a name means, and what members could bring along elsewhere.

use crate::coupons::store::{self, coupon, template};
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use shared::coupons::TemplateState;
use shared::ids::{CouponId, CouponTemplateId, MemberId};
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The templates that are not over, by their ids and their names in both languages.
pub struct TemplateNames {
    by_name: HashMap<String, BTreeSet<Uuid>>,
    names: HashMap<Uuid, String>,
}

impl TemplateNames {
    /// The templates that a text means: none, one, or several of one name.
    #[must_use]
    pub fn meant(&self, text: &str) -> Vec<CouponTemplateId> {
        if let Ok(id) = text.parse::<CouponTemplateId>() {
            return vec![id];
        }
        let found = self.by_name.get(text).into_iter().flatten();
        found.map(|it| (*it).into()).collect()
    }

    /// What a file calls a template: its name when no other has it, or else its id.
    #[must_use]
    pub fn name_of(&self, id: CouponTemplateId) -> String {
        let name = self.names.get(&id.uuid());
        let only = name.filter(|it| self.by_name.get(*it).is_some_and(|all| all.len() == 1));
        only.cloned().unwrap_or_else(|| id.to_string())
    }
}

/// What templates are called.
///
/// # Errors
/// When the database fails.
pub async fn template_names(db: &impl ConnectionTrait) -> Result<TemplateNames> {
    let rows = template::Entity::find()
        .filter(template::Column::State.ne(TemplateState::Ended.to_db()))
        .all(db)
        .await?;
    let keys = rows.iter().map(|it| (it.id, it.version)).collect();
    let terms = store::terms_of(db, &keys).await?;
    let mut by_name: HashMap<String, BTreeSet<Uuid>> = HashMap::new();
    let mut names = HashMap::new();
    for ((id, _), terms) in terms {
        names.insert(id, terms.name.zh_cn.clone());
        for name in [terms.name.zh_cn, terms.name.en] {
            by_name.entry(name).or_default().insert(id);
        }
    }
    Ok(TemplateNames { by_name, names })
}

/// A coupon that can still be used.
#[derive(Debug, Clone)]
pub struct OpenCoupon {
    /// The coupon.
    pub id: CouponId,
    /// Whose it is.
    pub member: MemberId,
    /// What it was issued from.
    pub template: CouponTemplateId,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Coupons of members of which nothing was used yet and that can still be used, by member. One that
/// was used in part would come in as a whole one elsewhere.
///
/// # Errors
/// When the database fails.
pub async fn open_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    now: Timestamp,
) -> Result<Vec<OpenCoupon>> {
    use coupon::Column;
    let rows = coupon::Entity::find()
        .filter(Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.as_millis()))
        .filter(Column::Used.eq(0))
        .order_by_asc(Column::MemberId)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let open = rows.into_iter().map(|it| OpenCoupon {
        id: it.id.into(),
        member: it.member_id.into(),
        template: it.template_id.into(),
        expires_at: Timestamp::from_millis(it.expires_at),
    });
    Ok(open.collect())
}

/// Which of these coupons are here.
///
/// # Errors
/// When the database fails.
pub async fn known(db: &impl ConnectionTrait, ids: &[CouponId]) -> Result<HashSet<CouponId>> {
    let ids = ids.iter().map(|it| it.uuid());
    let rows = coupon::Entity::find().filter(coupon::Column::Id.is_in(ids));
    Ok(rows.all(db).await?.iter().map(|it| it.id.into()).collect())
}
