//! Members in paths: the extractor authorises the caller and finds the member, so that a handler
//! cannot forget either.

use crate::App;
use crate::auth::{Actor, Caller, OPERATORS, READERS};
use crate::error::{AppError, Result};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use shared::ids::MemberId;
use shared::problem::ErrorCode;
use shared::staff::{Role, Scope};

/// A member whom the caller may read.
#[derive(Debug, Clone, Copy)]
pub struct ReadableMember {
    /// The member.
    pub id: MemberId,
}

/// A member whose record the caller may change.
#[derive(Debug, Clone, Copy)]
pub struct ManagedMember {
    /// The member.
    pub id: MemberId,
    /// Who asks.
    pub actor: Actor,
}

/// A member whose balances the caller may change.
#[derive(Debug, Clone, Copy)]
pub struct PointsMember {
    /// The member.
    pub id: MemberId,
    /// Who asks.
    pub actor: Actor,
}

impl FromRequestParts<App> for ReadableMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (id, _) = find(parts, app, READERS, Scope::MembersRead).await?;
        Ok(Self { id })
    }
}

impl FromRequestParts<App> for ManagedMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (id, actor) = find(parts, app, OPERATORS, Scope::MembersWrite).await?;
        Ok(Self { id, actor })
    }
}

impl FromRequestParts<App> for PointsMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (id, actor) = find(parts, app, OPERATORS, Scope::PointsWrite).await?;
        Ok(Self { id, actor })
    }
}

/// Authorises first, so that nobody learns which members exist.
async fn find(
    parts: &mut Parts,
    app: &App,
    roles: &[Role],
    scope: Scope,
) -> Result<(MemberId, Actor)> {
    let caller = Caller::from_request_parts(parts, app).await?;
    caller.require(roles, scope)?;
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| ErrorCode::MemberNotFound)?;
    let reference = params
        .iter()
        .find(|(name, _)| *name == "member")
        .map(|(_, value)| value.to_owned());
    let reference = reference.ok_or(ErrorCode::MemberNotFound)?;
    let id = app.known_members.resolve(&app.db, &reference).await?;
    Ok((id, caller.actor()))
}
