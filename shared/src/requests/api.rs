//! Answers about the log of requests.

use crate::ids::{ApiKeyId, LoggedRequestId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A request of an API key. What was sent and answered is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedRequest {
    /// The row.
    pub id: LoggedRequestId,
    /// When it came.
    pub at: Timestamp,
    /// Which key asked.
    pub key_id: ApiKeyId,
    /// What the key is for.
    pub key_name: Option<String>,
    /// The method, such as `POST`.
    pub method: String,
    /// The operation's path, such as `/api/v1/members/{member}`; whose it was is not kept.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// The code of the problem, when it was one.
    pub code: Option<String>,
    /// What to quote to support; the same as the `x-request-id` header.
    pub request_id: String,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
}
