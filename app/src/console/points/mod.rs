//! Points: adjustments by hand, and their approval by a second person.

mod adjust;
mod approvals;

pub(super) use adjust::adjust;
pub(super) use approvals::approvals;
