//! What a member decides about the own data: consents, and the end of the membership.

use super::super::Channel;
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the member agreed to be written on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    /// The channel.
    pub channel: Channel,
    /// Whether the member agreed.
    pub granted: bool,
    /// When that was last said; absent when it never was.
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
}

/// The member's consents, one a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentList {
    /// Every channel there is.
    pub data: Vec<Consent>,
}

/// Says whether one agrees to be written on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetConsent {
    /// Whether one agrees.
    pub granted: bool,
}

/// How a member shows that an erasure is really wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErasureConfirmation {
    /// With the password.
    Password,
    /// By coming in through the shop once more, within the last ten minutes.
    HandOff,
}

/// What an erasure would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasurePreview {
    /// Points that can be spent now and would lapse.
    pub points: i64,
    /// Points not yet available that would lapse.
    pub points_pending: i64,
    /// Store credit that would lapse, pending included, in minor units.
    pub credit: i64,
    /// Code of the tier that would be lost.
    pub tier_code: String,
    /// Name of the tier that would be lost.
    pub tier_name: Text,
    /// Devices that would be signed out.
    pub devices: u64,
    /// Orders that stay in the books without a name.
    pub orders_kept: u64,
    /// What the books call the member afterwards.
    pub pseudonym: String,
    /// How the member confirms.
    pub confirmation: ErasureConfirmation,
    /// Whether the present session confirms already: it came in through the shop a moment ago.
    pub confirmed: bool,
}

/// Ends one's own membership for good.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseMe {
    /// The password, for members who have one.
    #[serde(default)]
    pub password: Option<String>,
}

/// Erases a member who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseMember {
    /// Kept in the audit trail; it must not name the person.
    pub reason: String,
}

/// The person is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Erased {
    /// What the books call the member now.
    pub pseudonym: String,
    /// When.
    pub erased_at: Timestamp,
}
