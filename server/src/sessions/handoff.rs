//! Hand-off: the shop's own sign-in opens the member's pages, by an address that works once.

use super::handoff_store;
use super::service::{Opened, SignedIn, member_signed_in, open};
use super::store::OpenedBy;
use crate::App;
use crate::auth::Subject;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::ids::{hash_secret, secret};
use crate::members;
use shared::ids::MemberId;
use shared::problem::ErrorCode;
use shared::sessions::api::{CreateEmbedSession, EmbedSession, MemberSession};

/// How long the address works.
const CODE_MS: i64 = 120_000;
/// Longest page to land on.
const PAGE_MAX: usize = 500;

/// Makes an address that signs a member in once.
///
/// # Errors
/// `members.not_found`; `request.invalid` when the page is not one of ours.
pub async fn create(app: &App, request: CreateEmbedSession) -> Result<EmbedSession> {
    if request.page.as_deref().is_some_and(|it| !is_local(it)) {
        let expected = "expected a path of the member centre such as /points";
        return Err(AppError::invalid_field("/page", "invalid", expected));
    }
    let member = members::service::resolve(app.db.read(), &request.member).await?;
    let login = members::login::find(app.db.read(), member).await?;
    login
        .filter(|it| !it.status.is_gone())
        .ok_or(ErrorCode::MemberNotFound)?;
    let code = secret();
    let expires_at = app.db.now().plus_millis(CODE_MS);
    let args = (hash_secret(&code), member, request.page, expires_at);
    app.db
        .write(args, |tx, (hash, member, page, expires_at)| {
            Box::pin(handoff_store::insert(
                tx,
                hash.clone(),
                *member,
                page.clone(),
                *expires_at,
            ))
        })
        .await?;
    Ok(EmbedSession {
        url: format!("{}/e/{code}", app.config.public_url),
        expires_at,
    })
}

/// Exchanges a code for a session.
///
/// # Errors
/// `auth.handoff_invalid` when it was used, is over or never was.
pub async fn exchange(
    app: &App,
    code: &str,
    user_agent: Option<String>,
) -> Result<SignedIn<MemberSession>> {
    let taken = app
        .db
        .write((hash_secret(code), user_agent), |tx, (hash, user_agent)| {
            Box::pin(take(tx, hash, user_agent.clone()))
        });
    let (member, epoch, opened, page) = taken.await?;
    member_signed_in(app, member, epoch, opened, page)
}

async fn take(
    tx: &Tx,
    hash: &str,
    user_agent: Option<String>,
) -> Result<(MemberId, i32, Opened, Option<String>)> {
    let code = handoff_store::take(tx, hash)
        .await?
        .ok_or(ErrorCode::HandoffInvalid)?;
    let login = members::login::find(tx, code.member_id.into()).await?;
    let login = login
        .filter(|it| !it.status.is_gone())
        .ok_or(ErrorCode::HandoffInvalid)?;
    let opened = open(tx, Subject::Member(login.id), user_agent, OpenedBy::HandOff).await?;
    Ok((login.id, login.epoch, opened, code.page))
}

/// A path on this server. What browsers would read as another host is not one.
fn is_local(page: &str) -> bool {
    let starts = page.starts_with('/') && !page.starts_with("//");
    let plain = page.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
    starts && plain && page.len() <= PAGE_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_landing_page_stays_here() {
        for page in ["/", "/points", "/points?asset=credit#lots", "/a//b"] {
            assert!(is_local(page), "{page}");
        }
        for page in [
            "",
            "points",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/a b",
            "\\/x",
        ] {
            assert!(!is_local(page), "{page}");
        }
        assert!(!is_local(&format!("/{}", "x".repeat(PAGE_MAX))));
    }
}
