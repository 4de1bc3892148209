//! What stands in headers.

use crate::error::{AppError, Result};
use axum::extract::FromRequestParts;
use axum::http::header::{IF_MATCH, USER_AGENT};
use axum::http::request::Parts;
use shared::problem::ErrorCode;
use std::convert::Infallible;

/// Longest name of a browser that is kept.
const USER_AGENT_MAX: usize = 200;

/// The version that the caller saw before a change; required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(String);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let value = parts
            .headers
            .get(IF_MATCH)
            .ok_or(ErrorCode::PreconditionRequired)?;
        let text = value.to_str().map_err(|_| ErrorCode::PreconditionFailed)?;
        Ok(Self(text.to_owned()))
    }
}

impl IfMatch {
    /// Refuses when someone changed the thing meanwhile. `current` is the tag without quotes.
    ///
    /// # Errors
    /// `request.precondition_failed` when the caller saw another version.
    pub fn require(&self, current: &str) -> Result<()> {
        if self.names(current) {
            Ok(())
        } else {
            Err(ErrorCode::PreconditionFailed.into())
        }
    }

    /// Refuses when someone changed the thing meanwhile, and shows the thing as it is now.
    ///
    /// # Errors
    /// `request.precondition_failed` with the thing.
    pub fn require_of(&self, current: &str, thing: &impl serde::Serialize) -> Result<()> {
        if self.names(current) {
            Ok(())
        } else {
            Err(AppError::stale(thing))
        }
    }

    fn names(&self, current: &str) -> bool {
        let same = |part: &str| {
            let part = part.trim();
            part == "*"
                || part.strip_prefix('"').and_then(|it| it.strip_suffix('"')) == Some(current)
        };
        self.0.split(',').any(same)
    }
}

/// What the browser calls itself, shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for UserAgent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let text = parts
            .headers
            .get(USER_AGENT)
            .and_then(|it| it.to_str().ok());
        Ok(Self(
            text.filter(|it| !it.is_empty())
                .map(|it| it.chars().take(USER_AGENT_MAX).collect()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_needs_the_version_that_was_seen() {
        for (seen, fine) in [
            ("\"7\"", true),
            ("\"6\", \"7\"", true),
            ("*", true),
            ("\"6\"", false),
            ("7", false),
            ("W/\"7\"", false),
        ] {
            assert_eq!(
                IfMatch(seen.to_owned()).require("7").is_ok(),
                fine,
                "{seen}"
            );
        }
    }
}
