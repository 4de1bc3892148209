//! Who asks, as handlers want to know it. A handler that names one of these extractors cannot
//! forget to check.

use crate::error::{AppError, Result};
use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use shared::ids::{ApiKeyId, MemberId, SessionId, StaffId};
use shared::members::MemberStatus;
use shared::problem::ErrorCode;
use shared::staff::{Role, Scope};
use std::fmt;

/// Roles that may read what the console shows about members.
pub const READERS: &[Role] = &[Role::Admin, Role::Operator, Role::Auditor];
/// Roles that may read about staff, API keys and what was done.
pub const AUDITORS: &[Role] = &[Role::Admin, Role::Auditor];
/// Roles that may change what the console shows about members.
pub const OPERATORS: &[Role] = &[Role::Admin, Role::Operator];

/// Who did something, for the ledger and the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A member.
    Member(MemberId),
    /// One of the staff, with the role at that moment.
    Staff(StaffId, Role),
    /// A system of the shop.
    ApiKey(ApiKeyId),
    /// Coterie itself: schedules and imports.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::Staff(id, _) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::System => f.write_str("system"),
        }
    }
}

/// A signed-in member, who may be frozen: good for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentMember {
    /// The member.
    pub id: MemberId,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// Whether the member may use the programme.
    pub status: MemberStatus,
}

/// A signed-in member who is not frozen: good for changing things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveMember {
    /// The member.
    pub id: MemberId,
    /// The session that the token belongs to.
    pub session: SessionId,
}

/// One of the staff, signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentStaff {
    /// The account.
    pub id: StaffId,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// What the person may do.
    pub role: Role,
    /// Whether a second factor has to be set up before anything else.
    pub must_enrol: bool,
}

impl CurrentStaff {
    /// Refuses whoever has none of these roles.
    ///
    /// # Errors
    /// `auth.forbidden`.
    pub fn require_role(&self, roles: &[Role]) -> Result<()> {
        if roles.contains(&self.role) {
            Ok(())
        } else {
            Err(ErrorCode::Forbidden.into())
        }
    }

    /// As the ledger and the audit trail name this person.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::Staff(self.id, self.role)
    }
}

/// A system of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyAuth {
    /// The key.
    pub id: ApiKeyId,
    /// What the key may do.
    pub scopes: Vec<Scope>,
}

impl ApiKeyAuth {
    /// Refuses a key without this scope.
    ///
    /// # Errors
    /// `auth.scope_missing`.
    pub fn require_scope(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) {
            Ok(())
        } else {
            Err(AppError::refused(ErrorCode::ScopeMissing, scope.as_str()))
        }
    }

    /// As the ledger and the audit trail name this key.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::ApiKey(self.id)
    }
}

/// Staff or a key, for routes that both use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// One of the staff.
    Staff(CurrentStaff),
    /// A system of the shop.
    Key(ApiKeyAuth),
}

impl Caller {
    /// Staff need one of the roles, a key needs the scope.
    ///
    /// # Errors
    /// `auth.forbidden` or `auth.scope_missing`.
    pub fn require(&self, roles: &[Role], scope: Scope) -> Result<()> {
        match self {
            Self::Staff(staff) => staff.require_role(roles),
            Self::Key(key) => key.require_scope(scope),
        }
    }

    /// As the ledger and the audit trail name the caller.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => staff.actor(),
            Self::Key(key) => key.actor(),
        }
    }
}

/// Anyone who is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A member.
    Member(CurrentMember),
    /// One of the staff.
    Staff(CurrentStaff),
    /// A system of the shop.
    Key(ApiKeyAuth),
}

/// What is known about the sender of a request; put into its extensions before it is routed.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    Nobody,
    Known(Principal),
    Refused(AppError),
}

impl Principal {
    /// Who sent the request with these extensions.
    ///
    /// # Errors
    /// `auth.*` when nobody is known.
    pub fn of(extensions: &Extensions) -> Result<&Self> {
        match extensions.get::<Identity>() {
            Some(Identity::Known(principal)) => Ok(principal),
            Some(Identity::Refused(error)) => Err(error.clone()),
            Some(Identity::Nobody) | None => Err(ErrorCode::Unauthenticated.into()),
        }
    }

    /// As the ledger and the audit trail name the caller.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        match self {
            Self::Member(member) => Actor::Member(member.id),
            Self::Staff(staff) => staff.actor(),
            Self::Key(key) => key.actor(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        match Principal::of(&parts.extensions)? {
            Principal::Member(member) => Ok(*member),
            Principal::Staff(_) | Principal::Key(_) => Err(ErrorCode::Forbidden.into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ActiveMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let CurrentMember {
            id,
            session,
            status,
        } = CurrentMember::from_request_parts(parts, state).await?;
        match status {
            MemberStatus::Active => Ok(Self { id, session }),
            MemberStatus::Frozen | MemberStatus::Erased | MemberStatus::Merged => {
                Err(ErrorCode::MemberFrozen.into())
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentStaff {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        match Principal::of(&parts.extensions)? {
            Principal::Staff(staff) => Ok(*staff),
            Principal::Member(_) | Principal::Key(_) => Err(ErrorCode::Forbidden.into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ApiKeyAuth {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        match Principal::of(&parts.extensions)? {
            Principal::Key(key) => Ok(key.clone()),
            Principal::Member(_) | Principal::Staff(_) => Err(ErrorCode::Forbidden.into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        match Principal::of(&parts.extensions)? {
            Principal::Staff(staff) => Ok(Self::Staff(*staff)),
            Principal::Key(key) => Ok(Self::Key(key.clone())),
            Principal::Member(_) => Err(ErrorCode::Forbidden.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn nobody_may_do_what_is_not_allowed() {
        let staff = |role| {
            Caller::Staff(CurrentStaff {
                id: StaffId::from(Uuid::nil()),
                session: SessionId::from(Uuid::nil()),
                role,
                must_enrol: false,
            })
        };
        let key = |scopes: &[Scope]| {
            Caller::Key(ApiKeyAuth {
                id: ApiKeyId::from(Uuid::nil()),
                scopes: scopes.to_vec(),
            })
        };
        let code = |caller: &Caller| {
            caller
                .require(OPERATORS, Scope::PointsWrite)
                .err()
                .and_then(|it| it.code())
        };
        assert_eq!(code(&staff(Role::Admin)), None);
        assert_eq!(code(&staff(Role::Operator)), None);
        assert_eq!(code(&staff(Role::Auditor)), Some(ErrorCode::Forbidden));
        assert_eq!(
            code(&staff(Role::CommunityManager)),
            Some(ErrorCode::Forbidden)
        );
        assert_eq!(code(&key(&[Scope::PointsWrite])), None);
        assert_eq!(
            code(&key(&[Scope::MembersRead, Scope::OrdersWrite])),
            Some(ErrorCode::ScopeMissing)
        );
        assert_eq!(code(&key(&[])), Some(ErrorCode::ScopeMissing));
    }
}
