//! Communities: members who belong together, led by managers of the shop.

pub mod api;
pub mod rules;

use crate::ids::{CommunityId, StaffId};
use crate::scenarios::Pace;
use serde::{Deserialize, Serialize};

/// Most members of a community.
pub const MAX_CAPACITY: u32 = 100_000;
/// Most tags of a community.
pub const MAX_TAGS: usize = 20;
/// Most managers of a community.
pub const MAX_MANAGERS: usize = 20;

/// What a community is, as staff write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityDefinition {
    /// What it is called: 1 to 60 visible characters.
    pub name: String,
    /// What its members have in common, such as `parents`; its members have these tags too.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What its members keep to.
    #[serde(default)]
    pub rules: String,
    /// Most members.
    pub capacity: u32,
    /// Whether people can join by the link.
    pub open: bool,
    /// How often and when its members may be called.
    #[serde(default)]
    pub pace: Pace,
}

/// Where a member stands in a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MembershipState {
    /// Belongs to it.
    Active,
    /// Has left, and may come back.
    Left,
    /// Was removed; only staff can add them again.
    Removed,
}

/// A community that a member belongs to, as far as audiences need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// The community.
    pub community: CommunityId,
    /// Its tags.
    pub tags: Vec<String>,
}

/// Which communities one of the staff may see and touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    All,
    /// Only those that this person manages.
    Own(StaffId, Vec<CommunityId>),
}

impl Reach {
    /// Whether a community is within reach.
    #[must_use]
    pub fn has(&self, community: CommunityId) -> bool {
        match self {
            Self::All => true,
            Self::Own(_, own) => own.contains(&community),
        }
    }

    /// Whether something for these communities may be touched: by whoever manages only some, only
    /// when it is for these alone.
    #[must_use]
    pub fn covers(&self, communities: &[CommunityId]) -> bool {
        match self {
            Self::All => true,
            Self::Own(..) => !communities.is_empty() && communities.iter().all(|it| self.has(*it)),
        }
    }
}
