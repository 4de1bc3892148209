//! Requests and answers about members.

mod merge;
mod privacy;

pub use merge::{
    CreateMerge, Merge, MergeBlock, MergeConflict, MergeField, MergeMoves, MergePreview, MovedKind,
    MovedPart, UndoMerge, UndoPreview,
};
pub use privacy::{
    Consent, ConsentList, EraseMe, EraseMember, Erased, ErasureConfirmation, ErasurePreview,
    SetConsent,
};

use super::{Channel, MemberStatus};
use crate::audit::api::AuditEntry;
use crate::ids::{MemberId, MessageId, OrderId, SessionId};
use crate::orders::api::EventKind;
use crate::points::api::{AssetBalance, Entry};
use crate::tasks::api::TaskDigest;
use crate::text::{Locale, Text};
use crate::tiers::api::{Standing, TierChange};
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
    /// What to call an erased member: a few characters that tell nothing about the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
    /// Who goes on for a merged member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<MemberId>,
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

impl Consents {
    /// Whether the member agreed to be written on this channel.
    #[must_use]
    pub const fn granted(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            Channel::Push => self.push,
        }
    }

    /// The consents after a change of one channel.
    #[must_use]
    pub const fn with(mut self, channel: Channel, granted: bool) -> Self {
        match channel {
            Channel::Email => self.email = granted,
            Channel::Sms => self.sms = granted,
            Channel::Push => self.push = granted,
        }
        self
    }
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
    /// IANA time zone of one's days and months.
    #[serde(default)]
    pub time_zone: Option<String>,
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
    /// What to call an erased member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
    /// When the member last paid an order.
    #[serde(default)]
    pub last_order_at: Option<Timestamp>,
}

/// How a list of members is sorted. The ones with equal keys follow their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MemberSort {
    /// Newest members first.
    #[default]
    JoinedDesc,
    /// Oldest members first.
    JoinedAsc,
    /// Most points first.
    PointsDesc,
    /// Fewest points first.
    PointsAsc,
    /// Whoever ordered last first.
    LastOrderDesc,
    /// Whoever has not ordered for longest first, those without an order before all.
    LastOrderAsc,
}

/// One thing that happened to or around a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineItem {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: TimelineEvent,
}

/// What a timeline can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TimelineKind {
    /// Rows of the ledger.
    Entry,
    /// Changes of tier.
    Tier,
    /// What happened to orders.
    Order,
    /// What staff and systems did.
    Action,
    /// Sign-ins.
    Session,
}

/// What happened, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TimelineEvent {
    /// A row of the ledger.
    Entry {
        /// The row.
        entry: Entry,
    },
    /// A change of tier.
    Tier {
        /// The change.
        change: TierChange,
    },
    /// Something happened to an order.
    Order {
        /// The event.
        event: MemberOrderEvent,
    },
    /// Staff or a system did something.
    Action {
        /// The row of the audit trail.
        action: AuditEntry,
    },
    /// The member signed in.
    Session {
        /// The session.
        session: MemberSessionEvent,
    },
}

/// Something that happened to an order of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberOrderEvent {
    /// The shop's id of the event.
    pub event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// Our id of the order.
    pub order_id: OrderId,
    /// The shop's id of the order.
    pub order: String,
    /// Sum of the order's lines, in minor units.
    pub amount: i64,
    /// Whether it has taken effect; a waiting one has not.
    pub applied: bool,
    /// The code of the refusal, when it waited and was refused in the end.
    pub refused_code: Option<String>,
}

/// A sign-in of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberSessionEvent {
    /// The session.
    pub id: SessionId,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// When it ended, if it was ended.
    pub ended_at: Option<Timestamp>,
}

/// What every page of the member centre needs of a [`Summary`]. Reading no more than this keeps what
/// a phone downloads before Home small; the rest of the text is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Glance {
    /// The member.
    pub member: Member,
    /// Tier and progress.
    pub tier: Standing,
    /// The points balance.
    pub points: AssetBalance,
    /// The store credit balance, in minor units of the programme's currency.
    pub credit: AssetBalance,
    /// Tasks that wait for the member, and today's check-in.
    pub tasks: TaskDigest,
    /// Messages that the member has not read.
    #[serde(default)]
    pub unread_messages: u64,
    /// The message of the upgrade to celebrate.
    #[serde(default)]
    pub celebrate: Option<MessageId>,
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
    /// Messages that the member has not read.
    #[serde(default)]
    pub unread_messages: u64,
    /// The message of the upgrade to celebrate: the latest one, until it is read, while the tier
    /// lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub celebrate: Option<MessageId>,
}
