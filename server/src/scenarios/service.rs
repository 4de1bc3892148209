//! Use cases of scenario lists.

mod appear;
mod calendar;
mod channels;
mod manage;
mod page;

pub use super::push::deliver_due;
pub use appear::appear_due;
pub use calendar::{MAX_DAYS, calendar};
pub use channels::{add_channel, channel, channel_list, community_of, drop_channel, try_channel};
pub use manage::{create, get, list, rewrite, turn};
pub use page::page;
