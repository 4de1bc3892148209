//! What stands between a member and a product at an instant. The server says what it knew when it
//! answered; what time does since then is worked out here, so that a sale opens by itself.

use shared::sales::Phase;
use shared::sales::api::{MemberProduct, MemberSale, SaleLive};
use shared::sales::rules::NotNow;
use shared::time::Timestamp;

/// Why a member cannot claim anything of a sale now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closed {
    /// The sale was called off.
    Cancelled,
    /// It is over.
    Ended,
    /// It is for other communities.
    OtherCommunity,
    /// It is for other members.
    OtherTag,
    /// It is for higher tiers.
    TierTooLow {
        /// Code of the lowest tier that may take part.
        tier: String,
    },
    /// The membership is frozen.
    Frozen,
    /// It is stopped for the moment.
    Paused,
    /// It has not opened for the member.
    NotOpen,
}

/// What can be done about a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gate {
    /// It can be claimed, so many at most.
    Open(i64),
    /// The sale is not open for the member.
    Closed(Closed),
    /// The member has as many as one can have.
    Limit,
    /// None is left at this moment.
    SoldOut,
}

impl Gate {
    /// How many can be claimed at most; 1 when nothing can.
    pub(super) fn most(&self) -> i64 {
        match self {
            Self::Open(most) => *most,
            Self::Closed(_) | Self::Limit | Self::SoldOut => 1,
        }
    }
}

/// What a sale is doing at an instant, for this member.
pub(super) fn phase(it: &MemberSale, now: i64) -> Phase {
    let most = it.early.iter().map(|it| it.minutes).max().unwrap_or(0);
    let first = it.starts_at.plus_millis(-i64::from(most) * 60_000);
    match it.phase {
        Phase::Cancelled | Phase::Draft => it.phase,
        _ if now >= it.ends_at.as_millis() => Phase::Ended,
        _ if now >= it.starts_at.as_millis() => Phase::Live,
        _ if now >= first.as_millis() => Phase::Early,
        _ => Phase::Scheduled,
    }
}

/// Why the member cannot claim anything at an instant; the one that weighs most.
pub(super) fn closed(it: &MemberSale, now: i64, active: bool) -> Option<Closed> {
    match phase(it, now) {
        Phase::Cancelled | Phase::Draft => return Some(Closed::Cancelled),
        Phase::Ended => return Some(Closed::Ended),
        Phase::Scheduled | Phase::Early | Phase::Live => {}
    }
    let person = it.blocked.iter().find_map(|it| match it {
        NotNow::OtherCommunity => Some(Closed::OtherCommunity),
        NotNow::OtherTag => Some(Closed::OtherTag),
        NotNow::TierTooLow { tier } => Some(Closed::TierTooLow { tier: tier.clone() }),
        _ => None,
    });
    if person.is_some() {
        return person;
    }
    if !active {
        return Some(Closed::Frozen);
    }
    if it.paused {
        return Some(Closed::Paused);
    }
    (now < it.opens_at.as_millis()).then_some(Closed::NotOpen)
}

/// What can be done about a product at an instant.
pub(super) fn gate(closed: Option<Closed>, product: &MemberProduct) -> Gate {
    let may_have = product.per_member - product.mine;
    match closed {
        Some(closed) => Gate::Closed(closed),
        None if may_have < 1 => Gate::Limit,
        None if product.free < 1 => Gate::SoldOut,
        None => Gate::Open(may_have.min(product.free)),
    }
}

/// What the countdown of a sale leads to, and when that is; nothing when the sale is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It opens for the member.
    Opens(Timestamp),
    /// It is over.
    Ends(Timestamp),
}

/// What comes next for the member.
pub(super) fn next(it: &MemberSale, now: i64) -> Option<Next> {
    match phase(it, now) {
        Phase::Draft | Phase::Cancelled | Phase::Ended => None,
        _ if now < it.opens_at.as_millis() => Some(Next::Opens(it.opens_at)),
        _ => Some(Next::Ends(it.ends_at)),
    }
}

/// A sale with what was heard of it since it was read.
pub(super) fn with_news(mut it: MemberSale, news: Option<&SaleLive>) -> MemberSale {
    let Some(news) = news.filter(|news| news.server_time >= it.server_time) else {
        return it;
    };
    it.paused = news.paused;
    if news.phase == Phase::Cancelled {
        it.phase = Phase::Cancelled;
    }
    for product in &mut it.products {
        if let Some(left) = news.products.iter().find(|left| left.sku == product.sku) {
            (product.stock, product.free) = (left.stock, left.free);
        }
    }
    it
}

/// What of a sale its page is built from: everything but the numbers that change in it, which
/// change in place.
pub(super) fn shape(mut it: MemberSale) -> MemberSale {
    it.server_time = Timestamp::from_millis(0);
    it.phase = Phase::Scheduled;
    it.paused = false;
    it.blocked.clear();
    it.remind = false;
    for product in &mut it.products {
        (product.stock, product.free, product.mine) = (0, 0, 0);
    }
    it
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::sales::EarlyAccess;
    use shared::sales::api::LiveProduct;
    use shared::text::Text;

    const HOUR: i64 = 3_600_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn product(free: i64, mine: i64) -> MemberProduct {
        MemberProduct {
            sku: "milk".to_owned(),
            name: Text::new("牛奶", "Milk"),
            price: 990,
            list_price: 1990,
            stock: 5,
            free,
            per_member: 2,
            mine,
        }
    }

    /// Opens for everybody after two hours, for gold half an hour earlier, and lasts an hour.
    fn sale(opens_at: i64, blocked: Vec<NotNow>) -> MemberSale {
        MemberSale {
            id: "fsl_01kac5w2h5f8v9t3n7r1m4x6y0".parse().expect("an id"),
            title: Text::new("早餐", "Breakfast"),
            phase: Phase::Scheduled,
            paused: false,
            starts_at: at(2 * HOUR),
            opens_at: at(opens_at),
            ends_at: at(3 * HOUR),
            early: vec![EarlyAccess {
                tier: "gold".to_owned(),
                minutes: 30,
            }],
            payment_minutes: 15,
            products: vec![product(5, 0)],
            blocked,
            remind: false,
            server_time: at(HOUR),
        }
    }

    #[test]
    fn a_sale_opens_and_ends_by_itself() {
        let not_open = || vec![NotNow::NotOpen { opens_at: at(0) }];
        let (gold, silver) = (HOUR * 3 / 2, 2 * HOUR);
        for (opens, now, expected, next_is) in [
            (gold, 0, Some(Closed::NotOpen), Some(Next::Opens(at(gold)))),
            (
                gold,
                gold - 1,
                Some(Closed::NotOpen),
                Some(Next::Opens(at(gold))),
            ),
            (gold, gold, None, Some(Next::Ends(at(3 * HOUR)))),
            (
                silver,
                gold,
                Some(Closed::NotOpen),
                Some(Next::Opens(at(silver))),
            ),
            (silver, silver, None, Some(Next::Ends(at(3 * HOUR)))),
            (silver, 3 * HOUR - 1, None, Some(Next::Ends(at(3 * HOUR)))),
            (silver, 3 * HOUR, Some(Closed::Ended), None),
        ] {
            let it = sale(opens, not_open());
            assert_eq!(closed(&it, now, true), expected, "{opens} {now}");
            assert_eq!(next(&it, now), next_is, "{opens} {now}");
        }
        let it = sale(silver, not_open());
        let phases = [gold - 1, gold, silver, 3 * HOUR].map(|now| phase(&it, now));
        let expected = [Phase::Scheduled, Phase::Early, Phase::Live, Phase::Ended];
        assert_eq!(phases, expected);
    }

    #[test]
    fn what_weighs_most_is_said_first() {
        let low = NotNow::TierTooLow {
            tier: "gold".to_owned(),
        };
        let tier = Closed::TierTooLow {
            tier: "gold".to_owned(),
        };
        let found = |blocked, paused, active, now| {
            let it = MemberSale {
                paused,
                ..sale(2 * HOUR, blocked)
            };
            closed(&it, now, active)
        };
        let foreign = vec![NotNow::OtherCommunity, NotNow::OtherTag, low.clone()];
        assert_eq!(found(foreign, true, false, 0), Some(Closed::OtherCommunity));
        assert_eq!(found(vec![low], true, false, 0), Some(tier));
        assert_eq!(found(vec![], true, false, 0), Some(Closed::Frozen));
        assert_eq!(found(vec![], true, true, 0), Some(Closed::Paused));
        assert_eq!(found(vec![], false, true, 0), Some(Closed::NotOpen));
        // What the server said about the time is worked out anew.
        let ended = vec![NotNow::Ended, NotNow::Paused];
        assert_eq!(found(ended, false, true, 2 * HOUR), None);
    }

    #[test]
    fn a_product_is_open_up_to_what_is_left_and_allowed() {
        for (free, mine, expected) in [
            (5, 0, Gate::Open(2)),
            (5, 1, Gate::Open(1)),
            (1, 0, Gate::Open(1)),
            (5, 2, Gate::Limit),
            (0, 2, Gate::Limit),
            (0, 0, Gate::SoldOut),
        ] {
            assert_eq!(gate(None, &product(free, mine)), expected, "{free} {mine}");
        }
        let closed = gate(Some(Closed::Paused), &product(0, 0));
        assert_eq!(closed, Gate::Closed(Closed::Paused));
    }

    #[test]
    fn news_is_taken_over_when_it_is_newer() {
        let news = |server_time| SaleLive {
            id: sale(0, vec![]).id,
            phase: Phase::Live,
            paused: true,
            sold_out: true,
            products: vec![LiveProduct {
                sku: "milk".to_owned(),
                stock: 7,
                free: 0,
            }],
            server_time: at(server_time),
        };
        let later = with_news(sale(0, vec![]), Some(&news(HOUR)));
        assert!(later.paused);
        assert_eq!((later.products[0].stock, later.products[0].free), (7, 0));
        let earlier = with_news(sale(0, vec![]), Some(&news(HOUR - 1)));
        assert_eq!(earlier, sale(0, vec![]));
        assert_eq!(shape(later), shape(earlier));
    }
}
