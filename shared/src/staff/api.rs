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
    /// Whether signing in takes a second step.
    #[serde(default)]
    pub second_factor: bool,
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

/// How one's own account is protected beyond the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    /// Whether signing in takes a second step.
    pub enabled: bool,
    /// Since when.
    pub enabled_at: Option<Timestamp>,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u8,
    /// Whether the shop asks all staff for it.
    pub required: bool,
}

/// Begins to set up an authenticator app; the password shows that it is really the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BeginTotp {
    /// One's own password.
    pub password: String,
}

/// What an authenticator app needs. It is shown this once and counts after it was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpEnrolment {
    /// The `otpauth://` address, for a link on the same device.
    pub uri: String,
    /// The same secret to type in, in base 32.
    pub secret: String,
    /// The address as a picture to scan: an SVG document.
    pub qr_svg: String,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
}

/// Proves that the authenticator app shows the right codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpCode {
    /// The six digits that the app shows now.
    pub code: String,
}

/// Codes for the day on which the authenticator is lost; each works once. Shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// The codes.
    pub codes: Vec<String>,
}

/// Gives the second factor up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisableTotp {
    /// One's own password.
    pub password: String,
    /// The code that the app shows now, or a recovery code.
    pub code: String,
}

/// Takes another account's second factor away, so that its owner can set up a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetTotp {
    /// Kept in the audit trail.
    pub reason: String,
}

/// What the shop asks of all staff.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffPolicy {
    /// Whether everyone needs a second factor.
    pub second_factor_required: bool,
}
