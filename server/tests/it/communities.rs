//! Communities: joining by the link, leaving, being removed, and who leads.

pub(crate) mod support;

use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use serde_json::{Value, json};
use shared::communities::api::{Community, CommunityMember, Managers, MyCommunities};
use shared::page::Page;
use shared::staff::Role;
use support::{community, join};

async fn token(shop: &Shop<'_>, member: &str) -> String {
    shop.member(member).await;
    shop.hand_over(member).await
}

#[tokio::test]
async fn people_join_leave_and_are_removed() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let made = community(&shop, "parents", 2).await;
        let tokens = [
            token(&shop, "ann").await,
            token(&shop, "bob").await,
            token(&shop, "cat").await,
        ];
        let path = format!("/api/v1/me/community_codes/{}", made.code);
        let invited = app.get(&path).bearer(&tokens[0]).await;
        assert_eq!(invited.json()["name"], "parents");
        assert_eq!(invited.json()["joined_at"], Value::Null);
        let wrong = join(&shop, &tokens[0], "NOSUCHCODE").await;
        wrong.assert_problem(404, "communities.code_unknown");
        for _ in 0..2 {
            let joined = join(&shop, &tokens[0], &made.code).await;
            joined.assert_status(201);
            let mine: MyCommunities = joined.parse();
            assert_eq!(mine.communities[0].members, 1);
        }
        join(&shop, &tokens[1], &made.code).await.assert_status(201);
        let full = join(&shop, &tokens[2], &made.code).await;
        full.assert_problem(409, "communities.full");
        // Who leaves makes room.
        let leave = async |token: &str| {
            let path = format!("/api/v1/me/communities/{}", made.id);
            app.delete(&path).bearer(token).await
        };
        leave(&tokens[0]).await.assert_status(204);
        leave(&tokens[0]).await.assert_status(204);
        leave(&tokens[2])
            .await
            .assert_problem(404, "communities.not_found");
        join(&shop, &tokens[2], &made.code).await.assert_status(201);
        // Who is removed comes back only by hand.
        let staff = app.staff(Role::Operator).await;
        let members = format!("/api/v1/communities/{}/members", made.id);
        let remove = app.delete(&format!("{members}/ext:cat"));
        remove.bearer(&staff.token).await.assert_status(204);
        let back = join(&shop, &tokens[2], &made.code).await;
        back.assert_problem(409, "communities.removed");
        let add = app.post(&members).bearer(&staff.token);
        let added = add.json(&json!({ "member": "ext:cat" })).await;
        added.assert_status(200);
        assert_eq!(added.parse::<Community>().members, 2);
        let list = app.get(&format!("{members}?state=active"));
        let list: Page<CommunityMember> = list.bearer(&staff.token).await.parse();
        assert_eq!(list.data.len(), 2);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn no_more_join_than_fit_in() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let made = community(&shop, "few", 3).await;
        let mut tokens = Vec::new();
        for number in 0..8 {
            tokens.push(token(&shop, &format!("m-{number}")).await);
        }
        let joins = tokens.iter().map(|it| join(&shop, it, &made.code));
        let answers = join_all(joins).await;
        let joined = answers.iter().filter(|it| it.status == 201).count();
        assert_eq!(joined, 3);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn managers_see_and_touch_their_own() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let own = community(&shop, "own", 5).await;
        let other = community(&shop, "other", 5).await;
        let manager = app.staff(Role::CommunityManager).await;
        let operator = app.staff(Role::Operator).await;
        let lead = async |who: &str| {
            let path = format!("/api/v1/communities/{}/managers", own.id);
            let call = app.put(&path).bearer(&operator.token);
            call.json(&json!({ "managers": [who] })).await
        };
        lead(&operator.id.to_string())
            .await
            .assert_problem(422, "request.invalid");
        lead(&manager.id.to_string()).await.assert_status(200);
        let can = app.get("/api/v1/community_managers");
        let can: Managers = can.bearer(&operator.token).await.parse();
        let can: Vec<_> = can.managers.iter().map(|it| it.staff_id).collect();
        assert_eq!(can, [manager.id]);
        let list = app.get("/api/v1/communities").bearer(&manager.token).await;
        let list: Page<Community> = list.parse();
        let ids: Vec<_> = list.data.iter().map(|it| it.id).collect();
        assert_eq!(ids, [own.id]);
        assert_eq!(list.data[0].managers[0].staff_id, manager.id);
        let edit = async |it: &Community| {
            let mut definition = serde_json::to_value(&it.definition).expect("JSON");
            definition["rules"] = json!("be kind");
            let call = app.put(&format!("/api/v1/communities/{}", it.id));
            let call = call.bearer(&manager.token).header("if-match", "\"1\"");
            call.json(&definition).await
        };
        edit(&own).await.assert_status(200);
        edit(&own).await.assert_status(412);
        edit(&other)
            .await
            .assert_problem(404, "communities.not_found");
        let path = format!("/api/v1/communities/{}/codes", own.id);
        let renewed = app.post(&path).bearer(&manager.token).await;
        assert_ne!(renewed.parse::<Community>().code, own.code);
        let token = token(&shop, "ann").await;
        join(&shop, &token, &own.code)
            .await
            .assert_problem(404, "communities.code_unknown");
        let path = format!("/api/v1/communities/{}/members", other.id);
        let members = app.get(&path).bearer(&manager.token).await;
        members.assert_problem(404, "communities.not_found");
    })
    .await;
}

#[tokio::test]
async fn a_closed_community_takes_nobody() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let made = community(&shop, "closed", 5).await;
        let staff = app.staff(Role::Operator).await;
        let mut definition = serde_json::to_value(&made.definition).expect("JSON");
        definition["open"] = json!(false);
        let path = format!("/api/v1/communities/{}", made.id);
        let call = app.put(&path).bearer(&staff.token);
        let call = call.header("if-match", "\"1\"");
        call.json(&definition).await.assert_status(200);
        let token = token(&shop, "ann").await;
        join(&shop, &token, &made.code)
            .await
            .assert_problem(409, "communities.closed");
        let path = format!("/api/v1/communities/{}/members/ext:ann", made.id);
        let remove = app.delete(&path).bearer(&staff.token).await;
        remove.assert_problem(404, "communities.member_not_found");
    })
    .await;
}
