//! What a page that is held by another asks the server.

use serde::{Deserialize, Serialize};

/// Where the member centre may be shown in a frame, and with whom it then speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Embedding {
    /// Origins such as `https://shop.example`; `https://*.shop.example` is every host below it.
    pub origins: Vec<String>,
}
