//! What members are known by, as keyed hashes: the thing itself is never kept.

use super::super::store;
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use shared::ids::MemberId;
use shared::problem::FieldError;
use shared::referrals::api::RecordSignals;

/// A hash that is of no use without this server's key.
pub(super) fn keyed_hash(app: &App, kind: &str, value: &str) -> String {
    app.auth.keyed_hash(&format!("referral {kind} {value}"))
}

/// A device id as a browser sends it.
///
/// # Errors
/// `request.invalid` when it is not 16 to 64 letters and digits.
pub(super) fn read_device(device: Option<&str>) -> Result<Option<String>> {
    let Some(device) = device else {
        return Ok(None);
    };
    if is_token(device, 16) {
        Ok(Some(device.to_owned()))
    } else {
        let message = "expected 16 to 64 letters and digits";
        Err(AppError::invalid_field("/device", "invalid", message))
    }
}

fn is_token(text: &str, least: usize) -> bool {
    let fine = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    (least..=64).contains(&text.len()) && text.bytes().all(fine)
}

/// Notes what the shop knows a member by.
///
/// # Errors
/// `request.invalid` for what is not a hash.
pub async fn record_signals(app: &App, member: MemberId, request: &RecordSignals) -> Result<()> {
    let mut errors = Vec::new();
    let mut signals = Vec::new();
    for (kind, pointer, value) in [
        ("address", "/address", &request.address),
        ("payment", "/payment", &request.payment),
        ("device", "/device", &request.device),
    ] {
        let Some(value) = value else { continue };
        if is_token(value, 16) {
            signals.push((kind, keyed_hash(app, kind, value)));
        } else {
            let message = "expected a hash of 16 to 64 letters and digits";
            errors.push(FieldError::new(pointer, "invalid", message));
        }
    }
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    app.db
        .write((member, signals), |tx, (member, signals)| {
            Box::pin(add(tx, *member, signals))
        })
        .await
}

/// Notes hashes that a member is known by.
pub(super) async fn add(
    tx: &Tx,
    member: MemberId,
    signals: &[(&'static str, String)],
) -> Result<()> {
    store::add_signals(tx, member, signals, tx.now()).await
}
