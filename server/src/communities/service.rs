//! Use cases of communities.

mod belong;
mod manage;
mod privacy;
mod views;

pub use belong::{add, join, leave, remove};
pub use manage::{create, new_code, set_managers, update};
pub use privacy::{export, forget, hand_over};
pub use views::{
    belongings, get, invitation, list, lock_pace, managers, members, members_after, mine, names_of,
    own, require, within,
};
