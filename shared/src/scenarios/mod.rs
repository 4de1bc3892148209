//! Scenario lists: what a community is shown day by day, and when its members are called to it.

pub mod api;
pub mod rules;

use crate::time::Day;
use serde::{Deserialize, Serialize};

/// Most products of a list.
pub const MAX_PRODUCTS: usize = 20;
/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;
/// Most calls a day or week that a pace can allow.
pub const MAX_CALLS: u32 = 100;
/// Most ways by which a community is called besides messages to its members.
pub const MAX_CHANNELS: usize = 10;
/// Hours after which a call would come too late to be of use.
pub const LATE_HOURS: i64 = 2;

/// A list as staff write it: a scene of everyday life and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScenarioDefinition {
    /// The scene, such as `Office breakfast`: 1 to 60 visible characters.
    pub title: String,
    /// A few words: at most 1000 characters.
    #[serde(default)]
    pub text: String,
    /// What goes with it: at most 20 products.
    #[serde(default)]
    pub products: Vec<ScenarioProduct>,
    /// When it appears.
    pub schedule: Schedule,
}

/// A product of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScenarioProduct {
    /// The shop's id of the product, unique in the list.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// What it costs, in minor units; absent when the list does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// The shop's page of it: `https://…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// When a list appears, by the shop's clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// The first day.
    pub first: Day,
    /// Minutes after midnight.
    pub minute: u16,
    /// The days of the week, Monday is 1 and Sunday 7; none for once, on the first day.
    #[serde(default)]
    pub weekdays: Vec<u8>,
    /// The last day; absent to go on until it is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
}

/// How often and when a community may be called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pace {
    /// When nobody is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Most calls of a day of the shop's calendar; absent for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
    /// Most calls of a week from Monday to Sunday; absent for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_week: Option<u32>,
}

/// Hours in which nobody is called, by the shop's clocks; may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHours {
    /// The first quiet minute, counted from midnight.
    pub from: u16,
    /// The first minute that is not quiet any more.
    pub to: u16,
}

/// Whether a list still appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScenarioState {
    /// It does, as scheduled.
    Active,
    /// Staff stopped it.
    Stopped,
}

/// What became of calling a community to a list. The list is on the community's page in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Call {
    /// Its members are called, or will be.
    Made,
    /// It fell into the quiet hours.
    QuietHours,
    /// The day had its calls.
    DayFull,
    /// The week had its calls.
    WeekFull,
    /// It would have come too late, because nothing ran when it was due.
    Late,
}

/// A way by which a community is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChannelKind {
    /// A message to each of its members; always.
    InApp,
    /// A signed request to an address of the shop.
    Webhook,
    /// A message of a `WeCom` group robot.
    Wecom,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeliveryState {
    /// On its way, or to be tried again.
    Waiting,
    /// It arrived.
    Done,
    /// Given up.
    Failed,
}
