//! Tasks and check-ins: the pieces that both pages show.

mod card;
mod reward;

pub use card::{face, ring, task_card};
pub use reward::{reward_list, reward_text};
