//! Answers about messages.

use super::Content;
use crate::ids::MessageId;
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// What it says, short.
    pub title: Text,
    /// What it says.
    pub text: Text,
    /// The facts that it is made from; dates stand here, not in the texts.
    pub content: Content,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the member read it.
    pub read_at: Option<Timestamp>,
}

/// How many messages a member has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unread {
    /// How many.
    pub unread: u64,
}
