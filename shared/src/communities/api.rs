//! Requests and answers about communities.

use super::{CommunityDefinition, MembershipState};
use crate::ids::{CommunityId, MemberId, StaffId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A community, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Community {
    /// The community.
    pub id: CommunityId,
    /// Grows with every change.
    pub version: i32,
    /// What staff wrote.
    pub definition: CommunityDefinition,
    /// The code of its link.
    pub code: String,
    /// The link by which people join.
    pub link: String,
    /// Members now.
    pub members: u32,
    /// Who leads it.
    pub managers: Vec<Manager>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// One of the staff who leads a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Manager {
    /// The account.
    pub staff_id: StaffId,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Who leads a community from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetManagers {
    /// Accounts of community managers, at most 20.
    pub managers: Vec<StaffId>,
}

/// A member of a community, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityMember {
    /// The member.
    pub member_id: MemberId,
    /// The member's name, or the shop's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the member stands.
    pub state: MembershipState,
    /// When the member joined last.
    pub joined_at: Timestamp,
}

/// Adds a member by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddCommunityMember {
    /// `mem_…` or `ext:` and the shop's customer id.
    pub member: String,
}

/// A community that a member belongs to, or is invited to by its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyCommunity {
    /// The community.
    pub id: CommunityId,
    /// What it is called.
    pub name: String,
    /// What its members have in common.
    pub tags: Vec<String>,
    /// What its members keep to.
    pub rules: String,
    /// Members now.
    pub members: u32,
    /// Most members.
    pub capacity: u32,
    /// Whether people can join by the link.
    pub open: bool,
    /// When the member joined; absent for an invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
}

/// Joins a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinCommunity {
    /// The code of the community's link.
    pub code: String,
}

/// The communities that a member belongs to, the one joined first first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyCommunities {
    /// One row a community.
    pub communities: Vec<MyCommunity>,
}

/// Staff who can lead communities, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Managers {
    /// One row a person.
    pub managers: Vec<Manager>,
}
