//! Tiers: the ladder, edited as one thing, with what an edit would do to members.

mod benefits;
mod impact;
mod ladder;

pub use ladder::ladder;
