//! Signing pages. The ticket is read from the database, where all nodes share it; whoever finds that
//! it is due asks WeChat for another, one at a time, while the old one goes on being used. What
//! WeChat refuses is remembered for a while, so that many visitors do not ask again and again.

use super::asking::{Account, Lent, Trouble};
use super::store::{self, Model};
use crate::App;
use crate::error::{AppError, Result};
use crate::ids::{hex, random_bytes};
use sha1::{Digest, Sha1};
use shared::problem::ErrorCode;
use shared::wechat::api::{PageSignature, SignPage};
use shared::wechat::rules::{self, Refusal};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A ticket is renewed so long before its end, in seconds: WeChat gives a new one from then on, and
/// lets the old one be used a little longer.
const RENEW_BEFORE_S: i64 = 300;
/// A token or ticket that ends within so many milliseconds is not used any more.
const SPARE_MS: i64 = 30_000;
/// Whoever asks WeChat is left to it for so long, in milliseconds; longer than it can take.
const LEASE_MS: i64 = 30_000;
/// How often, and with which pause, a page that needs a ticket looks for the one that another
/// request is fetching.
const LOOKS: usize = 60;
const PAUSE: Duration = Duration::from_millis(100);

/// Signs a page.
///
/// # Errors
/// When no account is set up, the page is none of ours, or WeChat lends no ticket.
pub async fn sign(app: &App, request: &SignPage) -> Result<PageSignature> {
    let Some(account) = &app.wechat else {
        return Err(ErrorCode::WechatAbsent.into());
    };
    let page = rules::page_to_sign(&request.url, &account.settings.hosts).map_err(refused)?;
    let ticket = ticket(app, account).await?;
    let nonce = hex(&random_bytes::<16>());
    let timestamp = app.db.now().as_millis().div_euclid(1000);
    let text = rules::string_to_sign(&ticket, &nonce, timestamp, page);
    Ok(PageSignature {
        app_id: account.settings.app_id.clone(),
        timestamp,
        nonce,
        signature: hex(&Sha1::digest(text)),
    })
}

fn refused(why: Refusal) -> AppError {
    match why {
        Refusal::OtherHost => ErrorCode::WechatOtherHost.into(),
        Refusal::TooLong => {
            AppError::invalid_field("/url", "too_long", "expected at most 2000 characters")
        }
        Refusal::NoPage => AppError::invalid_field(
            "/url",
            "invalid",
            "expected the whole address of a page, which begins with https://",
        ),
    }
}

/// What there is to do about the ticket.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It can be used.
    Use(String),
    /// It can be used, and another should be asked for.
    Renew(String),
    /// One has to be asked for.
    Fetch,
    /// There is none, and WeChat is left alone for so many seconds more.
    Wait(u64),
}

fn step(kept: &Model, now: i64) -> Step {
    let ticket = kept.ticket.clone();
    let ticket = ticket.filter(|_| kept.ticket_until > now + SPARE_MS);
    let rests = kept.quiet_until > now;
    match ticket {
        Some(ticket) if rests || kept.renew_at > now => Step::Use(ticket),
        Some(ticket) => Step::Renew(ticket),
        None if rests => Step::Wait((kept.quiet_until - now).unsigned_abs().div_ceil(1000)),
        None => Step::Fetch,
    }
}

/// When a ticket that lives so many seconds is renewed, in seconds from now. One that WeChat gives
/// again shortly before its end is not asked for at every page.
fn renew_in_s(seconds: i64) -> i64 {
    match seconds > 2 * RENEW_BEFORE_S {
        true => seconds - RENEW_BEFORE_S,
        false => seconds / 2,
    }
}

/// A ticket that is of use now.
async fn ticket(app: &App, account: &Account) -> Result<String> {
    let app_id = account.settings.app_id.as_str();
    for _ in 0..LOOKS {
        let kept = store::find(app.db.read(), app_id).await?;
        match step(&kept, app.db.now().as_millis()) {
            Step::Use(ticket) => return Ok(ticket),
            Step::Renew(ticket) => {
                // Nobody waits for the new one.
                drop(renew(app, kept).await?);
                return Ok(ticket);
            }
            Step::Wait(seconds) => return Err(unavailable(seconds)),
            Step::Fetch => match renew(app, kept).await? {
                Some(asked) => {
                    if let Some(ticket) = asked.await.map_err(AppError::internal)?? {
                        return Ok(ticket);
                    }
                    // It is known now how long to wait.
                }
                None => tokio::time::sleep(PAUSE).await,
            },
        }
    }
    Err(unavailable(1))
}

const fn unavailable(seconds: u64) -> AppError {
    AppError::retry_later(ErrorCode::WechatUnavailable, seconds)
}

/// A ticket on its way; nothing when WeChat lent none.
type Asked = JoinHandle<Result<Option<String>>>;

/// Asks WeChat, unless somebody else is at it. It goes on when the visitor leaves meanwhile.
async fn renew(app: &App, kept: Model) -> Result<Option<Asked>> {
    let app_id = app.wechat.as_ref().map(|it| it.settings.app_id.clone());
    let taken = app
        .db
        .write(app_id.unwrap_or_default(), |tx, app_id| {
            Box::pin(store::take(tx, app_id, LEASE_MS))
        })
        .await?;
    let app = app.clone();
    Ok(taken.then(|| tokio::spawn(async move { ask(&app, &kept).await })))
}

async fn ask(app: &App, kept: &Model) -> Result<Option<String>> {
    let Some(account) = &app.wechat else {
        return Ok(None);
    };
    let app_id = account.settings.app_id.clone();
    match fetch(app, account, kept).await? {
        Ok(ticket) => {
            let value = ticket.value.clone();
            let write = app.db.write((app_id, ticket), |tx, (app_id, ticket)| {
                let renew_in_s = renew_in_s(ticket.seconds);
                Box::pin(store::keep_ticket(tx, app_id, ticket, renew_in_s))
            });
            write.await?;
            Ok(Some(value))
        }
        Err(trouble) => {
            tracing::warn!(why = trouble.in_words(), "WeChat lends no ticket");
            let rest = (app_id, trouble.rest_s(), trouble.is_of_token());
            let write = app.db.write(rest, |tx, (app_id, seconds, forget)| {
                Box::pin(store::rest(tx, app_id, *seconds, *forget))
            });
            write.await?;
            Ok(None)
        }
    }
}

/// A ticket, with the token that is kept or else a new one. A kept token that WeChat does not take
/// any more, because the account's secret was changed, is replaced once.
async fn fetch(app: &App, account: &Account, kept: &Model) -> Result<Result<Lent, Trouble>> {
    let is_good = kept.token_until > app.db.now().as_millis() + SPARE_MS;
    if let Some(token) = kept.token.as_ref().filter(|_| is_good) {
        match account.ticket(token).await {
            Err(trouble) if trouble.is_of_token() => {}
            answer => return Ok(answer),
        }
    }
    let token = match account.token().await {
        Ok(token) => token,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let keep = (account.settings.app_id.clone(), token.clone());
    let write = app.db.write(keep, |tx, (app_id, token)| {
        Box::pin(store::keep_token(tx, app_id, token))
    });
    write.await?;
    Ok(account.ticket(&token.value).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_about_a_ticket_is_a_table() {
        let at = |ticket_until: i64, renew_at: i64, quiet_until: i64| Model {
            ticket: Some("t".to_owned()),
            ticket_until: ticket_until * 1000,
            renew_at: renew_at * 1000,
            quiet_until: quiet_until * 1000,
            ..Model::default()
        };
        let use_it = || Step::Use("t".to_owned());
        for (kept, expected) in [
            (Model::default(), Step::Fetch),
            (at(7200, 6900, 0), use_it()),
            (at(1100, 900, 0), Step::Renew("t".to_owned())),
            (at(1100, 900, 1050), use_it()),
            (at(1030, 900, 0), Step::Fetch),
            (at(1030, 900, 1050), Step::Wait(50)),
            (at(900, 600, 0), Step::Fetch),
        ] {
            assert_eq!(step(&kept, 1_000_000), expected, "{kept:?}");
        }
    }

    #[test]
    fn a_ticket_is_renewed_before_it_ends_and_not_all_the_time() {
        for (lives, renewed) in [(7200, 6900), (601, 301), (600, 300), (200, 100), (1, 0)] {
            assert_eq!(renew_in_s(lives), renewed, "{lives}");
        }
        assert!((2..=86_400).all(|it| (1..it).contains(&renew_in_s(it))));
    }

    #[test]
    fn signatures_are_those_of_the_official_example() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        for (page, expected) in [
            (
                "http://mp.weixin.qq.com?params=value",
                "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
            ),
            (
                "http://mp.weixin.qq.com",
                "f4d90daf4b3bca3078ab155816175ba34c443a7b",
            ),
        ] {
            let text = rules::string_to_sign(ticket, "Wm3WZYTPz0wzccnW", 1_414_587_457, page);
            assert_eq!(hex(&Sha1::digest(text)), expected, "{page}");
        }
    }
}
