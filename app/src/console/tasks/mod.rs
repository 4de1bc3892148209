//! Tasks: the list, and making and changing one.

mod edit;
mod form;
mod list;
mod report;

pub use edit::edit;
pub use list::list;

use crate::tr;
use shared::tasks::{TaskEventKind, TaskState};
use shared::text::Locale;

/// The list.
const TASKS: &str = "/console/tasks";

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
