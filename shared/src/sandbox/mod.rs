//! The clock of a demo, which people move to see what time does.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest step of the clock, in seconds: 400 days.
pub const MAX_STEP_S: i64 = 400 * 86_400;
/// Furthest that the clock goes ahead of the machine's, in seconds: ten years.
pub const MAX_AHEAD_S: i64 = 3_660 * 86_400;

/// What time it is in a demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SandboxClock {
    /// The instant now.
    pub now: Timestamp,
    /// How far that is ahead of the machine's clock, in seconds.
    pub ahead_s: i64,
}

/// By how much to move the clock of a demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdvanceClock {
    /// Seconds from 1 to 34,560,000 (400 days).
    pub seconds: i64,
}
