//! Tasks: what members are asked to do and what they get for it; and the daily check-in.
//!
//! Progress is the sum of contributions, one for each thing that happened (an order, a check-in, an
//! event). A contribution is worked out from the thing as it stands now, so undoing the thing
//! undoes the progress.

pub mod api;
pub mod check_in;
pub mod days;
pub mod explain;
pub mod rules;
pub mod share;

use crate::members::audience::Audience;
use crate::rewards::Reward;
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a task says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskDefinition {
    /// What members call it.
    pub name: Text,
    /// What there is to do, in a sentence; may be empty.
    pub description: Text,
    /// What counts, and how much of it is enough.
    pub target: Target,
    /// Whether it begins again every month.
    pub period: Period,
    /// What is given each time.
    pub rewards: Vec<Reward>,
    /// How often it is given.
    pub quota: Quota,
    /// Who may do it.
    #[serde(default)]
    pub audience: Audience,
    /// Whether a member must join first.
    pub join: JoinMode,
    /// Whether a member must ask for the reward.
    pub claim: ClaimMode,
    /// Days after the end of the period in which a reward can still be asked for.
    pub claim_days: u16,
    /// What happens before this does not count.
    pub starts_at: Timestamp,
    /// What happens after this does not count; absent for a task without an end.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

/// What counts, and how much of it is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Target {
    /// Paid orders that are kept.
    Orders {
        /// How many.
        goal: i64,
        /// Which orders.
        #[serde(default)]
        scope: Scope,
    },
    /// What kept orders cost, in minor units.
    OrderAmount {
        /// How much.
        goal: i64,
        /// Which orders.
        #[serde(default)]
        scope: Scope,
    },
    /// Days checked in, made-up days included.
    CheckIns {
        /// How many.
        goal: i64,
    },
    /// The member has a name, a birthday, and a phone number or an e-mail address.
    ProfileCompleted,
    /// Reviews that the shop reports.
    Reviews {
        /// How many.
        goal: i64,
    },
    /// Anything else that the shop reports by a name of its own.
    Custom {
        /// The name.
        name: String,
        /// How much.
        goal: i64,
    },
    /// Distinct people who open the member's own link.
    ShareVisits {
        /// How many.
        goal: i64,
        /// Where the link leads.
        url: String,
    },
    /// People who become members after they opened the member's own link.
    ShareSignUps {
        /// How many.
        goal: i64,
        /// Where the link leads.
        url: String,
    },
}

/// What counts, without how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TaskEventKind {
    /// Paid orders.
    Orders,
    /// What orders cost.
    OrderAmount,
    /// Check-ins.
    CheckIns,
    /// A complete profile.
    ProfileCompleted,
    /// Reviews.
    Reviews,
    /// Events of the shop's own.
    Custom,
    /// Visits of one's own link.
    ShareVisits,
    /// Sign-ups by one's own link.
    ShareSignUps,
}

impl Target {
    /// How much is enough.
    #[must_use]
    pub const fn goal(&self) -> i64 {
        match self {
            Self::Orders { goal, .. }
            | Self::OrderAmount { goal, .. }
            | Self::CheckIns { goal }
            | Self::Reviews { goal }
            | Self::Custom { goal, .. }
            | Self::ShareVisits { goal, .. }
            | Self::ShareSignUps { goal, .. } => *goal,
            Self::ProfileCompleted => 1,
        }
    }

    /// What counts.
    #[must_use]
    pub const fn kind(&self) -> TaskEventKind {
        match self {
            Self::Orders { .. } => TaskEventKind::Orders,
            Self::OrderAmount { .. } => TaskEventKind::OrderAmount,
            Self::CheckIns { .. } => TaskEventKind::CheckIns,
            Self::ProfileCompleted => TaskEventKind::ProfileCompleted,
            Self::Reviews { .. } => TaskEventKind::Reviews,
            Self::Custom { .. } => TaskEventKind::Custom,
            Self::ShareVisits { .. } => TaskEventKind::ShareVisits,
            Self::ShareSignUps { .. } => TaskEventKind::ShareSignUps,
        }
    }

    /// Where the link of a share task leads.
    #[must_use]
    pub fn share_url(&self) -> Option<&str> {
        match self {
            Self::ShareVisits { url, .. } | Self::ShareSignUps { url, .. } => Some(url),
            _ => None,
        }
    }
}

/// Which orders count. Empty lists do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scope {
    /// Only lines of these categories.
    pub categories: Vec<String>,
    /// Only lines of these SKUs.
    pub skus: Vec<String>,
    /// Only orders of which at least this much is kept in the lines that count, in minor units.
    pub minimum_amount: i64,
}

/// Whether a task begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Period {
    /// It is done once.
    Once,
    /// It begins again at midnight before the first of each month, in the member's own days.
    Monthly,
}

/// How often a task is rewarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quota {
    /// Times for one member in one period.
    pub per_member: u16,
    /// Times for all members together; absent for no limit.
    #[serde(default)]
    pub total: Option<u32>,
}

/// Whether a member must join a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JoinMode {
    /// What members do counts by itself.
    Automatic,
    /// What a member does counts from joining on.
    OptIn,
}

/// How a reward comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ClaimMode {
    /// By itself, when the goal is reached.
    Automatic,
    /// When the member asks for it.
    ByMember,
}

/// What staff did with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TaskState {
    /// It runs, between its start and its end.
    Active,
    /// Nothing is given until it is resumed; what members do still counts.
    Paused,
    /// It ended before its time.
    Ended,
}

/// A period of a task: the one of a task that is done once, or a month such as `2026-06`.
pub const ONCE: &str = "once";
