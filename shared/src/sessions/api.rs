//! Requests and answers of sign-up, sign-in and hand-off.

use crate::ids::{MemberId, SessionId, StaffId};
use crate::staff::Role;
use crate::text::Locale;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 8;
/// Most characters of a password.
pub const PASSWORD_MAX: usize = 128;

/// Makes a member who signs in with a password. Either `email` or `phone` is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUp {
    /// What to call the member.
    #[serde(default)]
    pub name: Option<String>,
    /// An e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// A phone number, with the country code or in the programme's own country.
    #[serde(default)]
    pub phone: Option<String>,
    /// 8 to 128 characters.
    pub password: String,
    /// The language to write to the member in.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// IANA time zone of the member's days; the programme's when absent.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// Signs a member in by password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The e-mail address or the phone number.
    pub identifier: String,
    /// The password.
    pub password: String,
}

/// Exchanges a hand-off code for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExchangeCode {
    /// The code from the address `/e/{code}`.
    pub code: String,
    /// The origin of the site whose frame shows the page, when it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A member's session. The refresh token travels in an HttpOnly cookie beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberSession {
    /// Bearer token for the API; keep it in memory only.
    pub access_token: String,
    /// When the access token ends; refresh before.
    pub expires_at: Timestamp,
    /// Who is signed in.
    pub member_id: MemberId,
    /// Where the hand-off wanted to land, such as `/points`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// A staff session. The refresh token travels in an HttpOnly cookie beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffSession {
    /// Bearer token for the API; keep it in memory only.
    pub access_token: String,
    /// When the access token ends; refresh before.
    pub expires_at: Timestamp,
    /// Who is signed in.
    pub staff_id: StaffId,
    /// What the person is called.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether the console stays closed until a second factor is set up at `/staff/me/totp`.
    #[serde(default)]
    pub must_enrol: bool,
}

/// Signs staff in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffSignIn {
    /// The staff account's e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The second step, after `auth.code_required`: the code that the authenticator shows, or a
    /// recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Changes one's own password. The other devices are signed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    /// The password as it is.
    pub current: String,
    /// What it shall be: 8 to 128 characters.
    pub password: String,
}

/// Whether one signs in with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordState {
    /// A password is set; who always comes in through the shop has none.
    pub is_set: bool,
}

/// Asks for an address that signs a member in once, for a webview or a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateEmbedSession {
    /// `mem_…`, or `ext:` and the shop's own customer id.
    pub member: String,
    /// The page to land on, such as `/points`; Home when absent.
    #[serde(default)]
    pub page: Option<String>,
    /// The origin of the site whose frame will show it, such as `https://shop.example`; the code is
    /// of no use in another's. It must be one of `frame_ancestors`.
    #[serde(default)]
    pub host: Option<String>,
}

/// The address to open, once, soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmbedSession {
    /// Open this in the webview; it works once.
    pub url: String,
    /// When the address stops working.
    pub expires_at: Timestamp,
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// The session.
    pub id: SessionId,
    /// Browser and system, such as `WeChat · iPhone`, when they are known.
    #[serde(default)]
    pub name: Option<String>,
    /// What the browser called itself, shortened.
    pub user_agent: Option<String>,
    /// When the device signed in.
    pub created_at: Timestamp,
    /// When the device last refreshed its session.
    pub last_used_at: Timestamp,
    /// Whether this is the device that asks.
    pub current: bool,
}
