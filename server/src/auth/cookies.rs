//! The cookies that hold refresh tokens.

use super::Audience;
use crate::config::Config;
use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

/// Makes and reads the cookies of one request.
pub struct Cookies {
    jar: CookieJar,
    secure: bool,
}

impl Cookies {
    /// The cookies that a request brought.
    #[must_use]
    pub fn of(config: &Config, headers: &HeaderMap) -> Self {
        Self {
            jar: CookieJar::from_headers(headers),
            secure: config.is_https(),
        }
    }

    /// The refresh token for these pages.
    #[must_use]
    pub fn refresh_token(&self, audience: Audience) -> Option<&str> {
        self.jar.get(self.name(audience)).map(Cookie::value)
    }

    /// Gives the browser a refresh token that no script can read.
    pub fn with_refresh_token(self, audience: Audience, token: String, seconds: i64) -> CookieJar {
        let cookie = self.cookie(audience, token, seconds);
        self.jar.add(cookie)
    }

    /// Takes the refresh token away.
    pub fn without_refresh_token(self, audience: Audience) -> CookieJar {
        let cookie = self.cookie(audience, String::new(), 0);
        self.jar.add(cookie)
    }

    fn cookie(&self, audience: Audience, value: String, seconds: i64) -> Cookie<'static> {
        Cookie::build((self.name(audience), value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .max_age(cookie::time::Duration::seconds(seconds))
            .build()
    }

    /// With https the name makes browsers insist on this host, this path and https.
    const fn name(&self, audience: Audience) -> &'static str {
        match (audience, self.secure) {
            (Audience::Member, true) => "__Host-coterie_member",
            (Audience::Member, false) => "coterie_member",
            (Audience::Staff, true) => "__Host-coterie_console",
            (Audience::Staff, false) => "coterie_console",
        }
    }
}
