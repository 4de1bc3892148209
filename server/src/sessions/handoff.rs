//! Hand-off: the shop's own sign-in opens the member's pages, by an address that works once.

use super::handoff_store::{self, Purpose};
use super::service::{Opened, SignedIn, member_signed_in, open_for};
use super::store::OpenedBy;
use crate::App;
use crate::auth::{ACCESS_SECONDS, Keeping, Subject};
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::ids::{hash_secret, secret};
use crate::members;
use shared::embed::api::Embedding;
use shared::embed::origins;
use shared::ids::MemberId;
use shared::problem::ErrorCode;
use shared::sessions::api::{CreateEmbedSession, EmbedSession, ExchangeCode, MemberSession};

/// How long the address works.
const CODE_MS: i64 = 120_000;
/// Longest page to land on.
const PAGE_MAX: usize = 500;

/// Makes an address that signs a member in once.
///
/// # Errors
/// `members.not_found`; `request.invalid` when the page is not one of ours, or the host none that
/// may show it.
pub async fn create(app: &App, request: CreateEmbedSession) -> Result<EmbedSession> {
    if request.page.as_deref().is_some_and(|it| !is_local(it)) {
        let expected = "expected a path of the member centre such as /points";
        return Err(AppError::invalid_field("/page", "invalid", expected));
    }
    let sources = &app.config.frame_ancestors;
    let may_show = |it: &str| origins::allows(sources, &app.config.public_url, it);
    if request.host.as_deref().is_some_and(|it| !may_show(it)) {
        let expected = "expected one of the origins of frame_ancestors";
        return Err(AppError::invalid_field("/host", "invalid", expected));
    }
    let member = members::service::resolve(app.db.read(), &request.member).await?;
    let login = members::login::find(app.db.read(), member).await?;
    login
        .filter(|it| !it.status.is_gone())
        .ok_or(ErrorCode::MemberNotFound)?;
    let code = secret();
    let expires_at = app.db.now().plus_millis(CODE_MS);
    let purpose = Purpose {
        member,
        page: request.page,
        host: request.host,
        expires_at,
    };
    app.db
        .write((hash_secret(&code), purpose), |tx, (hash, purpose)| {
            Box::pin(handoff_store::insert(tx, hash.clone(), purpose.clone()))
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
/// `auth.handoff_invalid` when it was used, is over, is for another host or never was.
pub async fn exchange(
    app: &App,
    request: ExchangeCode,
    user_agent: Option<String>,
    keeping: Keeping,
) -> Result<SignedIn<MemberSession>> {
    let arrival = Arrival {
        hash: hash_secret(&request.code),
        host: request.host,
        user_agent,
        keeping,
    };
    let taken = app
        .db
        .write(arrival, |tx, arrival| Box::pin(take(tx, arrival)));
    let (member, epoch, opened, page) = taken.await?;
    member_signed_in(app, member, epoch, opened, page)
}

/// Where in the frame of another site the member centre may be shown.
#[must_use]
pub fn embedding(app: &App) -> Embedding {
    Embedding {
        origins: app.config.frame_ancestors.clone(),
    }
}

/// Who comes with a code, and from where.
#[derive(Debug, Clone)]
struct Arrival {
    hash: String,
    host: Option<String>,
    user_agent: Option<String>,
    keeping: Keeping,
}

async fn take(tx: &Tx, arrival: &Arrival) -> Result<(MemberId, i32, Opened, Option<String>)> {
    let code = handoff_store::take(tx, &arrival.hash, arrival.host.as_deref())
        .await?
        .ok_or(ErrorCode::HandoffInvalid)?;
    let login = members::login::find(tx, code.member_id.into()).await?;
    let login = login
        .filter(|it| !it.status.is_gone())
        .ok_or(ErrorCode::HandoffInvalid)?;
    let (subject, user_agent) = (Subject::Member(login.id), arrival.user_agent.clone());
    let by = OpenedBy::HandOff;
    // What nothing can renew need not stand among the member's devices for a month.
    let seconds = match arrival.keeping {
        Keeping::Own | Keeping::Partitioned => None,
        Keeping::Nowhere => Some(ACCESS_SECONDS),
    };
    let opened = open_for(tx, subject, user_agent, by, seconds).await?;
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
