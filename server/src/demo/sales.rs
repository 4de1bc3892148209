//! The demo's flash sales: one that runs, some of it paid, one that is about to open for the upper
//! tiers, and one for few.

use super::communities::Communities;
use crate::App;
use crate::error::{AppError, Result};
use crate::sales::service::{self, Arrival, Change};
use crate::{jobs, orders};
use shared::ids::{CommunityId, FlashClaimId, FlashSaleId, MemberId};
use shared::orders::OrderLine;
use shared::orders::api::{Contents, EventKind, OrderEvent};
use shared::sales::{EarlyAccess, SaleAudience, SaleDefinition, SaleProduct, Weekly};
use shared::text::Text;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// What the running sale asks for its first product.
const PRICE: i64 = 1_290;

/// Makes sales for the communities, and lets members of one claim.
pub(super) async fn make(app: &App, to: &Communities, people: &[MemberId]) -> Result<()> {
    let running = publish(app, breakfast(app, to.office)).await?;
    for sale in [
        kitchen(app, to.office),
        few(app, to.office),
        books(app, to.parents),
    ] {
        publish(app, sale).await?;
    }
    rush(app, running, people).await
}

/// Runs now, and comes again each week.
fn breakfast(app: &App, community: CommunityId) -> SaleDefinition {
    let oats = ("即食燕麦早餐", "Oat breakfast");
    let coffee = ("挂耳咖啡 10 片", "Drip coffee, 10 bags");
    SaleDefinition {
        products: vec![
            product("oat-breakfast", oats, (PRICE, 2_590), 40),
            product("drip-coffee", coffee, (2_490, 4_900), 12),
        ],
        weekly: Some(Weekly { until: None }),
        ..definition(app, community, ("早餐秒杀", "Breakfast rush"), 0, 24 * HOUR)
    }
}

/// Opens in three hours, for the upper tiers before.
fn kitchen(app: &App, community: CommunityId) -> SaleDefinition {
    let early = |tier: &str, minutes| EarlyAccess {
        tier: tier.to_owned(),
        minutes,
    };
    let oil = ("特级初榨橄榄油", "Olive oil");
    SaleDefinition {
        products: vec![product("olive-oil", oil, (4_990, 8_900), 60)],
        early: vec![early("gold", 30), early("silver", 10)],
        ..definition(
            app,
            community,
            ("周末厨房", "Weekend kitchen"),
            3 * HOUR,
            5 * HOUR,
        )
    }
}

/// For the highest tier only.
fn few(app: &App, community: CommunityId) -> SaleDefinition {
    let linen = ("亚麻四件套", "Linen set");
    let title = ("钻石专场", "For Diamond only");
    let mut sale = SaleDefinition {
        products: vec![product("linen-set", linen, (29_900, 49_900), 10)],
        ..definition(app, community, title, 26 * HOUR, 27 * HOUR)
    };
    sale.audience.minimum_tier = Some("diamond".to_owned());
    sale
}

/// For parents, in two days.
fn books(app: &App, community: CommunityId) -> SaleDefinition {
    let book = ("睡前绘本", "Picture book");
    SaleDefinition {
        products: vec![product("picture-book", book, (1_990, 4_500), 30)],
        ..definition(
            app,
            community,
            ("绘本专场", "Picture books"),
            50 * HOUR,
            52 * HOUR,
        )
    }
}

/// Every third member claims, as they belong; every second of them pays.
async fn rush(app: &App, sale: FlashSaleId, people: &[MemberId]) -> Result<()> {
    let others = people.iter().skip(1).step_by(3).take(28);
    for (place, member) in others.enumerate() {
        let sku = if place < 22 {
            "oat-breakfast"
        } else {
            "drip-coffee"
        };
        let arrival = Arrival {
            sale,
            member: *member,
            sku: sku.to_owned(),
            quantity: 1,
            key: format!("demo-claim-{place}"),
            at: app.db.now(),
        };
        let answer = service::claim(app, arrival).await?;
        if place < 22 && place % 2 == 0 {
            pay(app, answer.claim.id, *member, place).await?;
        }
    }
    jobs::run_all(app).await
}

async fn pay(app: &App, claim: FlashClaimId, member: MemberId, place: usize) -> Result<()> {
    let order_id = format!("SO-97{place:04}");
    let line = OrderLine {
        claim: Some(claim),
        line_id: "1".to_owned(),
        sku: "oat-breakfast".to_owned(),
        category: Some("breakfast".to_owned()),
        quantity: 1,
        amount: PRICE,
    };
    let event = OrderEvent {
        reservation: None,
        event_id: format!("{order_id}-paid").to_lowercase(),
        order_id,
        occurred_at: app.db.now(),
        kind: EventKind::Paid,
        order: Some(Contents {
            member: Some(member.to_string()),
            currency: app.rulebook().programme.currency,
            lines: vec![line],
        }),
        refunds: Vec::new(),
    };
    let run = app.db.write((app.clone(), event), |tx, (app, event)| {
        Box::pin(async move {
            let taken =
                orders::service::take_all(tx, app, std::slice::from_ref(event), "system").await?;
            taken.into_iter().try_for_each(|it| it.map(drop))
        })
    });
    run.await
}

async fn publish(app: &App, definition: SaleDefinition) -> Result<FlashSaleId> {
    app.db
        .write((app.clone(), definition), |tx, (app, definition)| {
            Box::pin(async move {
                let id = service::create(tx, app, definition, "system").await?;
                service::change(tx, id, Change::Publish, "system").await?;
                Ok::<_, AppError>(id)
            })
        })
        .await
}

/// A sale of a community without products, from and until so many milliseconds from now.
fn definition(
    app: &App,
    community: CommunityId,
    (zh, en): (&str, &str),
    from: i64,
    until: i64,
) -> SaleDefinition {
    SaleDefinition {
        title: Text::new(zh, en),
        products: Vec::new(),
        starts_at: app.db.now().plus_millis(from),
        ends_at: app.db.now().plus_millis(until),
        audience: SaleAudience {
            communities: vec![community],
            ..SaleAudience::default()
        },
        early: Vec::new(),
        payment_minutes: 15,
        weekly: None,
        apology: None,
    }
}

/// A product at a price instead of a price.
fn product(
    sku: &str,
    (zh, en): (&str, &str),
    (price, list_price): (i64, i64),
    stock: i64,
) -> SaleProduct {
    SaleProduct {
        sku: sku.to_owned(),
        name: Text::new(zh, en),
        price,
        list_price,
        stock,
        per_member: 2,
        per_community: None,
    }
}
