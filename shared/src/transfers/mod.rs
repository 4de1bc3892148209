//! Files that come in and go out: members, orders, points and coupons, as background work.

pub mod api;
pub mod columns;
pub mod faults;
pub mod rules;

use crate::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

/// Days within which an import can be undone.
pub const UNDO_DAYS: i64 = 7;
/// Days for which the file of an export is kept.
pub const EXPORT_DAYS: i64 = 7;
/// Most wrong lines of an import that are listed; all of them are counted.
pub const MAX_LISTED: i64 = 10_000;
/// Longest cell, in characters.
pub const MAX_CELL: usize = 6_000;
/// Longest name of a file, in characters.
pub const MAX_FILE_NAME: usize = 120;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TransferKind {
    /// Members: who they are.
    Members,
    /// Orders that were paid, with their lines and what was refunded.
    Orders,
    /// Points that members bring along.
    Points,
    /// Coupons of members.
    Coupons,
}

impl TransferKind {
    /// Every kind, in the order in which files should come in.
    pub const ALL: [Self; 4] = [Self::Members, Self::Orders, Self::Points, Self::Coupons];

    /// The kind's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Orders => "orders",
            Self::Points => "points",
            Self::Coupons => "coupons",
        }
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FileFormat {
    /// Comma-separated, with the names of the columns in the first line.
    #[default]
    Csv,
    /// A JSON object in every line.
    Ndjson,
}

impl FileFormat {
    /// The format's name on the wire, and how files of it end.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportState {
    /// All lines are tried before any is kept.
    Checking,
    /// Lines are taken.
    Running,
    /// All lines were looked at, and the right ones are kept; of a trial, none.
    Done,
    /// A line was wrong, and the caller wanted all or nothing: nothing is kept.
    Refused,
    /// Staff stopped it; what was taken until then is kept.
    Cancelled,
    /// It could not go on; what was taken until then is kept.
    Failed,
    /// What it did is being taken back.
    Undoing,
    /// What it did was taken back, but for what is listed.
    Undone,
}

impl ImportState {
    /// Whether there is still something to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Checking | Self::Running | Self::Undoing)
    }
}

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ExportState {
    /// The file is being written.
    Running,
    /// The file can be fetched.
    Done,
    /// It could not go on.
    Failed,
    /// The file was deleted, because its time was over.
    Expired,
}

/// When something about a line was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stage {
    /// When the line came in.
    #[default]
    Import,
    /// When it was to be taken back.
    Undo,
}

/// A line of a file, as the rules have read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A member.
    Member(MemberLine),
    /// Points of a member.
    Points(PointsLine),
    /// A coupon of a member.
    Coupon(CouponLine),
}

/// A member. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLine {
    /// The shop's own customer id.
    pub external_id: String,
    /// What to call the member.
    pub name: Option<String>,
    /// E-mail address, as it is stored.
    pub email: Option<String>,
    /// Phone number, as it is stored.
    pub phone: Option<String>,
    /// Birthday.
    pub birthday: Option<Day>,
    /// Language.
    pub locale: Option<crate::text::Locale>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// When the member joined.
    pub joined_at: Option<Timestamp>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// Whether the member agreed to e-mails.
    pub consent_email: Option<bool>,
    /// Whether the member agreed to text messages.
    pub consent_sms: Option<bool>,
    /// Whether the member agreed to notifications.
    pub consent_push: Option<bool>,
}

/// Points that a member brings along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsLine {
    /// The shop's customer id, or `mem_…`.
    pub member: String,
    /// How many.
    pub points: i64,
    /// From when they can be spent; at once when absent.
    pub active_from: Option<Timestamp>,
    /// Until when; by the points rules when absent.
    pub expires_at: Option<Timestamp>,
    /// The shop's own name for this line.
    pub reference: Option<String>,
}

/// A coupon of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponLine {
    /// The template: its id, or its name in either language.
    pub template: String,
    /// The shop's customer id, or `mem_…`.
    pub member: String,
    /// Until when it can be used; by the template when absent.
    pub expires_at: Option<Timestamp>,
    /// The shop's own name for this line.
    pub reference: Option<String>,
}
