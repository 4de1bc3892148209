//! Requests and answers about scenario lists.

use super::{Call, ChannelKind, DeliveryState, ScenarioDefinition, ScenarioProduct, ScenarioState};
use crate::communities::api::MyCommunity;
use crate::ids::{CommunityId, FlashSaleId, PostingId, PushChannelId, ScenarioId};
use crate::sales::Phase;
use crate::sales::api::MemberSale;
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A list, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scenario {
    /// The list.
    pub id: ScenarioId,
    /// Whose it is.
    pub community_id: CommunityId,
    /// Grows with every change.
    pub version: i32,
    /// Whether it still appears.
    pub state: ScenarioState,
    /// What staff wrote.
    pub definition: ScenarioDefinition,
    /// When it appears next; absent when it does not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A list as it appeared on a community's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Posting {
    /// This appearance.
    pub id: PostingId,
    /// The scene.
    pub title: String,
    /// A few words.
    pub text: String,
    /// What goes with it.
    pub products: Vec<ScenarioProduct>,
    /// When it appeared.
    pub at: Timestamp,
}

/// A community's page, for a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityPage {
    /// The community.
    pub community: MyCommunity,
    /// The lists of today, the latest first.
    pub today: Vec<Posting>,
    /// The lists of the six days before, the latest first.
    pub earlier: Vec<Posting>,
    /// Sales for this community that are open or will open, the one that opens first first.
    pub sales: Vec<MemberSale>,
    /// What the server's clock shows.
    pub server_time: Timestamp,
}

/// What a community was and will be shown, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Calendar {
    /// The shop's time zone, by whose clocks days begin.
    pub time_zone: String,
    /// One row each.
    pub entries: Vec<CalendarEntry>,
    /// What the server's clock shows.
    pub server_time: Timestamp,
}

/// Something in a community's calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarEntry {
    /// When it appeared, will appear, or opens.
    pub at: Timestamp,
    /// What it is.
    #[serde(flatten)]
    pub event: CalendarEvent,
}

/// What appears in a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CalendarEvent {
    /// A list.
    Scenario {
        /// The list.
        scenario_id: ScenarioId,
        /// Its appearance; absent while it is to come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        posting_id: Option<PostingId>,
        /// The scene.
        title: String,
        /// What became of calling the community, or what will by what is known now.
        call: Call,
        /// How the call got on; empty while it is to come, and when there was none.
        deliveries: Vec<Delivery>,
    },
    /// A flash sale.
    Sale {
        /// The sale.
        sale_id: FlashSaleId,
        /// What it is called.
        title: Text,
        /// When it is over.
        ends_at: Timestamp,
        /// What it is doing now.
        phase: Phase,
    },
}

/// How one way of calling a community got on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// The way.
    pub kind: ChannelKind,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// Members who were written to; only of messages to members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<u32>,
    /// What the last attempt met, such as `503` or `timed out`; absent when it went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A way out of the shop's programme to a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushChannel {
    /// The way.
    pub id: PushChannelId,
    /// What it is.
    pub kind: ChannelKind,
    /// The address without what is secret in it, such as `https://qyapi.weixin.qq.com/…`.
    pub address: String,
    /// What requests are signed with (`whsec_…`); only in the answer that makes a webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The ways by which a community is called besides messages to its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushChannels {
    /// One row each, the one made first first.
    pub channels: Vec<PushChannel>,
}

/// Makes a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPushChannel {
    /// `webhook` or `wecom`.
    pub kind: ChannelKind,
    /// Where requests go: `https://…`.
    pub url: String,
}

/// What a trial of a way met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelTrial {
    /// Whether the message arrived.
    pub arrived: bool,
    /// What it met, such as `503` or `timed out`; absent when it went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Milliseconds that it took.
    pub took_ms: i64,
}
