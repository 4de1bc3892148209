//! An invitation as a picture.

use super::super::poster::{self, Poster};
use super::codes::invitation_of;
use crate::App;
use crate::error::{AppError, Result};
use shared::ids::MemberId;
use shared::text::Locale;
use tokio::sync::Semaphore;

/// Drawing keeps a core busy: one at a time leaves the others to everybody else.
static DRAWING: Semaphore = Semaphore::const_new(1);

/// A member's poster as a PNG.
///
/// # Errors
/// When the database fails or the picture cannot be drawn.
pub async fn poster(app: &App, member: MemberId, locale: Locale) -> Result<Vec<u8>> {
    let invitation = invitation_of(app, member).await?;
    let link = format!("{}/r/{}", app.config.public_url, invitation.code);
    let rulebook = app.rulebook();
    let _turn = DRAWING.acquire().await.map_err(AppError::internal)?;
    let drawn = tokio::task::spawn_blocking(move || {
        let programme = &rulebook.programme;
        poster::png(&Poster {
            invitation: &invitation,
            link: &link,
            programme: programme.name.get(locale),
            accent: programme.brand.accent_light.as_deref(),
            locale,
        })
    });
    drawn.await.map_err(AppError::internal)?
}
