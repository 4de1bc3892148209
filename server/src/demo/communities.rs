//! The demo's communities: one of people in an office, one of parents, what they are shown day by
//! day, and who leads them.

use crate::App;
use crate::auth::Actor;
use crate::communities::service as communities;
use crate::error::Result;
use crate::{scenarios, staff};
use shared::communities::CommunityDefinition;
use shared::ids::{CommunityId, MemberId, StaffId};
use shared::scenarios::{Pace, QuietHours, ScenarioDefinition, ScenarioProduct, Schedule};
use shared::staff::Role;
use shared::staff::api::CreateStaff;
use shared::time::Day;

/// What a list shows of a product: SKU, name and price.
type Shown = (&'static str, &'static str, i64);
/// When a list appears: the minute of the day, and the days of the week from 1, Monday.
type When = (u16, &'static [u8]);

/// The communities of the demo.
pub(super) struct Communities {
    /// Of people in an office; the shopper belongs.
    pub office: CommunityId,
    /// Of parents.
    pub parents: CommunityId,
}

/// Makes communities, lets members in, and plans lists.
pub(super) async fn make(app: &App, people: &[MemberId]) -> Result<Communities> {
    let request = CreateStaff {
        email: super::MANAGER.to_owned(),
        name: "群主小周".to_owned(),
        role: Role::CommunityManager,
        password: super::PASSWORD.to_owned(),
    };
    let manager = staff::service::create(app, request, Actor::System)
        .await?
        .id;
    let office = definition(
        "陆家嘴早餐群",
        &["上班族", "早餐"],
        "请友善交流，不发广告。\n每周一场群内秒杀，先到先得。",
    );
    let office = community(app, office, manager).await?;
    let parents = definition(
        "宝妈共读群",
        &["宝妈", "亲子"],
        "欢迎晒娃，请勿转发他人照片。",
    );
    let parents = community(app, parents, manager).await?;
    let (shopper, others) = people.split_at(people.len().min(1));
    let at_desks = others.iter().step_by(3).chain(shopper);
    enter(app, office, at_desks.copied().collect()).await?;
    enter(app, parents, others.iter().step_by(5).copied().collect()).await?;
    for (at, title, text, products) in lists() {
        plan(app, office, at, title, text, products).await?;
    }
    let bedtime: (When, &[Shown]) = (
        (20 * 60, &[1, 2, 3, 4, 5, 6, 7]),
        &[("picture-book", "睡前绘本", 4_500)],
    );
    plan(
        app,
        parents,
        bedtime.0,
        "睡前十分钟",
        "今晚读哪一本？",
        bedtime.1,
    )
    .await?;
    Ok(Communities { office, parents })
}

/// What people in an office are shown: when, title, text and products.
fn lists() -> [(When, &'static str, &'static str, &'static [Shown]); 2] {
    const WORKDAYS: &[u8] = &[1, 2, 3, 4, 5];
    [
        (
            (7 * 60 + 45, WORKDAYS),
            "办公室早餐",
            "十分钟搞定一份热早餐。",
            &[
                ("oat-breakfast", "即食燕麦早餐", 2_590),
                ("drip-coffee", "挂耳咖啡 10 片", 4_900),
            ],
        ),
        (
            (15 * 60 + 30, WORKDAYS),
            "下午茶",
            "困了？来点坚果和茉莉花茶。",
            &[
                ("nut-mix", "每日坚果", 3_990),
                ("jasmine-tea", "茉莉花茶", 6_800),
            ],
        ),
    ]
}

fn definition(name: &str, tags: &[&str], rules: &str) -> CommunityDefinition {
    CommunityDefinition {
        name: name.to_owned(),
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
        rules: rules.to_owned(),
        capacity: 200,
        open: true,
        pace: Pace {
            quiet: Some(QuietHours {
                from: 22 * 60,
                to: 7 * 60,
            }),
            per_day: Some(2),
            per_week: None,
        },
    }
}

async fn community(
    app: &App,
    definition: CommunityDefinition,
    manager: StaffId,
) -> Result<CommunityId> {
    app.db
        .write(
            (app.clone(), definition, manager),
            |tx, (app, definition, manager)| {
                Box::pin(async move {
                    let id = communities::create(tx, definition, "system").await?;
                    communities::set_managers(tx, app, id, &[*manager], "system").await?;
                    Ok(id)
                })
            },
        )
        .await
}

async fn enter(app: &App, community: CommunityId, members: Vec<MemberId>) -> Result<()> {
    app.db
        .write((community, members), |tx, (community, members)| {
            Box::pin(async move {
                for member in members {
                    communities::add(tx, *community, *member, "system").await?;
                }
                Ok(())
            })
        })
        .await
}

async fn plan(
    app: &App,
    community: CommunityId,
    (minute, weekdays): When,
    title: &str,
    text: &str,
    products: &[Shown],
) -> Result<()> {
    let today = app.db.now().date_in(app.rulebook().programme_zone());
    let definition = ScenarioDefinition {
        title: title.to_owned(),
        text: text.to_owned(),
        products: products
            .iter()
            .map(|(sku, name, price)| ScenarioProduct {
                sku: (*sku).to_owned(),
                name: (*name).to_owned(),
                price: Some(*price),
                link: None,
            })
            .collect(),
        schedule: Schedule {
            first: Day::from(today),
            minute,
            weekdays: weekdays.to_vec(),
            last: None,
        },
    };
    let args = (app.clone(), community, definition);
    let run = app.db.write(args, |tx, (app, community, definition)| {
        Box::pin(scenarios::service::create(
            tx, app, *community, definition, "system",
        ))
    });
    run.await.map(drop)
}
