//! Who came to a sale, who went away with nothing, and how it ran.

use super::support::{Sales, opening, product};
use crate::communities::support::{community, join};
use crate::support::{TestApp, on_both};
use serde_json::json;
use server::sales::service::note;
use shared::sales::api::{SalePulse, SaleReport};
use shared::staff::Role;

/// The report once everything that was seen is written: this node does so a second later, or now.
async fn report(it: &Sales<'_>, sale: &str, visitors: i64) -> SaleReport {
    for _ in 0..20 {
        note(&it.shop.app.app).await.expect("visits are written");
        let report: SaleReport = it.read(&format!("/api/v1/flash_sales/{sale}/report")).await;
        if report.total.visitors == visitors {
            return report;
        }
    }
    panic!("fewer than {visitors} visitors were counted");
}

async fn pulse(it: &Sales<'_>, sale: &str, query: &str) -> SalePulse {
    it.read(&format!("/api/v1/flash_sales/{sale}/pulse{query}"))
        .await
}

/// How often claims were refused, by why.
fn refusals(pulse: &SalePulse) -> Vec<(&str, i64)> {
    let rows = pulse.refusals.iter();
    rows.map(|it| (it.code.as_str(), it.count)).collect()
}

#[tokio::test]
async fn visitors_and_those_who_missed_something_are_counted_once() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let group = community(&it.shop, "parents", 10).await;
        let edit = json!({ "products": [product("milk", 1, json!({}))], "audience": { "tags": ["parents"] } });
        let sale = it.sale(edit).await;
        let tokens = it.tokens(&["won", "missed", "looked", "stranger"]).await;
        for token in &tokens[..3] {
            join(&it.shop, token, &group.code).await.assert_status(201);
        }
        let look = async |token: &str| {
            let path = format!("/api/v1/me/flash_sales/{sale}");
            app.get(&path).bearer(token).await.assert_status(200);
        };
        for _ in 0..3 {
            look(&tokens[0]).await;
            look(&tokens[2]).await;
        }
        assert_eq!(report(&it, &sale, 2).await.total.missed, 0);
        it.at(0);
        it.won(&tokens[0], &sale, "a", 1).await;
        for key in ["a", "b"] {
            let out = it.claim(&tokens[1], &sale, key, 1).await;
            out.assert_problem(409, "flash_sales.sold_out");
        }
        let out = it.claim(&tokens[0], &sale, "b", 1).await;
        out.assert_problem(409, "flash_sales.sold_out");
        let foreign = it.claim(&tokens[3], &sale, "a", 1).await;
        foreign.assert_problem(409, "flash_sales.other_tag");
        look(&tokens[1]).await;
        // Who has something of the sale has not missed it; who was never let in neither.
        let found = report(&it, &sale, 4).await;
        assert_eq!((found.total.missed, found.total.claims), (1, 1));
        assert_eq!(found.tiers.len(), 1);
        assert_eq!((found.tiers[0].figures.visitors, found.tiers[0].figures.missed), (4, 1));
        // Missed demand grows when the winner lets go, and the next look does not count again.
        it.at(900_000);
        it.shop.run_jobs().await;
        let found = report(&it, &sale, 4).await;
        assert_eq!((found.total.missed, found.total.released), (2, 1));
        assert_eq!(refusals(&pulse(&it, &sale, "").await), [
            ("flash_sales.sold_out", 3),
            ("flash_sales.other_tag", 1),
        ]);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn visits_belong_to_the_community_whose_share_it_is() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let parents = community(&it.shop, "parents", 10).await;
        let office = community(&it.shop, "office", 10).await;
        let milk = product("milk", 5, json!({ "per_community": 1 }));
        let audience = json!({ "communities": [parents.id, office.id] });
        let sale = it
            .sale(json!({ "products": [milk], "audience": audience }))
            .await;
        let tokens = it.tokens(&["ann", "bob", "cat"]).await;
        for (token, group) in tokens.iter().zip([&parents, &parents, &office]) {
            join(&it.shop, token, &group.code).await.assert_status(201);
        }
        it.at(0);
        it.won(&tokens[0], &sale, "a", 1).await;
        let used = it.claim(&tokens[1], &sale, "a", 1).await;
        used.assert_problem(409, "flash_sales.quota_used");
        let path = format!("/api/v1/me/flash_sales/{sale}");
        for token in &tokens {
            app.get(&path).bearer(token).await.assert_status(200);
        }
        let found = report(&it, &sale, 3).await;
        let mut rows: Vec<_> = found
            .communities
            .iter()
            .map(|it| (it.name.as_deref(), it.figures.visitors, it.figures.missed))
            .collect();
        rows.sort_unstable();
        assert_eq!(rows, [(Some("office"), 1, 0), (Some("parents"), 2, 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_pulse_shows_what_was_claimed_step_by_step() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob", "cat"]).await;
        let beats = |it: &SalePulse| -> Vec<(i64, i64, i64)> {
            let since = |at: shared::time::Timestamp| at.as_millis() - opening().as_millis();
            let beats = it.beats.iter();
            beats
                .map(|it| (since(it.at), it.claims, it.pieces))
                .collect()
        };
        it.at(-1000);
        let early = pulse(&it, &sale, "").await;
        assert_eq!((early.step_s, beats(&early)), (1, vec![]));
        it.at(0);
        it.won(&tokens[0], &sale, "a", 2).await;
        it.at(999);
        it.won(&tokens[1], &sale, "a", 1).await;
        it.at(61_500);
        it.won(&tokens[1], &sale, "b", 1).await;
        let all = pulse(&it, &sale, "").await;
        assert_eq!((all.step_s, all.server_time), (1, it.shop.now()));
        assert_eq!(beats(&all), [(0, 2, 3), (61_000, 1, 1)]);
        assert_eq!(all.sale.stock[0].free, 1);
        assert!(all.refusals.is_empty());
        let last = pulse(&it, &sale, "?window_s=10").await;
        assert_eq!(beats(&last), [(61_000, 1, 1)]);
        // The longer it runs the longer the steps; after its end nothing moves any more.
        it.at(3_600_000 + 86_400_000);
        let over = pulse(&it, &sale, "").await;
        assert_eq!(
            (over.step_s, beats(&over)),
            (30, vec![(0, 2, 3), (60_000, 1, 1)])
        );
        let staff = app.staff(Role::Auditor).await;
        for window in ["0", "86401", "-1", "x"] {
            let path = format!("/api/v1/flash_sales/{sale}/pulse?window_s={window}");
            let parts = app.get(&path).bearer(&staff.token).await.wrong_parts();
            assert!(parts[0].0.ends_with("window_s"), "{parts:?}");
        }
        let manager = app.staff(Role::CommunityManager).await;
        let path = format!("/api/v1/flash_sales/{sale}/pulse");
        let hidden = app.get(&path).bearer(&manager.token).await;
        hidden.assert_problem(404, "flash_sales.not_found");
    })
    .await;
}
