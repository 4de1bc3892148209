//! A community's page, for its members.

use super::support::{Lists, daily, on};
use crate::communities::support::community;
use crate::sales::support::Sales;
use crate::support::{TestApp, on_both};
use serde_json::json;
use shared::ids::CommunityId;
use shared::scenarios::api::CommunityPage;
use uuid::Uuid;

async fn page(it: &Lists<'_>, member: &str) -> CommunityPage {
    let token = it.shop.hand_over(member).await;
    let path = format!("/api/v1/me/communities/{}", it.community.id);
    let answer = it.shop.app.get(&path).bearer(&token).await;
    answer.assert_status(200);
    answer.parse()
}

#[tokio::test]
async fn a_page_has_the_lists_of_today_and_of_six_days_before() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann"]).await;
        it.make(json!({ "schedule": daily(780) })).await;
        it.make(json!({ "title": "Tea", "schedule": daily(840) }))
            .await;
        let empty = page(&it, "ann").await;
        assert!(empty.today.is_empty() && empty.earlier.is_empty());
        assert_eq!(empty.community.id, it.community.id);
        assert!(empty.community.joined_at.is_some());
        it.at(8, 800).await;
        let found = page(&it, "ann").await;
        assert_eq!(found.server_time, on(8, 800));
        let today: Vec<_> = found.today.iter().map(|it| it.at).collect();
        assert_eq!(today, [on(8, 780)]);
        let posting = &found.today[0];
        assert_eq!(
            (posting.title.as_str(), posting.text.as_str()),
            ("Office breakfast", "Warm and fresh")
        );
        let products: Vec<_> = posting
            .products
            .iter()
            .map(|it| (it.name.as_str(), it.price))
            .collect();
        assert_eq!(products, [("Oat milk", Some(990)), ("Bread", None)]);
        // The latest first, and nothing of the days before.
        let earlier: Vec<_> = found.earlier.iter().map(|it| it.at).collect();
        let days = (2..8).rev();
        let expected: Vec<_> = days.flat_map(|day| [on(day, 840), on(day, 780)]).collect();
        assert_eq!(earlier, expected);
        // A minute before midnight and at midnight.
        it.at(8, 1439).await;
        assert_eq!(page(&it, "ann").await.today.len(), 2);
        it.at(9, 0).await;
        let found = page(&it, "ann").await;
        assert_eq!((found.today.len(), found.earlier.len()), (0, 12));
    })
    .await;
}

#[tokio::test]
async fn only_members_see_a_page() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let tokens = it.joined(&["ann", "left", "removed"]).await;
        it.shop.member("stranger").await;
        let stranger = it.shop.hand_over("stranger").await;
        let path = format!("/api/v1/me/communities/{}", it.community.id);
        let leave = app.delete(&path).bearer(&tokens[1]).await;
        leave.assert_status(204);
        let remove = it.path("members/ext:removed");
        it.ask("DELETE", &remove, &json!({}))
            .await
            .assert_status(204);
        app.get(&path).bearer(&tokens[0]).await.assert_status(200);
        for token in [&tokens[1], &tokens[2], &stranger] {
            let refused = app.get(&path).bearer(token).await;
            refused.assert_problem(404, "communities.not_found");
        }
        app.get(&path).await.assert_status(401);
        let nothing = CommunityId::from(Uuid::from_u128(1));
        let path = format!("/api/v1/me/communities/{nothing}");
        let refused = app.get(&path).bearer(&tokens[0]).await;
        refused.assert_problem(404, "communities.not_found");
    })
    .await;
}

#[tokio::test]
async fn a_page_has_the_sales_that_name_its_community() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann"]).await;
        let other = community(&it.shop, "other", 5).await;
        let sales = Sales::open(app).await;
        let of = |ids: serde_json::Value| json!({ "audience": { "communities": ids } });
        let own = sales.sale(of(json!([it.community.id]))).await;
        let both = sales.sale(of(json!([it.community.id, other.id]))).await;
        sales.sale(of(json!([other.id]))).await;
        sales.sale(json!({})).await;
        let found = page(&it, "ann").await;
        let mut ids: Vec<String> = found.sales.iter().map(|it| it.id.to_string()).collect();
        ids.sort_unstable();
        let mut expected = [own, both];
        expected.sort_unstable();
        assert_eq!(ids, expected);
        assert_eq!(found.sales[0].products[0].sku, "milk");
    })
    .await;
}
