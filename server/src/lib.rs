//! Coterie's server: an HTTP API over one database, and the pages' files.
//!
//! A feature is a folder: `routes.rs` knows HTTP, `service.rs` holds the use cases (one
//! transaction each), `store.rs` the tables and queries. Routes call services, services call their
//! own store and other features' services, never the other way.

pub mod audit;
pub mod auth;
#[cfg(feature = "bench")]
pub mod bench;
pub mod check;
pub mod clock;
pub mod communities;
pub mod config;
pub mod coupons;
pub mod db;
pub mod demo;
pub mod error;
pub mod http;
pub mod ids;
pub mod import;
pub mod jobs;
pub mod members;
pub mod messages;
pub mod names;
pub mod orders;
pub mod outbox;
pub mod outgoing;
pub mod points;
pub mod programme;
pub mod qr;
pub mod referrals;
pub mod requests;
pub mod rewards;
pub mod sales;
pub mod sandbox;
pub mod scenarios;
#[doc(hidden)]
pub mod schema;
pub mod sessions;
pub mod staff;
pub mod tasks;
pub mod tiers;
pub mod transfers;
pub mod webhooks;
pub mod wechat;

use config::Config;
use db::Db;
use error::Result;
use programme::Rulebook;
use std::sync::{Arc, PoisonError, RwLock};

/// What every request can reach.
pub type App = Arc<AppState>;

/// The parts of a running server.
pub struct AppState {
    /// The database.
    pub db: Db,
    /// What the operator of this server decided.
    pub config: Config,
    /// Signing keys and what is remembered about who signed in.
    pub auth: auth::Auth,
    /// How much each caller may still ask for.
    pub limits: http::rate_limit::RateLimits,
    /// Remembered answers of `GET /me/summary`.
    pub summaries: members::SummaryCache,
    /// The tasks as this node last read them.
    pub tasks: tasks::Remembered,
    /// Claims of flash sales that wait for their batch.
    pub claims: sales::Engine,
    /// What is known of members who come to flash sales.
    pub people: sales::People,
    /// Who watches which flash sale.
    pub watched: sales::Watched,
    /// What asks other servers.
    pub outgoing: outgoing::Outgoing,
    /// The official account for which pages inside WeChat are signed, if there is one.
    pub wechat: Option<wechat::Account>,
    /// Who looked at flash sales, and what was refused there, until it is written.
    pub interests: sales::Interests,
    /// Members that are known to exist.
    pub known_members: members::KnownMembers,
    /// What keys asked, until it is written.
    pub requests: requests::Recent,
    /// Files that are being taken in.
    pub uploads: transfers::service::Uploads,
    rulebook: RwLock<Arc<Rulebook>>,
}

impl AppState {
    /// Puts a server together on a migrated database: the programme's rules are loaded, with
    /// defaults on the first start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn new(db: Db, config: Config) -> Result<App> {
        let rulebook = programme::service::load_or_seed(&db).await?;
        let auth = auth::Auth::load(&db, &config).await?;
        let outgoing = outgoing::Outgoing::new(config.send_to_private);
        let outgoing = outgoing.map_err(error::AppError::internal)?;
        let wechat = config
            .wechat
            .clone()
            .map(|it| wechat::Account::new(it, config.send_to_private));
        let wechat = wechat.transpose().map_err(error::AppError::internal)?;
        let limits = http::rate_limit::RateLimits::new(&config.limits);
        Ok(Arc::new(Self {
            db,
            config,
            auth,
            limits,
            summaries: members::SummaryCache::default(),
            tasks: tasks::Remembered::default(),
            claims: sales::Engine::default(),
            people: sales::People::default(),
            watched: sales::Watched::default(),
            outgoing,
            wechat,
            interests: sales::Interests::default(),
            known_members: members::KnownMembers::default(),
            requests: requests::Recent::default(),
            uploads: transfers::service::Uploads::default(),
            rulebook: RwLock::new(Arc::new(rulebook)),
        }))
    }

    /// The programme's rules as they are now.
    #[must_use]
    pub fn rulebook(&self) -> Arc<Rulebook> {
        self.rulebook
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes new rules into use on this node.
    pub fn set_rulebook(&self, rulebook: Rulebook) {
        *self
            .rulebook
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(rulebook);
        self.db.forget_all();
    }
}
