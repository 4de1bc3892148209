//! What becomes of calling a community, and when lists appear, in words.

use crate::console::kit::desk::Desk;
use crate::console::kit::number::clock;
use crate::tr;
use crate::ui::format::{self, Moment};
use crate::ui::month::weekday_name;
use shared::scenarios::api::Delivery;
use shared::scenarios::{Call, ChannelKind, DeliveryState, Schedule};
use shared::text::Locale;
use shared::time::{Day, Timestamp};

/// A state in words, and its tone.
pub(super) type Said = (&'static str, &'static str);

/// What a way is called.
pub(super) fn way(locale: Locale, kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::InApp => tr!(locale, channel_desk.in_app),
        ChannelKind::Webhook => tr!(locale, channel_desk.webhook),
        ChannelKind::Wecom => tr!(locale, channel_desk.wecom),
    }
}

/// Where a delivery stands.
pub(super) fn delivery(locale: Locale, state: DeliveryState) -> Said {
    match state {
        DeliveryState::Waiting => (tr!(locale, channel_desk.waiting), "wait"),
        DeliveryState::Done => (tr!(locale, channel_desk.done), "good"),
        DeliveryState::Failed => (tr!(locale, channel_desk.failed), "bad"),
    }
}

/// What became of a call, or will, in few words.
pub(super) fn call(locale: Locale, call: Call, planned: bool, ways: &[Delivery]) -> Said {
    let any = |state: DeliveryState| ways.iter().any(|it| it.state == state);
    match call {
        Call::Made if planned => (tr!(locale, scenario_desk.planned), "plain"),
        Call::Made if any(DeliveryState::Failed) => (tr!(locale, scenario_desk.troubled), "bad"),
        Call::Made if any(DeliveryState::Waiting) => delivery(locale, DeliveryState::Waiting),
        Call::Made => (tr!(locale, scenario_desk.called), "good"),
        Call::QuietHours | Call::DayFull | Call::WeekFull | Call::Late => {
            (tr!(locale, scenario_desk.dropped), "wait")
        }
    }
}

/// Why there was a call or none, in a sentence.
pub(super) fn why(locale: Locale, call: Call, planned: bool) -> &'static str {
    match (call, planned) {
        (Call::Made, true) => tr!(locale, scenario_desk.why_planned),
        (Call::Made, false) => tr!(locale, scenario_desk.why_made),
        (Call::QuietHours, _) => tr!(locale, scenario_desk.why_quiet),
        (Call::DayFull, _) => tr!(locale, scenario_desk.why_day),
        (Call::WeekFull, _) => tr!(locale, scenario_desk.why_week),
        (Call::Late, _) => tr!(locale, scenario_desk.why_late),
    }
}

/// A day of the shop's calendar.
fn day(locale: Locale, day: Day) -> String {
    let at: Result<Timestamp, _> = format!("{day}T00:00:00Z").parse();
    at.map_or_else(
        |_| day.to_string(),
        |at| format::moment(locale, "UTC", at, Moment::Date),
    )
}

/// When a list appears: `Monday, Friday · 07:30`.
pub(super) fn schedule(desk: &Desk, it: &Schedule) -> String {
    let locale = desk.locale;
    let time = clock(i64::from(it.minute));
    let days = match it.weekdays.len() {
        0 => day(locale, it.first),
        7 => tr!(locale, scenario_desk.every_day).to_owned(),
        _ => {
            let names = it.weekdays.iter();
            let names = names.map(|it| weekday_name(locale, i64::from(*it) - 1, Moment::Weekday));
            names
                .collect::<Vec<_>>()
                .join(tr!(locale, scenario_desk.comma))
        }
    };
    let until = it.last.filter(|_| !it.weekdays.is_empty());
    let until = until.map(|it| tr!(locale, scenario_desk.until, day = day(locale, it)));
    let parts = [Some(days), Some(time), until];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
