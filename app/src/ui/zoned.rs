//! Days of a member's own time zone as instants, by the browser's knowledge of zones.

use crate::ui::format;
use js_sys::Date;
use wasm_bindgen::JsValue;

/// Milliseconds of a day without a change of clocks.
const DAY_MS: f64 = 86_400_000.0;

/// The first instant of a day such as `2026-11-22` in `zone`, as RFC 3339 in UTC.
#[must_use]
pub fn start_of_day(zone: &str, day: &str) -> Option<String> {
    Some(rfc3339(midnight(zone, utc_midnight(day)?)))
}

/// The last millisecond of a day in `zone`, as RFC 3339 in UTC.
#[must_use]
pub fn end_of_day(zone: &str, day: &str) -> Option<String> {
    let next = midnight(zone, utc_midnight(day)? + DAY_MS);
    Some(rfc3339(next - 1.0))
}

/// The instant at which clocks in `zone` show a time such as `2026-11-22T10:00`.
#[must_use]
pub fn instant(zone: &str, wall: &str) -> Option<String> {
    let shown = Date::parse(&format!("{wall}Z"));
    shown.is_finite().then(|| rfc3339(midnight(zone, shown)))
}

/// What clocks in `zone` show at an instant, such as `2026-11-22T10:00`.
#[must_use]
pub fn wall_text(zone: &str, at: &str) -> Option<String> {
    let at = Date::parse(at);
    let shown = format::wall_clock(zone, at.is_finite().then_some(at)?)?;
    Some(rfc3339(shown).chars().take(16).collect())
}

/// The day in `zone` at an instant, such as `2026-11-22`.
#[must_use]
pub fn day_in(zone: &str, at: &str) -> Option<String> {
    Some(wall_text(zone, at)?.chars().take(10).collect())
}

/// Today in `zone`, by this device's clock.
#[must_use]
pub fn today(zone: &str) -> Option<String> {
    day_in(zone, &rfc3339(Date::now()))
}

fn utc_midnight(day: &str) -> Option<f64> {
    let at = Date::parse(&format!("{day}T00:00:00Z"));
    at.is_finite().then_some(at)
}

/// The instant at which clocks in `zone` show what UTC clocks show at `wall`.
fn midnight(zone: &str, wall: f64) -> f64 {
    let offset = |at: f64| format::wall_clock(zone, at).map_or(0.0, |shown| shown - at);
    // The offset at the wall time taken as UTC may be that of the other side of a clock change;
    // asking again at the corrected instant settles it.
    let near = wall - offset(wall);
    wall - offset(near)
}

fn rfc3339(at: f64) -> String {
    Date::new(&JsValue::from_f64(at)).to_iso_string().into()
}
