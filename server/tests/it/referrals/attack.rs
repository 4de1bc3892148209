//! One inviter with hundreds of accounts against the programme, and honest families beside it.
//!
//! A hundred accounts and forty families in every run; `COTERIE_ATTACK_ACCOUNTS` and
//! `COTERIE_ATTACK_FAMILIES` make it larger, and what it cost is printed.

use super::support::{Inviting, terms};
use crate::support::shop::{contents, line, paid};
use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use serde_json::{Value, json};

/// Accounts that join in a day.
const WAVE: usize = 50;
/// Orders in one request.
const BATCH: usize = 100;

fn size(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |it| it.parse().expect("a number"))
}

/// Friends who join today, with what the shop knows them by.
async fn join(it: &Inviting<'_>, inviter: &str, friends: &[(String, Value)]) {
    for (friend, signals) in friends {
        it.bind(friend, inviter).await;
        if *signals != json!({}) {
            it.signal(friend, signals.clone()).await;
        }
    }
}

/// The cheapest order that counts, of each.
async fn order(it: &Inviting<'_>, friends: &[String]) {
    let now = it.shop.now();
    for some in friends.chunks(BATCH) {
        let events: Vec<Value> = some
            .iter()
            .map(|it| {
                let goods = contents(Some(it), &[line("1", 1, 5_000)]);
                paid(&format!("o-{it}"), now, &goods)
            })
            .collect();
        let call = it.shop.app.post("/api/v1/order_events/batches");
        let call = call.bearer(&it.shop.key);
        call.json(&json!({ "events": events }))
            .await
            .assert_status(200);
    }
}

/// Six of ten accounts share a few phones, three a few cards; one of ten shares nothing.
fn disguise(n: usize) -> Value {
    match n % 10 {
        0..6 => json!({ "device": format!("farm-phone-{:08}", n / 25) }),
        6..9 => json!({ "payment": format!("farm-card-{:08}", n / 50) }),
        _ => json!({}),
    }
}

/// What the farm has in hand when its orders have stood, in minor units.
async fn attack(it: &Inviting<'_>, farm: &str, accounts: usize) -> i64 {
    it.shop.member(farm).await;
    let mut all = Vec::new();
    for from in (0..accounts).step_by(WAVE) {
        let wave: Vec<(String, Value)> = (from..accounts.min(from + WAVE))
            .map(|n| (format!("{farm}-{n}"), disguise(n)))
            .collect();
        join(it, farm, &wave).await;
        let names: Vec<String> = wave.into_iter().map(|it| it.0).collect();
        order(it, &names).await;
        all.extend(names);
        it.shop.pass_days(1).await;
    }
    it.shop.pass_days(8).await;
    let credit = join_all(all.iter().map(|friend| it.credit(friend))).await;
    credit.iter().sum::<i64>() + it.shop.points(farm).await.0
}

/// Families: an inviter, somebody of the same home, and a friend who lives elsewhere. In one of 25
/// they share a tablet. Answers how many families were paid without anybody looking at them.
async fn live(it: &Inviting<'_>, families: usize) -> usize {
    let mut friends = Vec::new();
    for n in 0..families {
        let home = json!({ "address": format!("home-address-{n:08}"), "device": format!("phone-{n:010}") });
        let inviter = format!("home-{n}");
        it.shop.member(&inviter).await;
        it.signal(&inviter, home.clone()).await;
        let mut partner = home.clone();
        if n % 25 != 0 {
            partner["device"] = json!(format!("other-phone-{n:08}"));
        }
        let elsewhere = json!({ "address": format!("friend-address-{n:08}") });
        let two = [
            (format!("home-{n}-partner"), partner),
            (format!("home-{n}-friend"), elsewhere),
        ];
        join(it, &inviter, &two).await;
        friends.extend(two.into_iter().map(|it| it.0));
        if n % 10 == 9 {
            it.shop.pass_days(1).await;
        }
    }
    order(it, &friends).await;
    it.shop.pass_days(8).await;
    let credit = join_all(friends.iter().map(|friend| it.credit(friend))).await;
    credit
        .chunks(2)
        .filter(|it| it.iter().all(|it| *it == 2_000))
        .count()
}

#[tokio::test]
async fn a_farm_of_accounts_gains_next_to_nothing_and_families_are_paid_unseen() {
    let accounts = size("COTERIE_ATTACK_ACCOUNTS", 100);
    let families = size("COTERIE_ATTACK_FAMILIES", 40);
    on_both(async |app: &TestApp| {
        let edit = json!({ "monthly_budget": 100_000_000, "signals": false });
        let it = Inviting::open(Shop::open(app).await, edit).await;
        let before = attack(&it, "old-farm", accounts).await;
        assert_eq!(before, accounts as i64 * 2_500);

        let on = json!({ "monthly_budget": 100_000_000 });
        it.set_terms(&terms(&on)).await.assert_status(200);
        let after = attack(&it, "new-farm", accounts).await;
        println!("{accounts} accounts took {before} before the signals and {after} after");
        assert!(after * 20 <= before, "{after} of {before}");

        let unseen = live(&it, families).await;
        println!("{unseen} of {families} families were paid without a look");
        assert!(unseen * 100 >= families * 95, "{unseen}");
        it.shop.assert_books().await;
    })
    .await;
}
