//! Amounts of either asset, as text.

use crate::ui::format;
use shared::points::Asset;
use shared::quantity::Currency;
use shared::text::Locale;

/// What is needed to write amounts: the language and the programme's currency.
#[derive(Clone, Copy)]
pub struct Amounts {
    /// The language.
    pub locale: Locale,
    /// The programme's currency.
    pub currency: Currency,
}

impl Amounts {
    /// `1,240` points or `¥12.40` of credit.
    #[must_use]
    pub fn plain(self, asset: Asset, amount: i64) -> String {
        match asset {
            Asset::Points => format::number(self.locale, amount),
            Asset::Credit => format::money(self.locale, self.currency, amount, "auto"),
        }
    }

    /// The same with a plus or minus.
    #[must_use]
    pub fn signed(self, asset: Asset, amount: i64) -> String {
        match asset {
            Asset::Points => format::signed(self.locale, amount),
            Asset::Credit => format::money(self.locale, self.currency, amount, "exceptZero"),
        }
    }
}
