//! Members: who takes part in the programme.

pub mod api;
pub mod audience;
pub mod rules;

use serde::{Deserialize, Serialize};

/// Whether a member may use the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MemberStatus {
    /// Takes part.
    Active,
    /// May look but neither earn by hand nor spend, until released.
    Frozen,
    /// The person is gone; the books stay.
    Erased,
    /// Another member goes on for this one, because both are the same person.
    Merged,
}

impl MemberStatus {
    /// Whether nobody acts as this member any more: neither signs in, nor receives, nor spends.
    #[must_use]
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Erased | Self::Merged)
    }
}

/// A way to write to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// Notifications of the shop's app or messenger.
    Push,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Push];
}
