//! What the tests of coupons share.

use super::rules::{Candidate, Shopper};
use super::{
    Cart, Coupon, CouponLimits, CouponScope, CouponTerms, Discount, Stacking, TemplateState,
    Validity,
};
use crate::ids::{CouponId, CouponTemplateId, MemberId};
use crate::members::audience::{Audience, Groups};
use crate::orders::OrderLine;
use crate::testing::at;
use crate::text::Text;
use uuid::Uuid;

/// Terms that say nothing but what is given.
pub(super) fn terms(discount: Discount) -> CouponTerms {
    CouponTerms {
        name: Text::new("券", "Coupon"),
        description: Text::new("", ""),
        discount,
        threshold_amount: 0,
        scope: CouponScope::default(),
        audience: Audience::default(),
        validity: dated("2026-06-01", "2026-06-30"),
        limits: CouponLimits::default(),
        stacking: Stacking::default(),
        claimable: true,
        public_code: None,
        grace_days: 7,
    }
}

pub(super) fn dated(from: &str, until: &str) -> Validity {
    let day = |text: &str| text.parse().expect("a day");
    Validity::Dated {
        from: day(from),
        until: day(until),
    }
}

/// Coupon number `number` of the member, valid in June, in a group of its own.
pub(super) fn candidate(number: u128, terms: CouponTerms) -> Candidate {
    let mut terms = terms;
    if terms.stacking.group == "default" {
        terms.stacking.group = number.to_string();
    }
    Candidate {
        coupon: Coupon {
            id: CouponId::from(Uuid::from_u128(number)),
            template: CouponTemplateId::from(Uuid::from_u128(number)),
            version: 1,
            member: MemberId::from(Uuid::nil()),
            code: String::new(),
            valid_from: at("2026-05-31T16:00:00Z"),
            expires_at: at("2026-06-30T15:59:59.999Z"),
            uses_max: 1,
            used: 0,
            reserved: 0,
            revoked_at: None,
        },
        terms,
        state: TemplateState::Active,
        uses_left: None,
        amount_left: None,
        member_uses: 0,
    }
}

/// A gold member who is a parent. Tests leak it rather than carry it around.
pub(super) fn groups() -> &'static Groups {
    Box::leak(Box::new(Groups {
        tier: "gold".to_owned(),
        tags: vec!["parents".to_owned()],
    }))
}

pub(super) fn shopper() -> Shopper<'static> {
    Shopper {
        member: MemberId::from(Uuid::nil()),
        groups: groups(),
        now: at("2026-06-15T04:00:00Z"),
    }
}

/// A cart of lines with these amounts; line `i` is product `s{i}` of category `c{i % 3}`.
pub(super) fn cart(amounts: &[i64], shipping: i64) -> Cart {
    let line = |(i, amount): (usize, &i64)| OrderLine {
        claim: None,
        line_id: i.to_string(),
        sku: format!("s{i}"),
        category: Some(format!("c{}", i % 3)),
        quantity: 1,
        amount: *amount,
    };
    Cart {
        currency: "CNY".parse().expect("a currency"),
        lines: amounts.iter().enumerate().map(line).collect(),
        shipping,
    }
}
