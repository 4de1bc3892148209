//! Points: their rules, adjustments by hand, and the approval of those by a second person.

mod adjust;
mod approvals;
mod rules;
mod trial;

pub(super) use adjust::adjust;
pub use approvals::approvals;
pub(super) use rules::money;
pub use rules::rules;
