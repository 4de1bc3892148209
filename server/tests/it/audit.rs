//! The audit trail: found by who, what, to what and when, and taken away as a file.

use crate::support::{Shop, TestApp, on_both};
use serde_json::json;
use shared::audit::api::AuditEntry;
use shared::page::Page;
use shared::staff::Role;

/// Rows of the trail that a query finds, newest first.
async fn found(app: &TestApp, token: &str, query: &str) -> Vec<AuditEntry> {
    let path = format!("/api/v1/audit_entries?limit=100&{query}");
    let answer = app.get(&path).bearer(token).await;
    answer.assert_status(200);
    answer.parse::<Page<AuditEntry>>().data
}

#[tokio::test]
async fn the_trail_is_searched_by_actor_action_target_and_time() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let ann = shop.member("ann").await;
        app.clock.advance_days(1);
        let admin = app.staff(Role::Admin).await;
        let operator = app.staff(Role::Operator).await;
        for action in ["freeze", "unfreeze"] {
            let path = format!("/api/v1/members/ext:ann/{action}");
            let call = app.post(&path).bearer(&operator.token);
            call.json(&json!({ "reason": "=cmd|'x'" }))
                .await
                .assert_status(200);
        }
        let find = async |query: String| found(app, &admin.token, &query).await;
        let day = "action=member.&from=2026-06-16T00:00:00Z";
        assert_eq!(
            find(format!("actor={}&action=member.", operator.id))
                .await
                .len(),
            2
        );
        assert_eq!(find(format!("target={ann}")).await.len(), 3);
        assert_eq!(
            find("action=member.status_changed".to_owned()).await.len(),
            2
        );
        assert_eq!(find("action=member.".to_owned()).await.len(), 3);
        assert_eq!(find("action=member".to_owned()).await.len(), 0);
        assert_eq!(find(day.to_owned()).await.len(), 2);
        assert_eq!(
            find(format!("target={ann}&to=2026-06-15T23:00:00Z"))
                .await
                .len(),
            1
        );
        let rows = find(format!("target={ann}&{day}")).await;
        assert!(rows[0].id > rows[1].id, "newest first");
        assert_eq!(rows[0].actor_name.as_deref(), Some("Operator"));
        assert_eq!(rows[0].target_name.as_deref(), Some("ann"));
        let facts: Vec<_> = rows[1]
            .detail
            .iter()
            .map(|it| (it.name.as_str(), it.value.as_str()))
            .collect();
        assert_eq!(
            facts,
            [("from", "active"), ("reason", "=cmd|'x'"), ("to", "frozen")]
        );

        let path = format!("/api/v1/audit_exports?target={ann}&{day}");
        let file = app.get(&path).bearer(&admin.token).await;
        file.assert_status(200);
        let text = file.text();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(
            text.contains("member.status_changed") && text.contains(",Operator,"),
            "{text}"
        );
        assert_eq!(find("action=audit.exported".to_owned()).await.len(), 1);
        for path in ["/api/v1/audit_entries", "/api/v1/audit_exports"] {
            let refused = app.get(path).bearer(&operator.token).await;
            refused.assert_problem(403, "auth.forbidden");
        }
    })
    .await;
}
