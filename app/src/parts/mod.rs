//! Pieces of features that both pages show: a member's points and tier, seen by the member or by
//! staff.

pub mod coupons;
pub mod password;
pub mod points;
pub mod shop;
pub mod tasks;
pub mod tiers;

use crate::ui::amount::Amounts;
use crate::ui::browser;
use crate::ui::format::{self, Moment};
use shared::time::Timestamp;

/// A time this near is clear without its year: half a year, in milliseconds.
const RECENT_MS: f64 = 182.0 * 86_400_000.0;

/// Whose things are shown, and to whom.
#[derive(Clone)]
pub struct Subject {
    /// Where the things are read: `/api/v1/me` or `/api/v1/members/mem_…`.
    pub base: String,
    /// The member's time zone.
    pub zone: String,
    /// How amounts are written.
    pub amounts: Amounts,
    /// Whether staff is looking: then times show their zone and rows show who did it.
    pub staff: bool,
}

impl Subject {
    /// A day in the member's zone.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        format::moment(self.amounts.locale, &self.zone, at, Moment::Date)
    }

    /// A day and time in the member's zone.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let age = browser::now_millis() - format::js(at.as_millis());
        let what = match self.staff {
            true => Moment::Zoned,
            false if age.abs() < RECENT_MS => Moment::Recent,
            false => Moment::Time,
        };
        format::moment(self.amounts.locale, &self.zone, at, what)
    }
}
