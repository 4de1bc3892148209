//! Lists go over the wire one page at a time.

use serde::{Deserialize, Serialize};

/// Most rows a page may hold.
pub const MAX_LIMIT: u32 = 100;
/// Rows of a page when the request does not say.
pub const DEFAULT_LIMIT: u32 = 20;

/// One page of a list in a stable order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// What to send as `cursor` for the rows after these; absent on the last page.
    #[serde(default)]
    pub next_cursor: Option<String>,
}
