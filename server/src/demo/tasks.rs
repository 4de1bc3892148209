//! The demo's tasks, in every state, and a month of check-ins.

use super::Person;
use crate::App;
use crate::error::Result;
use crate::tasks::service::{self, Change};
use fastrand::Rng;
use shared::ids::TaskId;
use shared::members::audience::Audience;
use shared::rewards::Reward;
use shared::tasks::api::{Reported, TaskEvent};
use shared::tasks::{ClaimMode, JoinMode, Period, Quota, Scope, Target, TaskDefinition};
use shared::text::Text;

/// Days of check-ins that the demo's members have behind them.
const DAYS: i64 = 30;

/// A task that began two months ago, for some points.
fn task(app: &App, name: (&str, &str), target: Target, points: i64) -> TaskDefinition {
    TaskDefinition {
        name: Text::new(name.0, name.1),
        description: Text::new("", ""),
        target,
        period: Period::Monthly,
        rewards: vec![Reward::Points { amount: points }],
        quota: Quota {
            per_member: 1,
            total: None,
        },
        audience: Audience::default(),
        join: JoinMode::Automatic,
        claim: ClaimMode::ByMember,
        claim_days: 7,
        starts_at: app.db.now().plus_days(-60),
        ends_at: None,
    }
}

async fn create(app: &App, definition: TaskDefinition) -> Result<TaskId> {
    let made = app
        .db
        .write((app.clone(), definition), |tx, (app, definition)| {
            Box::pin(service::create(tx, app, definition, "system"))
        });
    Ok(made.await?.id)
}

/// Makes the tasks, before there are orders that count for them.
pub(super) async fn make_tasks(app: &App) -> Result<()> {
    make_common(app).await?;
    make_special(app).await?;
    let soon = {
        let target = Target::CheckIns { goal: 20 };
        let mut soon = task(app, ("下月签到 20 天", "Check in 20 days"), target, 200);
        soon.starts_at = app.db.now().plus_days(5);
        soon
    };
    create(app, soon).await?;
    let target = orders(2);
    let paused = create(app, task(app, ("双倍点单周", "Order week"), target, 60)).await?;
    app.db
        .write(paused, |tx, id| {
            Box::pin(service::change(tx, *id, Change::Pause, "system"))
        })
        .await?;
    Ok(())
}

/// So many orders of anything.
fn orders(goal: i64) -> Target {
    Target::Orders {
        goal,
        scope: Scope::default(),
    }
}

/// What everyone can do.
async fn make_common(app: &App) -> Result<()> {
    let plain = |name, target, points| task(app, name, target, points);
    let mut seven = plain(
        ("签到 7 天", "Check in 7 days"),
        Target::CheckIns { goal: 7 },
        50,
    );
    seven.description = Text::new(
        "本月任意 7 天签到，补签也算。",
        "Any 7 days of this month; made-up days count.",
    );
    seven.rewards.push(Reward::MakeupCard { count: 1 });
    create(app, seven).await?;
    create(
        app,
        plain(("本月下单 3 次", "Order 3 times"), orders(3), 100),
    )
    .await?;
    let drinks = Scope {
        categories: vec!["drinks".to_owned()],
        ..Scope::default()
    };
    let mut spend = plain(
        ("饮品满 200 元", "¥200 of drinks"),
        Target::OrderAmount {
            goal: 20_000,
            scope: drinks,
        },
        1,
    );
    spend.rewards = vec![Reward::Credit { amount: 1_000 }];
    spend.claim = ClaimMode::Automatic;
    create(app, spend).await?;
    let mut profile = plain(
        ("完善资料", "Complete your profile"),
        Target::ProfileCompleted,
        80,
    );
    profile.period = Period::Once;
    create(app, profile).await?;
    Ok(())
}

/// What asks for more than doing: a link, joining, a tier, or being among the first.
async fn make_special(app: &App) -> Result<()> {
    let plain = |name, target, points| task(app, name, target, points);
    let share = Target::ShareVisits {
        goal: 3,
        url: "/".to_owned(),
    };
    create(app, plain(("好友来访 3 人", "3 friends visit"), share, 60)).await?;
    let quiz = Target::Custom {
        name: "quiz".to_owned(),
        goal: 5,
    };
    let mut quiz = plain(("咖啡知识问答", "Coffee quiz"), quiz, 30);
    quiz.join = JoinMode::OptIn;
    create(app, quiz).await?;
    let mut gold = plain(
        ("金卡专享：下单 5 次", "Gold only: order 5 times"),
        orders(5),
        300,
    );
    gold.audience.tiers = vec!["gold".to_owned()];
    create(app, gold).await?;
    let mut few = plain(
        ("评价抢先：限 20 份", "First 20 reviews"),
        Target::Reviews { goal: 1 },
        40,
    );
    few.quota.total = Some(20);
    few.claim = ClaimMode::Automatic;
    create(app, few).await?;
    Ok(())
}

/// A month in which members checked in on most days, and reviews of some of them.
pub(super) async fn make_check_ins(app: &App, people: &[Person], rng: &mut Rng) -> Result<()> {
    for (place, person) in people.iter().enumerate().filter(|it| it.0 % 4 == 0) {
        let often = if place == 0 { 225 } else { rng.u8(60..250) };
        // Today is left for whoever looks at the demo.
        let days = (1..DAYS).rev().filter(|_| rng.u8(..) < often);
        let times: Vec<_> = days.map(|it| app.db.now().plus_days(-it)).collect();
        let args = (app.clone(), person.id, times);
        let write = app.db.write(args, |tx, (app, member, times)| {
            Box::pin(service::bring_in(tx, app, *member, times))
        });
        write.await?;
    }
    for (place, person) in people.iter().skip(1).step_by(7).take(25).enumerate() {
        let event = TaskEvent {
            event_id: format!("review-{place}"),
            member: person.id.to_string(),
            kind: Reported::Review,
            name: None,
            quantity: None,
            occurred_at: app.db.now().plus_days(-1),
        };
        app.db
            .write((app.clone(), event), |tx, (app, event)| {
                Box::pin(service::take_event(tx, app, event, "system"))
            })
            .await?;
    }
    Ok(())
}
