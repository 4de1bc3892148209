//! The visit that this browser made through a friend's link, kept until its visitor has joined.

use crate::api::{self, Api, ApiError};
use crate::member::VISIT;
use crate::ui::browser;
use shared::referrals::api::{RecordVisit, Visit};

/// Where the random id of this browser is kept.
const DEVICE: &str = "coterie.device";

/// The random id of this browser. It says nothing about the device but that it is the same one.
pub(super) fn device() -> String {
    browser::saved(DEVICE).unwrap_or_else(|| {
        let id = browser::random_key();
        browser::save(DEVICE, &id);
        id
    })
}

/// The visit that was kept, if there is one that can be read.
pub(super) fn kept() -> Option<Visit> {
    api::read(&browser::saved(VISIT)?).ok()
}

/// The visit has done what it was for.
pub(super) fn forget() {
    browser::forget(VISIT);
}

/// Tells the server that the link of `code` was opened, and keeps what it answers: the first visit
/// of this browser, for as long as that counts.
pub(super) async fn record(api: Api, code: String) -> Result<Visit, ApiError> {
    let body = RecordVisit {
        code,
        visit: kept().map(|it| it.visit),
        device: Some(device()),
    };
    let text = api
        .post_text("/api/v1/referral_visits", &body, None)
        .await?;
    let visit = api::read(&text)?;
    browser::save(VISIT, &text);
    Ok(visit)
}
