//! The log of requests by API keys.

use crate::support::{Shop, TestApp, on_both};
use serde_json::json;
use shared::page::Page;
use shared::requests::api::LoggedRequest;
use shared::staff::{Role, Scope};

async fn log(app: &TestApp, query: &str) -> Vec<LoggedRequest> {
    let admin = app.staff(Role::Admin).await;
    let path = format!("/api/v1/api_requests?limit=100{query}");
    let answer = app.get(&path).bearer(&admin.token).await;
    answer.assert_status(200);
    answer.parse::<Page<LoggedRequest>>().data
}

fn facts(it: &LoggedRequest) -> (&str, &str, u16, Option<&str>) {
    (&it.method, &it.path, it.status, it.code.as_deref())
}

#[tokio::test]
async fn what_keys_ask_is_logged_and_nothing_of_what_they_send() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("secret-customer").await;
        let narrow = app.api_key(&[Scope::MembersRead]).await;
        let one = app
            .get("/api/v1/members/ext:secret-customer")
            .bearer(&narrow);
        one.header("x-request-id", "of-the-shop")
            .await
            .assert_status(200);
        let refused = app.post("/api/v1/members").bearer(&narrow);
        refused
            .json(&json!({ "external_id": "x" }))
            .await
            .assert_problem(403, "auth.scope_missing");
        app.get("/api/v1/nothing")
            .bearer(&narrow)
            .await
            .assert_status(404);
        // People are not logged, and neither is who has no key.
        app.get("/api/v1/members").await.assert_status(401);

        let all = log(app, "").await;
        let seen: Vec<_> = all.iter().map(facts).collect();
        assert_eq!(
            seen,
            [
                ("GET", "/api/{*rest}", 404, Some("request.not_found")),
                ("POST", "/api/v1/members", 403, Some("auth.scope_missing")),
                ("GET", "/api/v1/members/{member}", 200, None),
                ("POST", "/api/v1/members", 201, None),
            ]
        );
        assert_eq!(all[2].request_id, "of-the-shop");
        assert!(
            all.iter()
                .all(|it| it.key_name.is_some() && it.at == shop.now())
        );
        let text = serde_json::to_string(&all).expect("JSON");
        assert!(!text.contains("secret-customer"), "{text}");

        assert_eq!(log(app, "&failed=true").await.len(), 2);
        assert_eq!(log(app, "&request_id=of-the-shop").await, [all[2].clone()]);
        assert_eq!(
            log(app, &format!("&key={}", all[3].key_id)).await,
            [all[3].clone()]
        );
        let operator = app.staff(Role::Operator).await;
        let asked = app
            .get("/api/v1/api_requests")
            .bearer(&operator.token)
            .await;
        asked.assert_problem(403, "auth.forbidden");
    })
    .await;
}

#[tokio::test]
async fn requests_are_forgotten_after_a_week() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        assert_eq!(log(app, "").await.len(), 1);
        shop.pass_days(6).await;
        shop.member("bo").await;
        assert_eq!(log(app, "").await.len(), 2);
        shop.pass_days(2).await;
        let left = log(app, "").await;
        assert_eq!(left.len(), 1);
        assert!(left[0].at > shop.now().plus_days(-7));
    })
    .await;
}
