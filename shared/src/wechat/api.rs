//! What a page inside WeChat asks the server.

use serde::{Deserialize, Serialize};

/// A page that wants to use WeChat's script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignPage {
    /// The page's whole address: on iOS the one that WeChat opened, elsewhere the one it has now. What
    /// stands behind `#` does not matter.
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub url: String,
}

/// What `wx.config` asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageSignature {
    /// The official account, for `appId`.
    pub app_id: String,
    /// Seconds since 1970, for `timestamp`.
    pub timestamp: i64,
    /// A random text, for `nonceStr`.
    pub nonce: String,
    /// For `signature`.
    pub signature: String,
}
