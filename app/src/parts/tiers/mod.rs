//! Tiers: where a member stands, what each tier gives, and what changed when.

mod benefits;
mod card;
mod history;

pub use benefits::{benefit_list, matrix};
pub use card::tier_card;
pub use history::history;
