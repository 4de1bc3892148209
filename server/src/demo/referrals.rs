//! The demo's invitations: friends at every stage, and one that a person has to look at.

use super::coupons::{begin, off, terms};
use crate::App;
use crate::auth::Actor;
use crate::error::Result;
use crate::members::service::NewMember;
use crate::programme::service::{current_referral_terms, set_referral_terms};
use crate::referrals::service::{self, Bind};
use crate::{jobs, members, orders};
use shared::coupons::CouponTerms;
use shared::ids::{CouponTemplateId, MemberId};
use shared::orders::OrderLine;
use shared::orders::api::{Contents, EventKind, OrderEvent};
use shared::referrals::ReferralTerms;
use shared::referrals::api::{BindReferral, RecordSignals};
use shared::rewards::Reward;

/// Friends of the shopper: their names, and whether they have ordered.
const FRIENDS: [(&str, bool); 5] = [
    ("何雨薇", true),
    ("郭子轩", true),
    ("Grace Turner", true),
    ("罗嘉怡", true),
    ("宋明远", false),
];
/// Of them, those whose order has stood.
const STOOD: usize = 2;

/// Opens the programme and lets friends join.
pub(super) async fn make(app: &App, people: &[MemberId]) -> Result<()> {
    let (Some(shopper), Some(other)) = (people.first(), people.get(7)) else {
        return Ok(());
    };
    let thanks = CouponTerms {
        threshold_amount: 9_900,
        ..terms("邀请有礼 满99减20", "Thank you: 20 off 99", off(2_000), 60)
    };
    let thanks = begin(app, thanks).await?;
    // What joins first has its return window behind it: orders stand from the moment of payment.
    open(app, thanks, 0).await?;
    for (name, orders) in &FRIENDS[..STOOD] {
        join(app, *shopper, name, *orders).await?;
    }
    let phone = RecordSignals {
        address: None,
        payment: None,
        device: Some("demo-shared-phone-1".to_owned()),
    };
    service::record_signals(app, *other, &phone).await?;
    let twin = join(app, *other, "唐小满", false).await?;
    service::record_signals(app, twin, &phone).await?;
    order(app, twin, "唐小满").await?;
    jobs::run_all(app).await?;
    open(app, thanks, 7).await?;
    for (name, orders) in &FRIENDS[STOOD..] {
        join(app, *shopper, name, *orders).await?;
    }
    jobs::run_all(app).await?;
    Ok(())
}

async fn open(app: &App, thanks: CouponTemplateId, hold_days: u16) -> Result<()> {
    let current = current_referral_terms(&app.rulebook(), app.db.now());
    let terms = ReferralTerms {
        enabled: true,
        hold_days,
        inviter_rewards: vec![Reward::Coupon {
            template: thanks,
            count: 1,
        }],
        ..current.terms
    };
    set_referral_terms(app, terms, current.version, "system".to_owned()).await?;
    Ok(())
}

/// A new member who follows an invitation, and buys something if `orders`.
async fn join(app: &App, inviter: MemberId, name: &str, orders: bool) -> Result<MemberId> {
    let code = service::my_code(app, inviter).await?;
    let new = NewMember {
        name: Some(name.to_owned()),
        ..NewMember::default()
    };
    let args = (app.clone(), new, code);
    let friend = app.db.write(args, |tx, (app, new, code)| {
        Box::pin(async move {
            let made = members::service::create_all(tx, app, vec![new.clone()]).await?;
            let friend = made.into_iter().next();
            let friend =
                friend.ok_or_else(|| crate::error::AppError::internal("nobody was made"))?;
            let request = BindReferral {
                visit: None,
                code: Some(code.clone()),
                device: None,
            };
            let command = Bind {
                friend,
                request,
                network: None,
                actor: Actor::System.to_string(),
            };
            service::bind(tx, app, &command).await?;
            Ok(friend)
        })
    });
    let friend = friend.await?;
    if orders {
        order(app, friend, name).await?;
    }
    Ok(friend)
}

/// A first order that counts.
async fn order(app: &App, friend: MemberId, name: &str) -> Result<()> {
    let line = OrderLine {
        line_id: "1".to_owned(),
        sku: "linen-set".to_owned(),
        category: Some("home".to_owned()),
        quantity: 1,
        amount: 49_900,
        claim: None,
    };
    let event = OrderEvent {
        reservation: None,
        event_id: format!("demo-first-{name}"),
        order_id: format!("SO-F-{name}"),
        occurred_at: app.db.now(),
        kind: EventKind::Paid,
        order: Some(Contents {
            member: Some(friend.to_string()),
            currency: app.rulebook().programme.currency,
            lines: vec![line],
        }),
        refunds: Vec::new(),
    };
    // It happens now, unlike the rest of the demo's orders: history brings nobody a reward.
    app.db
        .write((app.clone(), event), |tx, (app, event)| {
            Box::pin(async move {
                let events = std::slice::from_ref(event);
                for result in orders::service::take_all(tx, app, events, "system").await? {
                    result?;
                }
                Ok(())
            })
        })
        .await
}
