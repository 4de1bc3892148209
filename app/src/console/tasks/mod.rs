//! Tasks: the list, and making and changing one.

mod check_in;
mod edit;
mod form;
mod list;
mod outages;
mod report;
mod rewards;
mod sharing;

pub use check_in::check_in;
pub use edit::edit;
pub use list::list;
pub use sharing::sharing;

pub(super) use rewards::{Templates, rewards_of as rewards, templates};

use crate::console::kit::may;
use crate::session::Identity;
use crate::tr;
use shared::tasks::{TaskEventKind, TaskState};
use shared::text::Locale;

/// The list.
const TASKS: &str = "/console/tasks";

/// Whether the one who looks may change tasks and check-ins.
fn may_change() -> bool {
    may(Identity::may_operate)
}

/// What counts, in words.
fn event_name(locale: Locale, event: TaskEventKind) -> &'static str {
    match event {
        TaskEventKind::Orders => tr!(locale, missions.orders),
        TaskEventKind::OrderAmount => tr!(locale, missions.order_amount),
        TaskEventKind::CheckIns => tr!(locale, missions.check_ins),
        TaskEventKind::ProfileCompleted => tr!(locale, missions.profile),
        TaskEventKind::Reviews => tr!(locale, missions.reviews),
        TaskEventKind::Custom => tr!(locale, missions.custom),
        TaskEventKind::ShareVisits => tr!(locale, missions.share_visits),
        TaskEventKind::ShareSignUps => tr!(locale, missions.share_sign_ups),
    }
}

/// A state in words, and its tone.
fn state_name(locale: Locale, state: TaskState) -> (&'static str, &'static str) {
    match state {
        TaskState::Active => (tr!(locale, missions.active), "good"),
        TaskState::Paused => (tr!(locale, missions.paused), "wait"),
        TaskState::Ended => (tr!(locale, missions.ended), "plain"),
    }
}
