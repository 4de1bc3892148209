//! An offer in words, for what the server writes itself: link previews and posters.

use shared::referrals::api::Offer;
use shared::text::Locale;

/// For which order the friend gets it.
#[must_use]
pub fn condition(offer: &Offer, locale: Locale) -> String {
    let minimum = offer.currency.format(offer.minimum_order);
    match locale {
        Locale::ZhCn => format!("首单满 {minimum} 可得"),
        Locale::En => format!("for a first order from {minimum}"),
    }
}

/// Who invites to what.
#[must_use]
pub fn title(inviter: Option<&str>, programme: &str, locale: Locale) -> String {
    match (locale, inviter) {
        (Locale::ZhCn, Some(name)) => format!("{name} 邀请您加入{programme}"),
        (Locale::ZhCn, None) => format!("好友邀请您加入{programme}"),
        (Locale::En, Some(name)) => format!("{name} invites you to {programme}"),
        (Locale::En, None) => format!("A friend invites you to {programme}"),
    }
}

/// Text as it may stand in an attribute, or between tags.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(it),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_attribute() {
        assert_eq!(escape("a\"><script>&"), "a&quot;&gt;&lt;script&gt;&amp;");
    }
}
