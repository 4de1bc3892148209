//! A believable shop to look at: members in every tier, orders, points in every state.
//!
//! Everything is made through the same use cases as in a real shop, with orders of the last
//! fourteen months. The passwords are known to everyone, so the demo serves only this machine.

mod communities;
mod coupons;
mod referrals;
mod sales;
mod tasks;

use crate::App;
use crate::auth::Actor;
use crate::error::{AppError, Result};
use crate::members::service::NewMember;
use crate::points::service::{Adjust, Spend};
use crate::{jobs, members, orders, points, staff};
use fastrand::Rng;
use shared::ids::MemberId;
use shared::orders::OrderLine;
use shared::orders::api::{Contents, EventKind, OrderEvent, RefundLine};
use shared::points::Asset;
use shared::points::api::{AdjustPoints, SpendPoints};
use shared::quantity::Currency;
use shared::staff::Role;
use shared::staff::api::CreateStaff;
use shared::text::Locale;
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// How the demo's shopper signs in.
pub const SHOPPER: &str = "shopper@example.com";
/// How the demo's operator signs in.
pub const OPERATOR: &str = "operator@example.com";
/// How the demo's administrator signs in, the second person who approves.
pub const ADMIN: &str = "admin@example.com";
/// How the demo's community manager signs in.
pub const MANAGER: &str = "manager@example.com";
/// The password of all four.
pub const PASSWORD: &str = "coterie-demo";

/// Members besides the shopper.
const MEMBERS: usize = 199;
/// The same shop every time.
const SEED: u64 = 20_261_122;

const FAMILY: [&str; 16] = [
    "李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
];
const GIVEN: [&str; 20] = [
    "小雨", "子涵", "佳怡", "浩然", "思远", "梦琪", "一诺", "欣妍", "俊杰", "雨桐", "晨曦", "若曦",
    "文博", "诗涵", "嘉豪", "晓彤", "明轩", "静雯", "志强", "丽娜",
];
const WESTERN: [&str; 10] = [
    "Emma Clark",
    "Liam Walker",
    "Olivia Hall",
    "Noah Young",
    "Mia Wright",
    "Lucas Green",
    "Ava Baker",
    "Ethan Hill",
    "Zoe Adams",
    "Leo Scott",
];
/// SKU, category and price of one, in minor units.
const PRODUCTS: [(&str, &str, i64); 12] = [
    ("oat-breakfast", "breakfast", 2_590),
    ("drip-coffee", "drinks", 4_900),
    ("jasmine-tea", "drinks", 6_800),
    ("rice-5kg", "pantry", 5_990),
    ("olive-oil", "pantry", 8_900),
    ("nut-mix", "snacks", 3_990),
    ("yoghurt-12", "dairy", 7_200),
    ("picture-book", "children", 4_500),
    ("puzzle", "children", 9_900),
    ("desk-lamp", "home", 19_900),
    ("linen-set", "home", 49_900),
    ("coffee-machine", "home", 129_900),
];

/// Fills an empty database; leaves one that has members alone. Answers whether it filled it.
///
/// # Errors
/// When the database fails.
pub async fn fill(app: &App, mut progress: impl FnMut(&str)) -> Result<bool> {
    let nobody = members::service::facts_after(app.db.read(), None, 1)
        .await?
        .is_empty();
    if !nobody {
        return Ok(false);
    }
    let mut rng = Rng::with_seed(SEED);
    progress("staff");
    make_staff(app).await?;
    progress("members");
    let people = make_members(app, &mut rng).await?;
    tasks::make_tasks(app).await?;
    progress("orders");
    make_orders(app, &people, &mut rng).await?;
    progress("points");
    jobs::run_all(app).await?;
    make_movements(app, &people).await?;
    progress("tasks");
    tasks::make_check_ins(app, &people, &mut rng).await?;
    progress("coupons");
    let members: Vec<MemberId> = people.iter().map(|it| it.id).collect();
    coupons::make(app, &members).await?;
    progress("invitations");
    referrals::make(app, &members).await?;
    progress("communities");
    let groups = communities::make(app, &members).await?;
    progress("flash sales");
    sales::make(app, &groups, &members).await?;
    Ok(true)
}

async fn make_staff(app: &App) -> Result<()> {
    for (email, name, role) in [
        (OPERATOR, "运营小林", Role::Operator),
        (ADMIN, "店长老周", Role::Admin),
    ] {
        let request = CreateStaff {
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            password: PASSWORD.to_owned(),
        };
        staff::service::create(app, request, Actor::System).await?;
    }
    Ok(())
}

/// A member of the demo and how much the member likes to buy, in orders a year.
struct Person {
    id: MemberId,
    joined_at: Timestamp,
    orders_a_year: u64,
    loves_big: bool,
}

async fn make_members(app: &App, rng: &mut Rng) -> Result<Vec<Person>> {
    let now = app.db.now();
    let hash = app.auth.passwords.hash(PASSWORD.to_owned()).await?;
    let mut plans = vec![(425, 16, false)];
    plans.extend((0..MEMBERS).map(|i| {
        let days = rng.i64(3..420);
        match i % 20 {
            0..=10 => (days, rng.u64(0..4), false),
            11..=16 => (days, rng.u64(4..12), false),
            17..=18 => (days, rng.u64(10..24), rng.bool()),
            _ => (days.max(200), rng.u64(24..40), true),
        }
    }));
    let mut new = Vec::with_capacity(plans.len());
    for (i, (days, ..)) in plans.iter().enumerate() {
        let joined_at = now.plus_days(-days).plus_millis(-rng.i64(0..86_400_000));
        new.push(person(i, joined_at, &hash, rng));
    }
    let args = (app.clone(), new.clone());
    let ids = app.db.write(args, |tx, (app, new)| {
        Box::pin(async move {
            tx.write_history();
            members::service::create_all(tx, app, new.clone()).await
        })
    });
    let people = ids.await?.into_iter().zip(new).zip(plans);
    Ok(people
        .map(|((id, new), (_, orders_a_year, loves_big))| Person {
            id,
            joined_at: new.joined_at.unwrap_or(now),
            orders_a_year,
            loves_big,
        })
        .collect())
}

fn person(i: usize, joined_at: Timestamp, hash: &str, rng: &mut Rng) -> NewMember {
    let western = i > 0 && i.is_multiple_of(20);
    let name = if western {
        WESTERN[(i / 20) % WESTERN.len()].to_owned()
    } else {
        format!(
            "{}{}",
            FAMILY[i % FAMILY.len()],
            GIVEN[(i * 7) % GIVEN.len()]
        )
    };
    NewMember {
        external_id: Some(format!("cust-{:05}", 10_001 + i)),
        name: Some(name),
        email: (i == 0).then(|| SHOPPER.to_owned()),
        phone: Some(format!("138{:08}", rng.u32(0..100_000_000))),
        locale: western.then_some(Locale::En),
        password_hash: (i == 0).then(|| hash.to_owned()),
        joined_at: Some(joined_at),
        ..NewMember::default()
    }
}

async fn make_orders(app: &App, people: &[Person], rng: &mut Rng) -> Result<()> {
    let now = app.db.now();
    let currency = app.rulebook().programme.currency;
    // One member's orders in the order of time, as in an import.
    let mut batch: Vec<OrderEvent> = Vec::new();
    let mut number = 0;
    for person in people {
        let mut times = BTreeMap::new();
        let span = now.as_millis() - person.joined_at.as_millis();
        let days = u64::try_from(span / 86_400_000).unwrap_or(0);
        for _ in 0..(person.orders_a_year * days).div_ceil(365) {
            times.insert(
                person.joined_at.plus_millis(rng.i64(0..=span.max(1) - 1)),
                (),
            );
        }
        if number == 0 {
            // The one who signs in has points in every state.
            for days in [4, 9, 372] {
                times.insert(now.plus_days(-days), ());
            }
        }
        for at in times.into_keys() {
            number += 1;
            batch.extend(order(number, person, at, now, currency, rng));
        }
        if batch.len() > 500 {
            write(app, std::mem::take(&mut batch)).await?;
        }
    }
    write(app, batch).await
}

async fn write(app: &App, events: Vec<OrderEvent>) -> Result<()> {
    app.db
        .write((app.clone(), events), |tx, (app, events)| {
            Box::pin(async move {
                tx.write_history();
                for result in orders::service::take_all(tx, app, events, "system").await? {
                    result?;
                }
                Ok(())
            })
        })
        .await
}

/// One order: paid, most delivered, a few refunded in part or whole.
fn order(
    number: u32,
    person: &Person,
    at: Timestamp,
    now: Timestamp,
    currency: Currency,
    rng: &mut Rng,
) -> Vec<OrderEvent> {
    let products = if person.loves_big { 0..12 } else { 0..10 };
    let lines = (1..=rng.usize(1..=3)).map(|line| {
        let (sku, category, price) = PRODUCTS[rng.usize(products.clone())];
        let quantity = rng.i64(1..=2);
        OrderLine {
            claim: None,
            line_id: line.to_string(),
            sku: sku.to_owned(),
            category: Some(category.to_owned()),
            quantity,
            amount: price * quantity,
        }
    });
    let contents = Contents {
        member: Some(person.id.to_string()),
        currency,
        lines: lines.collect(),
    };
    let order_id = format!("SO-{:06}", 240_000 + number);
    let event = |kind, at: Timestamp, order, refunds| OrderEvent {
        reservation: None,
        event_id: format!("{order_id}-{kind:?}").to_lowercase(),
        order_id: order_id.clone(),
        occurred_at: at,
        kind,
        order,
        refunds,
    };
    let mut events = vec![event(EventKind::Paid, at, Some(contents), Vec::new())];
    let later = |days: i64| at.plus_days(days);
    if later(1) < now {
        events.push(event(EventKind::Shipped, later(1), None, Vec::new()));
    }
    if later(3) < now {
        events.push(event(EventKind::Delivered, later(3), None, Vec::new()));
    }
    if later(6) < now && rng.u8(..) < 20 {
        let whole = rng.bool();
        let one = RefundLine {
            line_id: "1".to_owned(),
            quantity: Some(1),
            amount: None,
        };
        events.push(event(
            EventKind::Refunded,
            later(6),
            None,
            if whole { Vec::new() } else { vec![one] },
        ));
    }
    events
}

/// What happens today: a spend, its refund to come, thanks by hand, and one that waits.
async fn make_movements(app: &App, people: &[Person]) -> Result<()> {
    let Some(shopper) = people.first() else {
        return Ok(());
    };
    let thanks = [
        (shopper.id, 200, "评价晒单奖励"),
        (shopper.id, -30, "重复发放更正"),
    ];
    for (member, amount, reason) in thanks {
        adjust(app, member, Asset::Points, amount, reason).await?;
    }
    adjust(app, shopper.id, Asset::Credit, 1_500, "迟发补偿").await?;
    for person in people.iter().skip(3).step_by(29).take(4) {
        adjust(app, person.id, Asset::Points, 8_000, "年度抽奖一等奖").await?;
    }
    let request = SpendPoints {
        asset: Asset::Points,
        amount: 100,
        order_id: "SO-990001".to_owned(),
        order_amount: 12_800,
    };
    let command = Spend {
        member: shopper.id,
        request,
        actor: "system".to_owned(),
    };
    let spent = app
        .db
        .write((app.clone(), command), |tx, (app, command)| {
            Box::pin(points::service::spend(tx, app, command))
        })
        .await;
    match spent {
        Ok(_) | Err(AppError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn adjust(
    app: &App,
    member: MemberId,
    asset: Asset,
    amount: i64,
    reason: &str,
) -> Result<()> {
    let request = AdjustPoints {
        asset,
        amount,
        reason: reason.to_owned(),
        expires_at: None,
    };
    let command = Adjust {
        member,
        request,
        actor: Actor::System,
    };
    app.db
        .write((app.clone(), command), |tx, (app, command)| {
            Box::pin(points::service::adjust(tx, app, command))
        })
        .await?;
    Ok(())
}
