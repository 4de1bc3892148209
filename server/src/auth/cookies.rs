//! The cookies that hold refresh tokens.

use super::Audience;
use crate::config::Config;
use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

/// Where a page may keep its refresh token: it tries out what its browser allows, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// A page of its own, in a browser or a webview, or in a frame of the same site.
    Own,
    /// In the frame of another site, in a cookie that only frames there have.
    Partitioned,
    /// In the frame of another site, where the browser keeps no cookies at all: nowhere. The
    /// session lasts as long as its access token, and the host brings another code.
    Nowhere,
}

impl Keeping {
    /// What the page said.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match headers.get("x-coterie-frame").map(|it| it.as_bytes()) {
            None => Self::Own,
            Some(b"partitioned") => Self::Partitioned,
            Some(_) => Self::Nowhere,
        }
    }
}

/// Makes and reads the cookies of one request.
pub struct Cookies {
    jar: CookieJar,
    secure: bool,
    keeping: Keeping,
}

impl Cookies {
    /// The cookies that a request brought.
    #[must_use]
    pub fn of(config: &Config, headers: &HeaderMap) -> Self {
        Self {
            jar: CookieJar::from_headers(headers),
            secure: config.is_https(),
            keeping: Keeping::of(headers),
        }
    }

    /// The refresh token for these pages.
    #[must_use]
    pub fn refresh_token(&self, audience: Audience) -> Option<&str> {
        if self.keeping == Keeping::Nowhere {
            return None;
        }
        self.jar.get(self.name(audience)).map(Cookie::value)
    }

    /// Gives the browser a refresh token that no script can read.
    pub fn with_refresh_token(self, audience: Audience, token: String, seconds: i64) -> CookieJar {
        let cookie = self.cookie(audience, token, seconds);
        self.add(cookie)
    }

    /// Takes the refresh token away.
    pub fn without_refresh_token(self, audience: Audience) -> CookieJar {
        let cookie = self.cookie(audience, String::new(), 0);
        self.add(cookie)
    }

    fn add(self, cookie: Cookie<'static>) -> CookieJar {
        match self.keeping {
            Keeping::Nowhere => self.jar,
            Keeping::Own | Keeping::Partitioned => self.jar.add(cookie),
        }
    }

    fn cookie(&self, audience: Audience, value: String, seconds: i64) -> Cookie<'static> {
        let cookie = Cookie::build((self.name(audience), value))
            .path("/")
            .http_only(true)
            .max_age(cookie::time::Duration::seconds(seconds));
        if self.is_framed(audience) {
            // Without TLS browsers take it from this machine only.
            let cookie = cookie.secure(true).same_site(SameSite::None);
            cookie.partitioned(true).build()
        } else {
            let cookie = cookie.secure(self.secure).same_site(SameSite::Lax);
            cookie.build()
        }
    }

    /// The console is never in the frame of another site.
    fn is_framed(&self, audience: Audience) -> bool {
        self.keeping == Keeping::Partitioned && audience == Audience::Member
    }

    /// With https the name makes browsers insist on this host, this path and https. In frames it
    /// is another one, so that a browser which knows nothing of partitions does not take the two
    /// for the same.
    fn name(&self, audience: Audience) -> &'static str {
        match (audience, self.secure) {
            (Audience::Member, _) if self.is_framed(audience) => "__Host-coterie_frame",
            (Audience::Member, true) => "__Host-coterie_member",
            (Audience::Member, false) => "coterie_member",
            (Audience::Staff, true) => "__Host-coterie_console",
            (Audience::Staff, false) => "coterie_console",
        }
    }
}
