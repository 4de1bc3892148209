//! Numbers, money and dates as the browser's own `Intl` writes them.

use crate::ui::few::Few;
use js_sys::{Array, Function, Object, Reflect};
use shared::quantity::Currency;
use shared::text::Locale;
use shared::time::Timestamp;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    /// Making a formatter is slow and using one is quick, so each is made once.
    static FORMATTERS: RefCell<Few<Function>> = const { RefCell::new(Few::new()) };
}

/// Calls the formatter with this name, making it with `make` the first time.
fn with(name: String, value: &JsValue, make: impl FnOnce() -> Function) -> String {
    let format = FORMATTERS.with_borrow_mut(|all| {
        if let Some(format) = all.get(&name) {
            return format.clone();
        }
        let format = make();
        all.keep(&name, format.clone());
        format
    });
    format
        .call1(&JsValue::NULL, value)
        .ok()
        .and_then(|it| it.as_string())
        .unwrap_or_default()
}

fn tags(locale: Locale) -> Array {
    Array::of1(&locale.tag().into())
}

fn options(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object
}

/// An amount as JavaScript has it: every amount on the wire fits 53 bits.
#[expect(
    clippy::cast_precision_loss,
    reason = "amounts are at most 10^12, see shared::quantity"
)]
pub const fn js(amount: i64) -> f64 {
    amount as f64
}

fn plain(locale: Locale, sign: &'static str, value: i64) -> String {
    with(format!("{}{sign}", locale.tag()), &js(value).into(), || {
        let options = options(&[("signDisplay", sign.into())]);
        js_sys::Intl::NumberFormat::new(&tags(locale), &options).format()
    })
}

/// `1,240`.
#[must_use]
pub fn number(locale: Locale, value: i64) -> String {
    plain(locale, "auto", value)
}

/// `+1,240` or `-50`.
#[must_use]
pub fn signed(locale: Locale, value: i64) -> String {
    plain(locale, "exceptZero", value)
}

/// Minor units as money: `¥12.50`.
#[must_use]
pub fn money(locale: Locale, currency: Currency, minor: i64, sign: &'static str) -> String {
    let major = js(minor) / js(currency.minor_per_major());
    let name = format!("{}{}{sign}", locale.tag(), currency.code());
    with(name, &major.into(), || {
        let options = options(&[
            ("style", "currency".into()),
            ("currency", currency.code().into()),
            ("currencyDisplay", "narrowSymbol".into()),
            ("signDisplay", sign.into()),
        ]);
        js_sys::Intl::NumberFormat::new(&tags(locale), &options).format()
    })
}

/// How much of an instant to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Month and day.
    Day,
    /// Year, month and day.
    Date,
    /// Month, day, hour and minute.
    Recent,
    /// Date, hour and minute.
    Time,
    /// Date, hour, minute and the zone's name: for staff.
    Zoned,
    /// Year and month.
    Month,
    /// The day of the month alone.
    DayOfMonth,
    /// The day of the week.
    Weekday,
    /// The day of the week in a letter.
    WeekdayLetter,
}

/// An instant in a member's or programme's zone.
#[must_use]
pub fn moment(locale: Locale, zone: &str, at: Timestamp, what: Moment) -> String {
    moment_at(locale, zone, js(at.as_millis()), what)
}

/// Milliseconds since 1970 in a zone.
#[must_use]
pub fn moment_at(locale: Locale, zone: &str, at: f64, what: Moment) -> String {
    let name = format!("{}{zone}{what:?}", locale.tag());
    with(name, &at.into(), || {
        let mut pairs = vec![("timeZone", zone.into())];
        match what {
            Moment::Month => pairs.extend([("year", "numeric".into()), ("month", "short".into())]),
            Moment::DayOfMonth => pairs.push(("day", "numeric".into())),
            Moment::Weekday => pairs.push(("weekday", "long".into())),
            Moment::WeekdayLetter => pairs.push(("weekday", "narrow".into())),
            Moment::Day => pairs.extend([("month", "short".into()), ("day", "numeric".into())]),
            Moment::Date => pairs.push(("dateStyle", "medium".into())),
            Moment::Recent | Moment::Time | Moment::Zoned => pairs.extend([
                ("month", "short".into()),
                ("day", "numeric".into()),
                ("hour", "2-digit".into()),
                ("minute", "2-digit".into()),
                ("hourCycle", "h23".into()),
            ]),
        }
        if matches!(what, Moment::Time | Moment::Zoned) {
            pairs.push(("year", "numeric".into()));
        }
        if what == Moment::Zoned {
            pairs.push(("timeZoneName", "short".into()));
        }
        js_sys::Intl::DateTimeFormat::new(&tags(locale), &options(&pairs)).format()
    })
}

/// What clocks in a zone show at an instant, as milliseconds since 1970 as if they showed UTC.
#[must_use]
pub fn wall_clock(zone: &str, at: f64) -> Option<f64> {
    let text = with(format!("wall{zone}"), &at.into(), || {
        let mut pairs = vec![("timeZone", zone.into()), ("hourCycle", "h23".into())];
        for part in ["year", "month", "day", "hour", "minute", "second"] {
            pairs.push((
                part,
                if part == "year" { "numeric" } else { "2-digit" }.into(),
            ));
        }
        // Sweden writes dates as ISO 8601 does.
        let tags = Array::of1(&"sv-SE".into());
        js_sys::Intl::DateTimeFormat::new(&tags, &options(&pairs)).format()
    });
    let shown = js_sys::Date::parse(&format!("{}Z", text.replace(' ', "T")));
    shown.is_finite().then_some(shown)
}

/// The hour of the day, 0 to 23, at this instant in a zone.
#[must_use]
pub fn hour(zone: &str, at: f64) -> u32 {
    let shown = wall_clock(zone, at).unwrap_or(at);
    js_sys::Date::new(&shown.into()).get_utc_hours()
}
