//! Requests and answers about staff accounts and API keys.

use super::{Role, Scope};
use crate::ids::{ApiKeyId, SavedViewId, StaffId};
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

/// Changes a staff account. Absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateStaff {
    /// What the person is called.
    #[serde(default)]
    pub name: Option<String>,
    /// What the person may do.
    #[serde(default)]
    pub role: Option<Role>,
    /// Whether the account may sign in.
    #[serde(default)]
    pub active: Option<bool>,
}

/// A code with which one of the staff sets a new password, shown this once. It works once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// The code.
    pub code: String,
    /// The console's page for it, with the code behind the `#`; hand it to the person.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// Sets a new password with a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetPassword {
    /// The code.
    pub code: String,
    /// 8 to 128 characters.
    pub password: String,
}

/// A list of the console whose views can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SavedList {
    /// Members.
    Members,
    /// The audit trail.
    Audit,
}

/// A view of a list that one of the staff has saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    /// The view.
    pub id: SavedViewId,
    /// Of which list.
    pub list: SavedList,
    /// What it is called.
    pub name: String,
    /// The list's query parameters, without the leading `?`.
    pub query: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Saves a view, or changes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveView {
    /// Of which list.
    pub list: SavedList,
    /// What it is called: 1 to 60 characters.
    pub name: String,
    /// The list's query parameters, without the leading `?`: at most 2,000 characters.
    pub query: String,
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
