//! Answers about the audit trail.

use crate::ids::AuditId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The row.
    pub id: AuditId,
    /// Who: `system`, or the id of a member, of one of the staff or of an API key.
    pub actor: String,
    /// What whoever did it is called.
    pub actor_name: Option<String>,
    /// What was done, such as `points.adjusted`.
    pub action: String,
    /// To what: an id, or a word such as `programme`.
    pub target: String,
    /// What it was done to is called.
    pub target_name: Option<String>,
    /// The facts: what it was, what it became, why.
    pub detail: Vec<AuditFact>,
    /// When.
    pub at: Timestamp,
}

/// A fact of a row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditFact {
    /// What it is: names joined with dots, such as `policy.expiry_months`.
    pub name: String,
    /// What it says.
    pub value: String,
}
