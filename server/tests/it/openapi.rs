//! The description of the API: kept in the repository, and true about who may ask.

use crate::support::{TestApp, on_both};
use serde_json::Value;
use shared::staff::Scope;

/// Where the description is kept.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_kept_description_is_the_present_one() {
    let present = format!("{}\n", server::http::document());
    if std::env::var_os("COTERIE_UPDATE_OPENAPI").is_some() {
        std::fs::write(KEPT, &present).expect("the description can be written");
    }
    let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
    assert!(
        kept == present,
        "server/openapi.json is not the present description; look at the difference after\n  \
         COTERIE_UPDATE_OPENAPI=1 cargo test -p server --test it openapi"
    );
}

/// Every operation of the description: method, path with ids filled in, and what it says.
fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let filled = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part });
            let filled = filled.collect::<Vec<_>>().join("/");
            found.push((method.to_uppercase(), filled, operation.clone()));
        }
    }
    found
}

/// Whether the description lets this kind of caller in; without any, everyone is let in.
fn admits(operation: &Value, scheme: &str) -> bool {
    let schemes = operation["security"].as_array();
    schemes.is_none_or(|it| it.iter().any(|it| it.get(scheme).is_some()))
}

#[test]
fn every_operation_is_named_once_and_is_described() {
    let mut names = Vec::new();
    for (method, path, operation) in operations() {
        let name = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            name.contains('_'),
            "{method} {path} has no name like verb_resource: {name}"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|it| !it.is_empty()),
            "{method} {path} has no summary"
        );
        assert!(path.starts_with("/api/v1/"), "{path}");
        names.push(name);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two operations have one name");
    assert!(count > 40, "{count}");
}

#[tokio::test]
async fn nobody_gets_in_where_the_description_asks_for_someone() {
    on_both(async |app: &TestApp| {
        let mut open = Vec::new();
        for (method, path, operation) in operations() {
            let answer = app
                .call(&method, &path)
                .raw("{}")
                .idempotency_key("k")
                .await;
            if operation["security"].is_array() {
                answer.assert_problem(401, "auth.unauthenticated");
            } else {
                open.push(
                    operation["operationId"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                );
            }
        }
        open.sort_unstable();
        assert_eq!(
            open,
            [
                "create_session",
                "create_sign_up",
                "create_staff_session",
                "delete_current_session",
                "delete_current_staff_session",
                "exchange_session",
                "get_programme",
                "refresh_session",
                "refresh_staff_session",
                "reset_password",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_caller_of_the_wrong_kind_is_refused_everywhere() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let staff = app.staff(shared::staff::Role::Admin).await;
        let key = app.api_key(&Scope::ALL).await;
        for (method, path, operation) in operations() {
            for (scheme, token) in [
                ("member", &member.token),
                ("staff", &staff.token),
                ("api_key", &key),
            ] {
                if !admits(&operation, scheme) {
                    let answer = app
                        .call(&method, &path)
                        .bearer(token)
                        .raw("{}")
                        .idempotency_key("k")
                        .await;
                    answer.assert_problem(403, "auth.forbidden");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_community_manager_gets_nowhere_before_there_are_communities() {
    on_both(async |app: &TestApp| {
        let manager = app.staff(shared::staff::Role::CommunityManager).await;
        for (method, path, operation) in operations() {
            let own = operation["operationId"] == "get_own_staff";
            if !operation["security"].is_array() || own || !admits(&operation, "staff") {
                continue;
            }
            let call = app.call(&method, &path).bearer(&manager.token);
            let answer = call.raw("{}").idempotency_key("k").await;
            // Reading is refused for the role, or the object is none; a change may be refused for
            // its empty body before the role is looked at.
            let refused: &[u16] = match method.as_str() {
                "GET" => &[403, 404],
                _ => &[403, 404, 422, 428],
            };
            assert!(
                refused.contains(&answer.status),
                "{method} {path}: {}",
                answer.text()
            );
        }
    })
    .await;
}
