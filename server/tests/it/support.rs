//! What every test stands on: a server of its own on a fresh database, a clock that is moved by
//! hand, and a client.

mod client;
mod database;
mod receiver;
pub(crate) mod shop;

pub(crate) use client::{Answer, Call};
pub(crate) use database::{on_both, on_both_with};
pub(crate) use receiver::{Receiver, Say};
pub(crate) use shop::Shop;

use axum::Router;
use server::auth::Actor;
use server::clock::ManualClock;
use server::config::{Config, Limits};
use server::db::Db;
use server::{App, AppState};
use shared::ids::{MemberId, StaffId};
use shared::sessions::api::{MemberSession, SignUp, StaffSession};
use shared::staff::api::{CreateApiKey, CreateStaff};
use shared::staff::{Role, Scope};
use shared::time::Timestamp;
use std::sync::Arc;

/// The password of everyone in these tests.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server with its database and its clock.
pub(crate) struct TestApp {
    /// The server's own parts, for looking behind the API.
    pub(crate) app: App,
    /// Its clock: Monday, 15 June 2026, noon in Shanghai, until it is moved.
    pub(crate) clock: ManualClock,
    router: Router,
}

/// A member who is signed in.
pub(crate) struct SignedInMember {
    pub(crate) id: MemberId,
    pub(crate) token: String,
    /// `name=value` of the refresh cookie.
    pub(crate) cookie: String,
}

/// One of the staff who is signed in.
pub(crate) struct SignedInStaff {
    pub(crate) id: StaffId,
    pub(crate) token: String,
    /// `name=value` of the refresh cookie.
    pub(crate) cookie: String,
}

/// The instant at which every test begins.
pub(crate) fn beginning() -> Timestamp {
    "2026-06-15T04:00:00Z".parse().expect("a time")
}

impl TestApp {
    async fn start(url: &str, configure: impl Fn(&mut Config)) -> Self {
        let mut config = Config {
            limits: Limits::OFF,
            ..Config::for_database(url)
        };
        configure(&mut config);
        let clock = ManualClock::at(beginning());
        let db = Db::connect(url, Arc::new(clock.clone()))
            .await
            .expect("the database opens");
        db.migrate().await.expect("the schema is made");
        let app = AppState::new(db, config).await.expect("the server starts");
        let router = server::http::router(app.clone());
        Self { app, clock, router }
    }

    /// Another node on the same database and clock.
    pub(crate) async fn another_node(&self) -> App {
        self.another_node_with(|_| {}).await
    }

    /// Another node on the same database and clock, with other settings.
    pub(crate) async fn another_node_with(&self, configure: impl FnOnce(&mut Config)) -> App {
        let mut config = self.app.config.clone();
        configure(&mut config);
        let db = Db::connect(&config.database_url, Arc::new(self.clock.clone()))
            .await
            .expect("the database opens");
        AppState::new(db, config).await.expect("the node starts")
    }

    /// Another node with other settings, to be asked like this one.
    pub(crate) async fn beside(&self, configure: impl FnOnce(&mut Config)) -> Self {
        let app = self.another_node_with(configure).await;
        let router = server::http::router(app.clone());
        let clock = self.clock.clone();
        Self { app, clock, router }
    }

    /// Moves the clock ahead.
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.clock
            .set(self.app.db.now().plus_millis(seconds * 1000));
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    pub(crate) fn put(&self, path: &str) -> Call {
        self.call("PUT", path)
    }

    pub(crate) fn patch(&self, path: &str) -> Call {
        self.call("PATCH", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call {
        self.call("DELETE", path)
    }

    /// A request with any method.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.router.clone(), method, path)
    }

    /// A new member with this e-mail address, signed in with [`PASSWORD`].
    pub(crate) async fn sign_up(&self, email: &str) -> SignedInMember {
        let request = SignUp {
            name: None,
            email: Some(email.to_owned()),
            phone: None,
            password: PASSWORD.to_owned(),
            locale: None,
            time_zone: None,
        };
        let answer = self
            .post("/api/v1/sign_ups")
            .page("member")
            .json(&request)
            .await;
        answer.assert_status(201);
        let session: MemberSession = answer.parse();
        SignedInMember {
            id: session.member_id,
            token: session.access_token,
            cookie: answer.cookie(),
        }
    }

    /// A new staff account with this role, signed in.
    pub(crate) async fn staff(&self, role: Role) -> SignedInStaff {
        let email = format!(
            "{}@staff.example",
            server::ids::hex(&server::ids::random_bytes::<8>())
        );
        let request = CreateStaff {
            email: email.clone(),
            name: format!("{role:?}"),
            role,
            password: PASSWORD.to_owned(),
        };
        let made = server::staff::service::create(&self.app, request, Actor::System).await;
        made.expect("the account is made");
        self.sign_in_staff(&email).await
    }

    /// Signs the staff account with this address in.
    pub(crate) async fn sign_in_staff(&self, email: &str) -> SignedInStaff {
        let credentials = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = self
            .post("/api/v1/staff_sessions")
            .page("console")
            .json(&credentials)
            .await;
        answer.assert_status(201);
        let session: StaffSession = answer.parse();
        SignedInStaff {
            id: session.staff_id,
            token: session.access_token,
            cookie: answer.cookie(),
        }
    }

    /// The secret of a new API key with these scopes.
    pub(crate) async fn api_key(&self, scopes: &[Scope]) -> String {
        let request = CreateApiKey {
            name: "test".to_owned(),
            scopes: scopes.to_vec(),
        };
        let made = server::staff::service::create_key(&self.app, request, Actor::System).await;
        made.expect("the key is made").secret
    }
}
