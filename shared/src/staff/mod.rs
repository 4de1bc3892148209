//! People and systems of the shop: staff with roles, API keys with scopes.

pub mod api;

use serde::{Deserialize, Serialize};

/// What a staff account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Everything, including staff and API keys.
    Admin,
    /// Members, points, tiers and campaigns.
    Operator,
    /// Their own communities only.
    CommunityManager,
    /// Reads everything, changes nothing.
    Auditor,
}

/// What an API key may do. Deny by default: a key can do only what its scopes name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Read members, their balances, tiers and orders.
    #[serde(rename = "members:read")]
    MembersRead,
    /// Create and change members.
    #[serde(rename = "members:write")]
    MembersWrite,
    /// Send order events and claim guest orders.
    #[serde(rename = "orders:write")]
    OrdersWrite,
    /// Spend and adjust points and credit.
    #[serde(rename = "points:write")]
    PointsWrite,
    /// Make and change tasks, and report what counts for them.
    #[serde(rename = "tasks:write")]
    TasksWrite,
    /// Open pages for a member.
    #[serde(rename = "embed:create")]
    EmbedCreate,
    /// Issue, reserve and redeem coupons.
    #[serde(rename = "coupons:write")]
    CouponsWrite,
    /// Make and change webhooks, and read what was sent.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Bring in files of members, orders, points and coupons, and undo that.
    #[serde(rename = "imports:write")]
    ImportsWrite,
    /// Take members, orders, points and coupons out as files.
    #[serde(rename = "exports:read")]
    ExportsRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 10] = [
        Self::MembersRead,
        Self::MembersWrite,
        Self::OrdersWrite,
        Self::PointsWrite,
        Self::TasksWrite,
        Self::EmbedCreate,
        Self::CouponsWrite,
        Self::WebhooksWrite,
        Self::ImportsWrite,
        Self::ExportsRead,
    ];

    /// The scope's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::OrdersWrite => "orders:write",
            Self::PointsWrite => "points:write",
            Self::TasksWrite => "tasks:write",
            Self::EmbedCreate => "embed:create",
            Self::CouponsWrite => "coupons:write",
            Self::WebhooksWrite => "webhooks:write",
            Self::ImportsWrite => "imports:write",
            Self::ExportsRead => "exports:read",
        }
    }
}
