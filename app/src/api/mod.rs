//! Talks to the server: one place that signs requests, renews a session and reads problems.

mod cache;
mod early;
mod events;
mod intent;
mod picture;
mod send;
mod tree;

pub use events::{Event, Events};
pub use intent::Intent;
pub use send::{Call, Reply};

use crate::bridge;
use crate::i18n::Language;
use crate::session::{Identity, Session, Side};
use crate::ui::browser;
use cache::Cache;
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use send::{Method, send};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::problem::Problem;
use std::rc::Rc;
use std::sync::Arc;
use web_sys::AbortSignal;

/// How long to wait when another tab has just renewed the session.
const RACE_PAUSE_MS: u32 = 200;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The server could not be reached.
    Offline,
    /// The page was left before the answer came.
    Aborted,
    /// The answer could not be read.
    Unreadable,
    /// The server said no.
    Refused(Box<Problem>),
    /// The server said not now, and in how many seconds to ask again.
    Later(Box<Problem>, u32),
}

impl ApiError {
    /// The problem's code, when the server said no.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) | Self::Later(problem, _) => Some(&problem.code),
            Self::Offline | Self::Aborted | Self::Unreadable => None,
        }
    }
}

/// Where else a session can come from when the server renews it no more: the answer of a sign-in.
pub type Source = Rc<dyn Fn() -> LocalBoxFuture<'static, Option<String>>>;

/// The connection of this page to the server. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Api {
    side: Side,
    language: Language,
    token: StoredValue<Option<String>>,
    /// Held while the session is renewed, so that many calls renew it once.
    renewing: StoredValue<Rc<Mutex<()>>, LocalStorage>,
    cache: StoredValue<Cache, LocalStorage>,
    session: RwSignal<Session>,
    source: StoredValue<Option<Source>, LocalStorage>,
}

impl Api {
    /// A connection for the member centre or the console, not yet signed in.
    #[must_use]
    pub fn new(side: Side, language: Language) -> Self {
        Self {
            side,
            language,
            token: StoredValue::new(None),
            renewing: StoredValue::new_local(Rc::new(Mutex::new(()))),
            cache: StoredValue::new_local(Cache::default()),
            session: RwSignal::new(Session::Starting),
            source: StoredValue::new_local(None),
        }
    }

    /// Says where a session comes from when the server renews it no more.
    pub fn renew_from(self, source: Source) {
        self.source.set_value(Some(source));
    }

    /// Who is signed in.
    #[must_use]
    pub fn session(self) -> RwSignal<Session> {
        self.session
    }

    /// Which of the two pages this is.
    #[must_use]
    pub fn side(self) -> Side {
        self.side
    }

    /// Takes up the session of an earlier visit, if there is one.
    pub async fn start(self) {
        // In a frame the storage may be closed, and the cookie not.
        if browser::saved(self.side.flag()).is_none() && !bridge::keeps_partitioned() {
            self.session.set(Session::SignedOut { ended: false });
            return;
        }
        self.session.set(Session::Starting);
        if let Err(error) = self.renew(None).await {
            self.session.update(|it| {
                if matches!(it, Session::Starting) {
                    *it = Session::Unreachable(error);
                }
            });
        }
    }

    /// Opens a session from the answer of a sign-in; returns the page that it wants to show.
    ///
    /// # Errors
    /// [`ApiError::Unreadable`] when the answer is not a session.
    pub fn open(self, text: &str) -> Result<Option<String>, ApiError> {
        let opened = (self.side.read())(text).ok_or(ApiError::Unreadable)?;
        let changed = self.session.with_untracked(|it| match it {
            Session::SignedIn(identity) => *identity != opened.identity,
            _ => true,
        });
        self.token.set_value(Some(opened.token));
        browser::save(self.side.flag(), "1");
        if changed {
            self.cache.update_value(Cache::clear);
            self.session.set(Session::SignedIn(opened.identity));
        }
        Ok(opened.page)
    }

    /// Takes up what has changed about the signed-in person.
    pub async fn refresh(self) {
        // If that fails, the next call says why.
        let _renewed = self.renew(None).await;
    }

    /// Forgets the session of this page; the server has ended it, or is told so by the caller.
    pub fn close(self, ended: bool) {
        self.token.set_value(None);
        self.cache.update_value(Cache::clear);
        browser::forget(self.side.flag());
        self.session.set(Session::SignedOut { ended });
    }

    /// The signed-in person, if any.
    #[must_use]
    pub fn identity(self) -> Option<Identity> {
        self.session.with(|it| match it {
            Session::SignedIn(identity) => Some(identity.clone()),
            _ => None,
        })
    }

    /// What an earlier read of this path answered.
    #[must_use]
    pub fn cached(self, path: &str) -> Option<Arc<str>> {
        self.cache.with_value(|it| it.text(path))
    }

    /// When the server last said that this is what it answers to this path.
    #[must_use]
    pub fn read_at(self, path: &str) -> Option<f64> {
        self.cache.with_value(|it| it.at(path))
    }

    /// Reads from the server; an unchanged answer is taken from memory.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn get_text(
        self,
        path: &str,
        abort: Option<&AbortSignal>,
    ) -> Result<Arc<str>, ApiError> {
        let mut call = Call::new(Method::Get, path);
        call.abort = abort;
        call.etag = self.cache.with_value(|it| it.etag(path));
        let reply = self.call(call).await?;
        if reply.status == 304 {
            let text = self.cache.try_update_value(|it| it.confirm(path)).flatten();
            return text.ok_or(ApiError::Unreadable);
        }
        let text: Arc<str> = reply.text.into();
        self.cache
            .update_value(|it| it.keep(path, reply.etag, Arc::clone(&text)));
        Ok(text)
    }

    /// Sends a body and reads the answer. `key` is the idempotency key of the intent.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn post<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<T, ApiError> {
        read(&self.post_text(path, body, key).await?)
    }

    /// Like [`Api::post`], for an answer that the caller reads.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn post_text(
        self,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<String, ApiError> {
        self.write(Method::Post, path, body, key).await
    }

    /// Changes a part of something and reads the answer.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn patch<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        read(&self.patch_text(path, body).await?)
    }

    /// Like [`Api::patch`], for an answer that the caller reads.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn patch_text(self, path: &str, body: &impl Serialize) -> Result<String, ApiError> {
        self.write(Method::Patch, path, body, None).await
    }

    /// Sends a body in the name of somebody else, such as one of the shop's systems.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn post_as(
        self,
        token: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<String, ApiError> {
        let mut call = Call::new(Method::Post, path);
        call.body = Some(serde_json::to_string(body).map_err(|_| ApiError::Unreadable)?);
        let tag = self.language.now().tag();
        Ok(send(&call, Some(token), self.side, tag).await?.text)
    }

    async fn write(
        self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<String, ApiError> {
        let mut call = Call::new(method, path);
        call.body = Some(serde_json::to_string(body).map_err(|_| ApiError::Unreadable)?);
        call.key = key;
        Ok(self.call(call).await?.text)
    }

    /// Puts something in place of what is there; `seen` is the version that the edit began with.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn put(
        self,
        path: &str,
        body: &impl Serialize,
        seen: Option<&str>,
    ) -> Result<String, ApiError> {
        let mut call = Call::new(Method::Put, path);
        call.body = Some(serde_json::to_string(body).map_err(|_| ApiError::Unreadable)?);
        call.seen = seen;
        Ok(self.call(call).await?.text)
    }

    /// The version of what an earlier read of this path answered.
    #[must_use]
    pub fn version(self, path: &str) -> Option<String> {
        self.cache.with_value(|it| it.etag(path))
    }

    /// Reads something once, such as a file, without keeping it.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn fetch(self, path: &str) -> Result<String, ApiError> {
        Ok(self.call(Call::new(Method::Get, path)).await?.text)
    }

    /// Sends a file of lines and reads the answer.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn upload(self, path: &str, lines: String) -> Result<String, ApiError> {
        let mut call = Call::new(Method::Post, path);
        call.body = Some(lines);
        call.kind = "text/csv";
        Ok(self.call(call).await?.text)
    }

    /// Sends a file as it lies on the disk, once for a key, and reads the answer.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn send_file(
        self,
        path: &str,
        file: web_sys::File,
        key: &str,
    ) -> Result<String, ApiError> {
        let mut call = Call::new(Method::Post, path);
        call.file = Some(file);
        call.kind = "text/csv";
        call.key = Some(key);
        Ok(self.call(call).await?.text)
    }

    /// Ends something.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn delete(self, path: &str) -> Result<(), ApiError> {
        self.call(Call::new(Method::Delete, path)).await.map(drop)
    }

    /// Sends a call; renews the session once when the access token has run out.
    async fn call(self, call: Call<'_>) -> Result<Reply, ApiError> {
        let token = self.token.get_value();
        let tag = self.language.now().tag();
        let first = send(&call, token.as_deref(), self.side, tag).await;
        match &first {
            Err(error) if token.is_some() && is_token_refusal(error) => {}
            _ => return first,
        }
        self.renew(token).await?;
        let token = self.token.get_value();
        send(&call, token.as_deref(), self.side, tag).await
    }

    /// Renews the session unless another call has done so since `stale` was the token.
    async fn renew(self, stale: Option<String>) -> Result<(), ApiError> {
        let lock = self.renewing.get_value();
        let _held = lock.lock().await;
        if stale.is_some() && self.token.get_value() != stale {
            return Ok(());
        }
        let in_vain = bridge::keeps_nothing();
        let mut answer = match in_vain {
            true => Err(ApiError::Aborted),
            false => self.ask_renewal().await,
        };
        if matches!(&answer, Err(error) if error.code() == Some("auth.refresh_raced")) {
            TimeoutFuture::new(RACE_PAUSE_MS).await;
            answer = self.ask_renewal().await;
        }
        let error = match answer {
            Ok(reply) => return self.open(&reply.text).map(drop),
            Err(error) => error,
        };
        if in_vain || matches!(&error, ApiError::Refused(problem) if problem.status == 401) {
            if stale.is_some()
                && let Some(text) = self.elsewhere().await
            {
                return self.open(&text).map(drop);
            }
            let ended = stale.is_some() || error.code() == Some("auth.session_ended");
            self.close(ended);
        }
        Err(error)
    }

    /// A session from elsewhere, if there is an elsewhere.
    async fn elsewhere(self) -> Option<String> {
        let source = self.source.get_value()?;
        self.token.set_value(None);
        source().await
    }

    async fn ask_renewal(self) -> Result<Reply, ApiError> {
        let call = Call::new(Method::Post, self.side.refresh_path());
        send(&call, None, self.side, self.language.now().tag()).await
    }
}

fn is_token_refusal(error: &ApiError) -> bool {
    matches!(
        error.code(),
        Some("auth.token_expired" | "auth.token_invalid" | "auth.unauthenticated")
    )
}

/// Reads an answer.
///
/// # Errors
/// [`ApiError::Unreadable`] when the answer is something else.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    tree::read(text).map_err(|_| ApiError::Unreadable)
}
