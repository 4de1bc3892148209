//! Tiers: where a member stands, what each tier gives, and what changed when.

mod benefits;
mod card;
mod history;

pub use benefits::{benefit_list, matrix, sideways};
pub use card::{MAX_TONE, tier_card};
pub use history::history;
