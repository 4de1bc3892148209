//! The demo's coupons: templates of every kind, a wallet in every state.

use crate::App;
use crate::coupons::service;
use crate::error::{AppError, Result};
use shared::coupons::api::{Checkout, CouponPolicy, RedeemCoupons};
use shared::coupons::{
    Cart, CouponLimits, CouponScope, CouponSource, CouponSourceKind, CouponTerms, Discount,
    Stacking, TemplateState, Validity,
};
use shared::ids::{CouponId, CouponTemplateId, MemberId};
use shared::members::audience::Audience;
use shared::orders::OrderLine;
use shared::text::Text;

/// Terms that last `days` days; the caller says the rest.
pub(super) fn terms(zh: &str, en: &str, discount: Discount, days: u16) -> CouponTerms {
    CouponTerms {
        name: Text::new(zh, en),
        description: Text::new("", ""),
        discount,
        threshold_amount: 0,
        scope: CouponScope::default(),
        audience: Audience::default(),
        validity: Validity::Days { days },
        limits: CouponLimits::default(),
        stacking: Stacking::default(),
        claimable: false,
        public_code: None,
        grace_days: 7,
    }
}

pub(super) fn off(amount: i64) -> Discount {
    Discount::AmountOff { amount }
}

fn per_member(most: i64) -> CouponLimits {
    CouponLimits {
        issue_max_per_member: Some(most),
        ..CouponLimits::default()
    }
}

/// What is for everyone to take.
fn open() -> Vec<CouponTerms> {
    vec![
        CouponTerms {
            threshold_amount: 9_900,
            claimable: true,
            limits: CouponLimits {
                budget_amount: Some(500_000),
                issue_max: Some(500),
                ..per_member(2)
            },
            ..terms("满99减15", "15 off 99", off(1_500), 14)
        },
        CouponTerms {
            scope: CouponScope {
                categories: vec!["drinks".to_owned()],
                ..CouponScope::default()
            },
            stacking: Stacking {
                group: "drinks".to_owned(),
                exclusive: false,
            },
            claimable: true,
            limits: per_member(1),
            ..terms(
                "饮品八五折",
                "15% off drinks",
                Discount::PercentageOff {
                    bps: 1_500,
                    discount_cap: Some(3_000),
                },
                2,
            )
        },
    ]
}

/// What is for some, by code, or given.
fn closed() -> Vec<CouponTerms> {
    vec![
        CouponTerms {
            audience: Audience {
                tiers: vec!["diamond".to_owned()],
                tags: Vec::new(),
            },
            claimable: true,
            ..terms(
                "钻石会员免运费",
                "Free delivery for Diamond",
                Discount::FreeShipping { discount_cap: None },
                30,
            )
        },
        CouponTerms {
            public_code: Some("WELCOME5".to_owned()),
            limits: per_member(1),
            ..terms("见面礼五元", "5 to say hello", off(500), 30)
        },
        CouponTerms {
            threshold_amount: 19_900,
            stacking: Stacking {
                group: "gift".to_owned(),
                exclusive: true,
            },
            ..terms(
                "满199赠马克杯",
                "A mug from 199",
                Discount::Gift {
                    sku: "mug".to_owned(),
                },
                60,
            )
        },
    ]
}

/// Makes the templates and gives coupons; the shopper has one in most states.
pub(super) async fn make(app: &App, people: &[MemberId]) -> Result<()> {
    let mut templates = Vec::new();
    for terms in open().into_iter().chain(closed()) {
        templates.push(begin(app, terms).await?);
    }
    for (i, member) in people.iter().enumerate().take(60) {
        let template = templates[i % templates.len()];
        let coupon = give(app, template, *member, &format!("demo-{i}")).await?;
        if i % 3 == 0 {
            spend(app, coupon, *member, i).await?;
        }
    }
    let Some(shopper) = people.first() else {
        return Ok(());
    };
    for (i, template) in templates.iter().enumerate() {
        give(app, *template, *shopper, &format!("demo-own-{i}")).await?;
    }
    let over = give(app, templates[0], *shopper, "demo-over").await?;
    app.db
        .write(over, |tx, id| Box::pin(service::revoke(tx, *id, "system")))
        .await
}

pub(super) async fn begin(app: &App, terms: CouponTerms) -> Result<CouponTemplateId> {
    app.db
        .write((app.clone(), terms), |tx, (app, terms)| {
            Box::pin(async move {
                let made = service::create(tx, app, terms, "system").await?;
                service::set_state(tx, made.id, TemplateState::Active, "system").await?;
                Ok(made.id)
            })
        })
        .await
}

async fn give(
    app: &App,
    template: CouponTemplateId,
    member: MemberId,
    reference: &str,
) -> Result<CouponId> {
    let source = CouponSource {
        kind: CouponSourceKind::Publication,
        reference: reference.to_owned(),
    };
    let args = (template, member, source);
    app.db
        .write(args, |tx, (template, member, source)| {
            Box::pin(service::publish(tx, *template, *member, source, tx.now()))
        })
        .await
}

/// Uses a coupon on an order, as far as its terms let it.
async fn spend(app: &App, coupon: CouponId, member: MemberId, i: usize) -> Result<()> {
    let line = OrderLine {
        claim: None,
        line_id: "1".to_owned(),
        sku: "jasmine-tea".to_owned(),
        category: Some("drinks".to_owned()),
        quantity: 3,
        amount: 20_400,
    };
    let request = RedeemCoupons {
        order_id: format!("SO-98{i:04}"),
        checkout: Checkout {
            member: member.to_string(),
            cart: Cart {
                currency: app.rulebook().programme.currency,
                lines: vec![line],
                shipping: 1_000,
            },
            coupons: vec![coupon.to_string()],
            policy: CouponPolicy::All,
            points: 0,
            credit: 0,
        },
    };
    let used = app
        .db
        .write((app.clone(), request), |tx, (app, request)| {
            Box::pin(service::redeem_now(tx, app, request, "system"))
        })
        .await;
    match used {
        Ok(_) | Err(AppError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
