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
}
