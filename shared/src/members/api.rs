//! Requests and answers about members.

use super::MemberStatus;
use crate::ids::MemberId;
use crate::points::api::{AssetBalance, Entry};
use crate::tasks::api::TaskDigest;
use crate::text::{Locale, Text};
use crate::tiers::api::Standing;
use crate::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

/// A member's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The member.
    pub id: MemberId,
    /// The shop's own customer id.
    pub external_id: Option<String>,
    /// What to call the member.
    pub name: Option<String>,
    /// E-mail address in lower case.
    pub email: Option<String>,
    /// Phone number with country code.
    pub phone: Option<String>,
    /// Set once by the member.
    pub birthday: Option<Day>,
    /// IANA zone of the member's days and months.
    pub time_zone: String,
    /// The language to write to the member in.
    pub locale: Locale,
    /// Which channels the member agreed to be written on.
    pub consents: Consents,
    /// Whether the member may use the programme.
    pub status: MemberStatus,
    /// When the member joined.
    pub joined_at: Timestamp,
}

/// Which channels a member agreed to be written on; none unless said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consents {
    /// E-mail.
    pub email: bool,
    /// Text messages.
    pub sms: bool,
    /// Notifications of the shop's app or messenger.
    pub push: bool,
}

/// Creates a member, or changes the one with this external id. Absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpsertMember {
    /// The shop's own customer id; never changes.
    pub external_id: String,
    /// What to call the member.
    #[serde(default)]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Phone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// Birthday; set once.
    #[serde(default)]
    pub birthday: Option<Day>,
    /// IANA time zone.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Language.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// Consents per channel.
    #[serde(default)]
    pub consents: Option<Consents>,
    /// When the customer joined, if before today.
    #[serde(default)]
    pub joined_at: Option<Timestamp>,
}

/// Changes one's own record. Absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateMe {
    /// What to be called.
    #[serde(default)]
    pub name: Option<String>,
    /// Birthday; can be set once.
    #[serde(default)]
    pub birthday: Option<Day>,
    /// Language.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// Consents per channel.
    #[serde(default)]
    pub consents: Option<Consents>,
}

/// Why a member is frozen or released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeStatus {
    /// Kept in the audit trail.
    pub reason: String,
}

/// A row of the member list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRow {
    /// The member.
    pub id: MemberId,
    /// The shop's own customer id.
    pub external_id: Option<String>,
    /// What to call the member.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Whether the member may use the programme.
    pub status: MemberStatus,
    /// Code of the current tier.
    pub tier_code: String,
    /// Name of the current tier.
    pub tier_name: Text,
    /// Points that can be spent now.
    pub points_available: i64,
    /// When the member joined.
    pub joined_at: Timestamp,
}

/// Everything that Home shows, in one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// The member.
    pub member: Member,
    /// Tier and progress.
    pub tier: Standing,
    /// The points balance.
    pub points: AssetBalance,
    /// The store credit balance, in minor units of the programme's currency.
    pub credit: AssetBalance,
    /// The latest entries of the ledger, newest first.
    pub recent: Vec<Entry>,
    /// Tasks that wait for the member, and today's check-in.
    pub tasks: TaskDigest,
}
