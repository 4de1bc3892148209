//! Use cases of tasks and check-ins.

mod board;
pub mod catalogue;
mod check_ins;
mod claims;
mod days;
mod events;
mod hand_over;
mod links;
mod manage;
mod orders;
mod privacy;
mod reports;
mod tags;

pub use board::{board, digest, explain, explain_claim, history, member_task};
pub use check_ins::{bring_in, calendar, check_in, declare_outage, make_up, outages};
pub use claims::{claim, claim_with_receipt, join};
pub use days::{days_of, days_of_one, zone_changed};
pub use events::take_event;
pub use hand_over::hand_over;
pub(in crate::tasks) use links::target_of;
pub use links::{Opened, link_of, open_link, purge_visits, signed_up};
pub use manage::{Change, change, clone_task, create, get, list, update};
pub(in crate::tasks) use orders::ORDER;
pub use orders::follow_orders;
pub use privacy::{export, forget};
pub use reports::{forecast, report};
pub use tags::{set_tags, tags_of, tags_of_all};
