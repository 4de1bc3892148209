//! Use cases of flash sales.

mod claims;
mod deadlines;
mod desk;
mod listed;
mod manage;
mod members;
mod orders;
mod privacy;
mod pulse;
mod reminders;
mod seating;
mod told;
mod views;
mod weekly;

pub use super::engine::claim;
pub use super::interests::{note, saw, was_refused};
pub use super::live::watch;
pub use super::news::start as pass_news;
pub use claims::{Arrival, decide, shares_of};
pub use deadlines::release_due;
pub use listed::claims_of_sale;
pub use manage::{Change, add_stock, cancel, change, clone_sale, create, rewrite};
pub use members::{claim_of, claims, community_sales, for_member, member_sales};
pub use orders::follow_orders;
pub use privacy::{export, forget, hand_over};
pub use pulse::pulse;
pub use reminders::{remind, remind_due};
pub(super) use views::first_view;
pub use views::{get, get_in, list, moment, of_community, report, require, visible};
pub use weekly::follow_due;
