//! Requests and answers about staff accounts and API keys.

use super::{Role, Scope};
use crate::ids::{ApiKeyId, StaffId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A person who works in the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Staff {
    /// The account.
    pub id: StaffId,
    /// The address to sign in with.
    pub email: String,
    /// What the person is called.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether the account may sign in.
    pub active: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// Makes a staff account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateStaff {
    /// The address to sign in with.
    pub email: String,
    /// What the person is called.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// 8 to 128 characters.
    pub password: String,
}

/// A key of one of the shop's systems, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// What the key is for.
    pub name: String,
    /// What the key may do.
    pub scopes: Vec<Scope>,
    /// When the key was made.
    pub created_at: Timestamp,
    /// When the key was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When the key was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Makes an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateApiKey {
    /// What the key is for.
    pub name: String,
    /// What the key may do; at least one.
    pub scopes: Vec<Scope>,
}

/// A new API key with its secret, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    /// The key.
    pub key: ApiKey,
    /// What to send as `Authorization: Bearer …`; it cannot be shown again.
    pub secret: String,
}
