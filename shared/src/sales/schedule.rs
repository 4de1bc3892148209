//! Deadlines, and the sale of the next week.

use super::SaleDefinition;
use crate::time::{Timestamp, plus_local_days};
use jiff::tz::TimeZone;

/// Weeks that are looked ahead for one that is not over: more than anybody switches a shop off for.
const WEEKS: i32 = 520;

impl SaleDefinition {
    /// Until when a claim is held for its payment. At that instant it is no longer.
    #[must_use]
    pub const fn pay_by(&self, claimed_at: Timestamp) -> Timestamp {
        claimed_at.plus_millis(self.payment_minutes as i64 * 60_000)
    }

    /// The sale of the next week that is not over yet: the same times of the clocks in `zone`,
    /// whatever they were moved by between; `None` when there is no other one.
    #[must_use]
    pub fn next_week(&self, zone: &TimeZone, now: Timestamp) -> Option<Self> {
        let weekly = self.weekly?;
        let next = (1..=WEEKS).find_map(|weeks| {
            let ends_at = plus_local_days(self.ends_at, weeks * 7, zone);
            let starts_at = plus_local_days(self.starts_at, weeks * 7, zone);
            (ends_at > now && starts_at < ends_at).then_some((starts_at, ends_at))
        });
        let (starts_at, ends_at) = next?;
        if weekly.until.is_some_and(|it| starts_at > it) {
            return None;
        }
        Some(Self {
            starts_at,
            ends_at,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sales::{SaleAudience, Weekly};
    use crate::testing::at;
    use crate::text::Text;
    use crate::time::zone;
    use proptest::prelude::*;

    fn sale(starts: &str, ends: &str, until: Option<&str>) -> SaleDefinition {
        SaleDefinition {
            title: Text::new("周末", "Weekend"),
            products: Vec::new(),
            starts_at: at(starts),
            ends_at: at(ends),
            audience: SaleAudience::default(),
            early: Vec::new(),
            payment_minutes: 15,
            weekly: Some(Weekly {
                until: until.map(at),
            }),
            apology: None,
        }
    }

    #[test]
    fn a_week_later_clocks_show_the_same() {
        for (name, starts, ends, next) in [
            (
                "Asia/Shanghai",
                "2026-06-20T02:00:00Z",
                "2026-06-20T03:00:00Z",
                Some(("2026-06-27T02:00:00Z", "2026-06-27T03:00:00Z")),
            ),
            // Clocks go back between the two.
            (
                "Europe/Berlin",
                "2026-10-22T18:00:00Z",
                "2026-10-22T19:00:00Z",
                Some(("2026-10-29T19:00:00Z", "2026-10-29T20:00:00Z")),
            ),
            // And forward.
            (
                "Europe/Berlin",
                "2026-03-26T19:00:00Z",
                "2026-03-26T20:00:00Z",
                Some(("2026-04-02T18:00:00Z", "2026-04-02T19:00:00Z")),
            ),
        ] {
            let zone = zone(name).expect("a zone");
            let sale = sale(starts, ends, None);
            let found = sale.next_week(&zone, sale.starts_at);
            let times = found.map(|it| (it.starts_at, it.ends_at));
            assert_eq!(times, next.map(|it| (at(it.0), at(it.1))), "{name}");
        }
    }

    #[test]
    fn weeks_that_are_over_are_left_out_and_the_last_is_the_last() {
        let zone = zone("Asia/Shanghai").expect("a zone");
        let ends = "2026-06-20T03:00:00Z";
        let until = "2026-07-11T02:00:00Z";
        let sale = sale("2026-06-20T02:00:00Z", ends, Some(until));
        for (now, starts) in [
            ("2026-06-20T02:00:00Z", Some("2026-06-27T02:00:00Z")),
            ("2026-06-27T02:59:59Z", Some("2026-06-27T02:00:00Z")),
            ("2026-06-27T03:00:00Z", Some("2026-07-04T02:00:00Z")),
            ("2026-07-10T00:00:00Z", Some("2026-07-11T02:00:00Z")),
            ("2026-07-12T00:00:00Z", None),
        ] {
            let next = sale.next_week(&zone, at(now));
            assert_eq!(next.map(|it| it.starts_at), starts.map(at), "{now}");
        }
        let once = SaleDefinition {
            weekly: None,
            ..sale
        };
        assert_eq!(once.next_week(&zone, at(ends)), None);
    }

    #[test]
    fn a_claim_is_held_for_its_minutes() {
        let sale = sale("2026-06-20T02:00:00Z", "2026-06-20T03:00:00Z", None);
        let claimed = at("2026-06-20T02:00:00.250Z");
        assert_eq!(sale.pay_by(claimed), at("2026-06-20T02:15:00.250Z"));
    }

    proptest! {
        #[test]
        fn the_next_one_is_later_on_the_same_weekday(hours in 0_i64..20_000, lasts in 1_i64..72, passed in 0_i64..5_000) {
            let zone = zone("Europe/Berlin").expect("a zone");
            let mut it = sale("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", None);
            it.starts_at = it.starts_at.plus_millis(hours * 3_600_000);
            it.ends_at = it.starts_at.plus_millis(lasts * 3_600_000);
            let now = it.starts_at.plus_millis(passed * 3_600_000);
            let next = it.next_week(&zone, now).expect("there is always another one");
            prop_assert!(next.starts_at > it.starts_at && next.ends_at > now);
            prop_assert_eq!(
                next.starts_at.date_in(&zone).weekday(),
                it.starts_at.date_in(&zone).weekday()
            );
        }
    }
}
