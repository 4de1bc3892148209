//! Every operation of the API × everyone who may ask: who is not named is refused, and who is
//! named is not.
//!
//! An operation declares who may call it in its own `#[utoipa::path(…)]`:
//!
//! - `security(())`: anyone, signed in or not;
//! - `security(("member" = []))`: members, frozen ones too; `("member" = ["active"])`: not those;
//! - `security(("staff" = ["admin", "operator"]), ("api_key" = ["members:read"]))`: staff with one
//!   of these roles, and API keys with this scope.
//!
//! `auth/gate.rs` carries exactly this out, so there is nothing else to write. A new operation on
//! something that belongs to a member needs an example of another member's thing in [`foreign`].

use crate::coupons::support::template;
use crate::support::shop::Shop;
use crate::support::{Answer, SignedInMember, TestApp, on_both};
use serde_json::{Value, json};
use shared::staff::{Role, Scope};

const ROLES: [(Role, &str); 4] = [
    (Role::Admin, "admin"),
    (Role::Operator, "operator"),
    (Role::CommunityManager, "community_manager"),
    (Role::Auditor, "auditor"),
];

/// An operation and who it says may call it.
struct Operation {
    method: String,
    path: String,
    security: Vec<Value>,
}

impl Operation {
    /// What is named for a kind of caller; `None` when that kind is not let in at all.
    fn names(&self, scheme: &str) -> Option<Vec<String>> {
        let named = self.security.iter().find_map(|it| it.get(scheme))?;
        let names = named.as_array().into_iter().flatten();
        Some(
            names
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
        )
    }

    fn is_open(&self) -> bool {
        self.security.iter().any(|it| it == &json!({}))
    }

    fn is_named(&self, scheme: &str, name: &str) -> bool {
        self.names(scheme)
            .is_some_and(|it| it.iter().any(|it| it == name))
    }

    /// The path with `fill` for every parameter.
    fn address(&self, fill: impl Fn(&str) -> String) -> String {
        let parts = self.path.split('/').map(|part| {
            let name = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            name.map_or_else(|| part.to_owned(), &fill)
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Asks, with a body that is wrong, so that nothing is changed by whoever is let in.
    async fn ask(&self, app: &TestApp, address: &str, bearer: Option<&str>) -> Answer {
        let mut call = app.call(&self.method, address).raw(r#"{"no":"such"}"#);
        call = call.idempotency_key("matrix").header("if-match", "\"0\"");
        if let Some(bearer) = bearer {
            call = call.bearer(bearer);
        }
        call.await
    }
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let security = operation["security"].as_array().cloned();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                security: security.unwrap_or_default(),
            });
        }
    }
    assert!(found.len() > 55, "{}", found.len());
    found
}

#[test]
fn every_operation_declares_who_may_call_it() {
    for it in operations() {
        let place = format!("{} {}", it.method, it.path);
        assert!(
            !it.security.is_empty(),
            "{place} does not say who may call it: see the head of server/tests/it/authorisation.rs"
        );
        for scheme in ["staff", "api_key"] {
            let empty = it.names(scheme).is_some_and(|names| names.is_empty());
            assert!(
                !empty,
                "{place} lets {scheme} in without a role or scope, so nobody: name them"
            );
        }
        assert!(
            !it.is_open() || it.security.len() == 1,
            "{place}: anyone, or someone"
        );
    }
}

#[test]
fn only_signing_in_and_what_the_shop_is_called_is_open() {
    let mut open: Vec<String> = operations()
        .into_iter()
        .filter(Operation::is_open)
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    open.sort_unstable();
    assert_eq!(
        open,
        [
            "DELETE /api/v1/sessions/current",
            "DELETE /api/v1/staff_sessions/current",
            "GET /api/v1/embedding",
            "GET /api/v1/programme",
            "GET /api/v1/referral_codes/{code}",
            "POST /api/v1/password_resets",
            "POST /api/v1/referral_visits",
            "POST /api/v1/sessions",
            "POST /api/v1/sessions/exchange",
            "POST /api/v1/sessions/refresh",
            "POST /api/v1/sign_ups",
            "POST /api/v1/staff_sessions",
            "POST /api/v1/staff_sessions/refresh",
            "POST /api/v1/wechat/signatures",
        ]
    );
}

fn place(it: &Operation, who: &str, answer: &Answer) -> String {
    format!(
        "{who}: {} {}: {} {}",
        it.method,
        it.path,
        answer.status,
        answer.text()
    )
}

#[tokio::test]
async fn staff_get_in_by_their_role() {
    on_both(async |app: &TestApp| {
        for (role, name) in ROLES {
            let staff = app.staff(role).await;
            for it in operations().iter().filter(|it| !it.is_open()) {
                let answer = it
                    .ask(app, &it.address(|_| "x".to_owned()), Some(&staff.token))
                    .await;
                if it.is_named("staff", name) {
                    assert!(
                        ![401, 403].contains(&answer.status),
                        "{}",
                        place(it, name, &answer)
                    );
                } else {
                    answer.assert_problem(403, "auth.forbidden");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn keys_get_in_by_their_scope() {
    on_both(async |app: &TestApp| {
        let all = app.api_key(&Scope::ALL).await;
        let mut lacking = Vec::new();
        for scope in Scope::ALL {
            let others: Vec<Scope> = Scope::ALL.into_iter().filter(|it| *it != scope).collect();
            lacking.push((scope, app.api_key(&others).await));
        }
        for it in operations().iter().filter(|it| !it.is_open()) {
            let address = it.address(|_| "x".to_owned());
            let answer = it.ask(app, &address, Some(&all)).await;
            if it.names("api_key").is_none() {
                answer.assert_problem(403, "auth.forbidden");
                continue;
            }
            assert!(
                ![401, 403].contains(&answer.status),
                "{}",
                place(it, "a key", &answer)
            );
            for (scope, key) in &lacking {
                if it.is_named("api_key", scope.as_str()) {
                    let answer = it.ask(app, &address, Some(key)).await;
                    answer.assert_problem(403, "auth.scope_missing");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_without_saying_who() {
    on_both(async |app: &TestApp| {
        let gone = app.sign_up("gone@example.com").await;
        let out = app.delete("/api/v1/sessions").bearer(&gone.token).await;
        out.assert_status(204);
        for it in operations().iter().filter(|it| !it.is_open()) {
            let address = it.address(|_| "x".to_owned());
            let answer = it.ask(app, &address, None).await;
            answer.assert_problem(401, "auth.unauthenticated");
            let answer = it.ask(app, &address, Some(&gone.token)).await;
            answer.assert_problem(401, "auth.session_ended");
            let answer = it.ask(app, &address, Some("nonsense")).await;
            answer.assert_problem(401, "auth.token_invalid");
        }
    })
    .await;
}

/// Another member's thing, for a parameter of an operation that members may call.
async fn foreign(shop: &Shop<'_>, other: &SignedInMember, it: &Operation, name: &str) -> String {
    let app = shop.app;
    let first = async |path: &str| {
        let rows = app.get(path).bearer(&other.token).await.json();
        let id = rows["data"][0]["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("the other member has something at {path}"))
    };
    match (it.path.as_str(), name) {
        (_, "entry") => first("/api/v1/me/points/entries").await,
        ("/api/v1/sessions/{id}", "id") => first("/api/v1/sessions").await,
        (_, "coupon") => first("/api/v1/me/coupons").await,
        // These are nobody's.
        (_, "channel") => "no_channel".to_owned(),
        (_, "message") => "msg_01k0000000e008000000000001".to_owned(),
        (_, "claim") => "tcl_01k0000000e008000000000001".to_owned(),
        (_, "sale") => "fsl_01k0000000e008000000000001".to_owned(),
        (_, "flash_claim") => "fcl_01k0000000e008000000000001".to_owned(),
        (_, "community") => "com_01k0000000e008000000000001".to_owned(),
        (_, "code") => "NOSUCHCODE".to_owned(),
        (_, "task") => "tsk_01k0000000e008000000000001".to_owned(),
        _ => panic!(
            "{} {}: give an example of another member's {name} in authorisation.rs",
            it.method, it.path
        ),
    }
}

#[tokio::test]
async fn members_get_in_for_themselves_and_not_for_others() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let (own, other) = (
            app.sign_up("a@example.com").await,
            app.sign_up("b@example.com").await,
        );
        let adjust = json!({ "asset": "points", "amount": 10, "reason": "a test" });
        let call = app.post(&format!("/api/v1/members/{}/points/adjustments", other.id));
        let given = call
            .bearer(&shop.key)
            .idempotency_key("k")
            .json(&adjust)
            .await;
        given.assert_status(201);
        let offer = template(&shop, json!({})).await;
        let claim = app.post("/api/v1/me/coupons").bearer(&other.token);
        let claim = claim.idempotency_key("claim");
        let claimed = claim.json(&json!({ "template_id": offer.id })).await;
        claimed.assert_status(201);
        for it in operations().iter().filter(|it| !it.is_open()) {
            if it.names("member").is_none() {
                let things = [other.id.to_string(), own.id.to_string(), "x".to_owned()];
                for thing in things {
                    let answer = it
                        .ask(app, &it.address(|_| thing.clone()), Some(&own.token))
                        .await;
                    answer.assert_problem(403, "auth.forbidden");
                }
                continue;
            }
            let mut address = it.path.clone();
            while let Some(name) = address.split(['{', '}']).nth(1).map(str::to_owned) {
                let thing = foreign(&shop, &other, it, &name).await;
                address = address.replace(&format!("{{{name}}}"), &thing);
            }
            let answer = it.ask(app, &address, Some(&own.token)).await;
            let about = place(it, "a member", &answer);
            assert!(![401, 403].contains(&answer.status), "{about}");
            assert!(
                address == it.path || [404, 422].contains(&answer.status),
                "{about}"
            );
            let name_of_other = answer.text().contains(&other.id.to_string());
            assert!(!name_of_other, "{about}");
            if it.path == "/api/v1/sessions" && it.method == "DELETE" {
                // It was let in, and the session is over.
                continue_as(app, &own).await;
            }
        }
    })
    .await;
}

/// Brings a session back that an operation of the matrix has ended.
async fn continue_as(app: &TestApp, member: &SignedInMember) {
    let id = member.id.uuid();
    let done = app.app.db.write(id, |tx, id| {
        Box::pin(async move {
            use sea_orm::ConnectionTrait;
            let sql = match tx.get_database_backend() {
                sea_orm::DatabaseBackend::Sqlite => {
                    "UPDATE sessions SET ended_at = NULL WHERE subject_id = ?"
                }
                _ => "UPDATE sessions SET ended_at = NULL WHERE subject_id = $1",
            };
            let backend = tx.get_database_backend();
            let again = sea_orm::Statement::from_sql_and_values(backend, sql, [(*id).into()]);
            tx.execute_raw(again).await?;
            tx.touch((*id).into());
            Ok(())
        })
    });
    done.await.expect("the session goes on");
}

#[tokio::test]
async fn frozen_members_look_and_do_nothing() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let member = app.sign_up("a@example.com").await;
        let freeze = app.post(&format!("/api/v1/members/{}/freeze", member.id));
        let frozen = freeze
            .bearer(&admin.token)
            .json(&json!({ "reason": "a test" }))
            .await;
        frozen.assert_status(200);
        let mut refused = 0;
        for it in operations() {
            let Some(names) = it.names("member") else {
                continue;
            };
            let answer = it
                .ask(app, &it.address(|_| "x".to_owned()), Some(&member.token))
                .await;
            if names.is_empty() {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{}",
                    place(&it, "frozen", &answer)
                );
                // Frozen members may look at what is theirs, read what was written, sign out, and
                // keep their account safe.
                let harmless = it.method == "GET"
                    || [
                        "/api/v1/sessions",
                        "/api/v1/me/messages",
                        "/api/v1/me/password",
                    ]
                    .iter()
                    .any(|path| it.path.starts_with(path));
                assert!(
                    harmless,
                    "{} {} is for frozen members too",
                    it.method, it.path
                );
            } else {
                answer.assert_problem(403, "members.frozen");
                refused += 1;
            }
            if it.path == "/api/v1/sessions" && it.method == "DELETE" {
                continue_as(app, &member).await;
            }
        }
        assert!(refused > 2, "{refused}");
    })
    .await;
}
