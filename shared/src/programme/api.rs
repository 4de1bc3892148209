//! Requests and answers about versions of the programme's rules.

use crate::points::PointsPolicy;
use crate::tiers::Ladder;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a version of rules is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VersionState {
    /// It begins later.
    Scheduled,
    /// It holds now.
    Current,
    /// Another one has followed it.
    Past,
    /// It was cancelled before it began.
    Cancelled,
}

/// Which version of rules, whose and from when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionInfo {
    /// The version.
    pub version: i32,
    /// Where it is in its life.
    pub state: VersionState,
    /// From when it holds.
    pub effective_from: Timestamp,
    /// Who made it: `system` or the id of one of the staff.
    pub created_by: String,
    /// What whoever made it is called.
    pub created_by_name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A version of the ladder among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LadderHistoryRow {
    /// Which version.
    pub info: VersionInfo,
    /// The ladder.
    pub ladder: Ladder,
}

/// A version of the points rules among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyHistoryRow {
    /// Which version.
    pub info: VersionInfo,
    /// The rules.
    pub policy: PointsPolicy,
}

/// Makes a ladder hold from a time ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleLadder {
    /// From when: ahead, and within two years.
    pub effective_from: Timestamp,
    /// The ladder.
    pub ladder: Ladder,
}

/// Makes points rules hold from a time ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulePolicy {
    /// From when: ahead, and within two years.
    pub effective_from: Timestamp,
    /// The rules.
    pub policy: PointsPolicy,
}
