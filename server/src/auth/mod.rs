//! Who asks: access tokens, API keys, and what each may do. Deny by default.

mod browser;
mod budget;
mod cookies;
mod gate;
mod hmac;
mod identify;
mod lookups;
mod passwords;
mod principal;
mod store;
mod tokens;

pub(crate) use store::{find as setting, set as set_setting, tables};

pub use browser::{ConsolePage, MemberPage};
pub use budget::SignInBudget;
pub use cookies::{Cookies, Keeping};
pub use gate::{Gate, admit};
pub use identify::identify;
pub use passwords::Passwords;
pub use principal::{
    AUDITORS, ActiveMember, Actor, ApiKeyAuth, Caller, CurrentMember, CurrentStaff, OPERATORS,
    Principal, READERS,
};
pub use tokens::{ACCESS_SECONDS, Audience};

use crate::App;
use crate::config::Config;
use crate::db::Db;
use crate::error::Result;
use crate::sessions::service::Standing;
use crate::staff::service::KeyFacts;
use quick_cache::sync::Cache;
use shared::ids::{ApiKeyId, MemberId, SessionId};
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokens::Tokens;

/// How long another node may go on believing what this one has revoked.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
/// Sessions that are remembered: of all who wait for a sale to open.
const REMEMBERED: usize = 100_000;
/// How often the last use of a key is written.
const KEY_USE_EVERY_MS: i64 = 60_000;

/// Signing keys, and what is remembered about sessions and keys so that a request need not ask
/// the database. On this node every change is seen at once, on others within five seconds. A node
/// that has its database for itself goes on believing what it knows of members.
pub struct Auth {
    /// Password hashing.
    pub passwords: Passwords,
    tokens: Tokens,
    sessions: Cache<SessionId, Arc<Remembered<Standing>>>,
    lookups: lookups::Lookups,
    keys: Cache<ApiKeyId, Arc<Remembered<KeyFacts>>>,
    /// Counts changes of staff and keys on this node; members have their own generations.
    /// What keyed hashes are made with.
    hash_key: String,
    version: AtomicU64,
    key_uses: Mutex<HashMap<ApiKeyId, Timestamp>>,
}

/// A fact and how long it may be believed.
struct Remembered<T> {
    fact: Option<T>,
    generation: u32,
    version: u64,
    until: Instant,
}

impl Auth {
    /// Takes the configured signing key, or the one of this database, which is made on the first
    /// start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(db: &Db, config: &Config) -> Result<Self> {
        let secret = match &config.token_secret {
            Some(secret) => secret.clone(),
            None => store::token_secret(db).await?,
        };
        Ok(Self {
            passwords: Passwords::default(),
            tokens: Tokens::new(secret.as_bytes()),
            hash_key: crate::ids::hash_secret(&format!("hashing\n{secret}")),
            sessions: Cache::new(REMEMBERED),
            lookups: lookups::Lookups::default(),
            keys: Cache::new(1024),
            version: AtomicU64::new(0),
            key_uses: Mutex::default(),
        })
    }

    /// A hash of something that people are known by, which is of no use without this database's
    /// secret.
    #[must_use]
    pub fn keyed_hash(&self, value: &str) -> String {
        crate::ids::hash_secret(&format!("{}\n{value}", self.hash_key))
    }

    /// An access token for a session, and when it ends.
    ///
    /// # Errors
    /// When signing fails.
    pub fn issue(
        &self,
        subject: Subject,
        session: SessionId,
        epoch: i32,
        now: Timestamp,
    ) -> Result<(String, Timestamp)> {
        self.tokens.issue(subject, session, epoch, now)
    }

    /// Makes what is remembered about staff and keys stale on this node. Call it after the commit
    /// of any change of theirs.
    pub fn forget(&self) {
        self.version.fetch_add(1, Ordering::AcqRel);
    }

    /// What a token of this session may be used for now; `None` when there is no such session.
    async fn standing(
        &self,
        db: &Db,
        session: SessionId,
        subject: Subject,
    ) -> Result<Option<Standing>> {
        let generation = subject.member().map_or(0, |it| db.generation(it));
        let believed_for = subject
            .member()
            .map_or(BELIEVED_FOR, |_| db.believed_for(BELIEVED_FOR));
        let version = self.version.load(Ordering::Acquire);
        if let Some(known) = self.sessions.get(&session)
            && known.holds(generation, version)
        {
            return Ok(known.fact);
        }
        let fact = self.lookups.standing(db, session).await?;
        self.sessions.insert(
            session,
            Remembered::new(fact, generation, version, believed_for),
        );
        Ok(fact)
    }

    async fn key(&self, db: &Db, id: ApiKeyId) -> Result<Option<KeyFacts>> {
        let version = self.version.load(Ordering::Acquire);
        if let Some(known) = self.keys.get(&id)
            && known.holds(0, version)
        {
            return Ok(known.fact.clone());
        }
        let fact = crate::staff::service::key_facts(db.read(), id).await?;
        self.keys
            .insert(id, Remembered::new(fact.clone(), 0, version, BELIEVED_FOR));
        Ok(fact)
    }

    /// Writes that a key is in use, once a minute and without making the request wait.
    fn note_use(&self, app: &App, key: ApiKeyId) {
        let now = app.db.now();
        {
            let mut uses = self.key_uses.lock().unwrap_or_else(PoisonError::into_inner);
            let due = uses.get(&key).is_none_or(|at| {
                now.as_millis().abs_diff(at.as_millis()) >= KEY_USE_EVERY_MS.unsigned_abs()
            });
            if !due {
                return;
            }
            uses.insert(key, now);
        }
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = crate::staff::service::note_key_use(&app, key).await {
                tracing::warn!(%error, %key, "the last use of a key was not written");
            }
        });
    }
}

impl<T> Remembered<T> {
    fn new(fact: Option<T>, generation: u32, version: u64, believed_for: Duration) -> Arc<Self> {
        Arc::new(Self {
            fact,
            generation,
            version,
            until: Instant::now() + believed_for,
        })
    }

    fn holds(&self, generation: u32, version: u64) -> bool {
        self.generation == generation && self.version == version && Instant::now() < self.until
    }
}

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A member's.
    Member(MemberId),
    /// Of one of the staff.
    Staff(shared::ids::StaffId),
}

impl Subject {
    const fn member(self) -> Option<MemberId> {
        match self {
            Self::Member(id) => Some(id),
            Self::Staff(_) => None,
        }
    }

    /// Which pages the session is for.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Member(_) => Audience::Member,
            Self::Staff(_) => Audience::Staff,
        }
    }
}

/// Finds out who sends this `Authorization`.
///
/// # Errors
/// `auth.*` when it does not or no longer says who, or when the database fails.
pub(crate) async fn authenticate(app: &App, bearer: &str) -> Result<Principal> {
    if let Some((id, secret)) = crate::staff::service::parse_key(bearer) {
        return by_key(app, id, secret).await;
    }
    let claims = app.auth.tokens.verify(bearer, app.db.now())?;
    let standing = app
        .auth
        .standing(&app.db, claims.session, claims.subject)
        .await?;
    let ended = || crate::error::AppError::from(ErrorCode::SessionEnded);
    let standing = standing.ok_or_else(ended)?;
    if !standing.is_live(app.db.now())
        || standing.subject() != claims.subject
        || standing.epoch != claims.epoch
    {
        return Err(ended());
    }
    Ok(standing.principal(claims.session))
}

async fn by_key(app: &App, id: ApiKeyId, secret: &str) -> Result<Principal> {
    let facts = app.auth.key(&app.db, id).await?;
    // An unknown key is compared as well, so that it takes as long as a known one.
    let right = crate::staff::service::is_secret(facts.as_ref(), secret);
    match facts {
        Some(facts) if right => {
            app.auth.note_use(app, id);
            Ok(Principal::Key(ApiKeyAuth {
                id,
                scopes: facts.scopes,
            }))
        }
        _ => Err(ErrorCode::TokenInvalid.into()),
    }
}
