//! Which coupons of a wallet take the most off a cart together.
//!
//! Coupons of one group exclude each other, and one that is used alone excludes all others; so
//! there is one choice for each group. Where all choices together are few, each is tried. With
//! more, one group after another is chosen anew as long as that takes more off.

use super::pricing::{Priced, PricedCoupon, apply, conflicts, price};
use super::rules::{Candidate, Reason, Shopper, reasons_for};
use super::{Cart, Discount, MAX_COUPONS};
use core::cmp::Reverse;
use std::collections::BTreeMap;

/// Most combinations that are tried one by one.
pub const MAX_TRIES: usize = 1_000;
/// How often each group is chosen anew when there are more.
const ROUNDS: usize = 4;

/// The coupons that take the most off a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// Places of the coupons that are used, among those given.
    pub chosen: Vec<usize>,
    /// The cart's price with them: one row for each coupon given, with every reason against those
    /// that are not used.
    pub priced: Priced,
    /// Whether every combination was tried.
    pub exhaustive: bool,
}

/// What makes one combination better than another: what it takes off, then its gifts, then how few
/// coupons it needs.
type Score = (i64, usize, Reverse<usize>);

struct Search<'a> {
    cart: &'a Cart,
    candidates: &'a [Candidate],
    shopper: Shopper<'a>,
    best: (Score, Vec<usize>),
}

impl Search<'_> {
    fn price(&self, places: &[usize]) -> Priced {
        let named: Vec<Candidate> = places
            .iter()
            .map(|it| self.candidates[*it].clone())
            .collect();
        price(self.cart, &named, self.shopper)
    }

    /// Tries a combination; of two that are as good, the one that came first stays.
    fn try_out(&mut self, places: &[usize]) {
        let priced = self.price(places);
        let rows = places.iter().zip(&priced.coupons);
        let used: Vec<usize> = rows.filter(|it| it.1.applies()).map(|it| *it.0).collect();
        let gift = |it: &&usize| {
            let discount = &self.candidates[**it].terms.discount;
            matches!(discount, Discount::Gift { .. })
        };
        let gifts = used.iter().filter(gift).count();
        let saved = priced.discounts.iter().sum::<i64>() + priced.shipping_discount;
        let score = (saved, gifts, Reverse(used.len()));
        if score > self.best.0 {
            self.best = (score, used);
        }
    }

    /// Tries every choice of one coupon or none of each group.
    fn try_all(&mut self, groups: &[Vec<usize>]) {
        let mut turn = vec![0; groups.len()];
        loop {
            let picked = groups.iter().zip(&turn);
            let picked: Vec<usize> = picked
                .filter_map(|(group, it): (&Vec<usize>, &usize)| {
                    group.get(it.checked_sub(1)?).copied()
                })
                .collect();
            self.try_out(&picked);
            let Some(next) = (0..groups.len()).rfind(|it| turn[*it] < groups[*it].len()) else {
                return;
            };
            turn[next] += 1;
            turn[next + 1..].fill(0);
        }
    }

    /// Chooses one group after another anew, the others as they are best by now.
    fn climb(&mut self, groups: &[Vec<usize>]) {
        for _ in 0..ROUNDS {
            let before = self.best.0;
            for group in groups {
                let others = self.best.1.iter().filter(|it| !group.contains(it));
                let others: Vec<usize> = others.copied().collect();
                for place in group.iter().filter(|_| others.len() < MAX_COUPONS) {
                    let mut places = others.clone();
                    places.push(*place);
                    self.try_out(&places);
                }
                self.try_out(&others);
            }
            if self.best.0 == before {
                return;
            }
        }
    }
}

/// Finds the coupons that take the most off a cart together. Of two that are as good, the one that
/// was given first is used.
#[must_use]
pub fn best(cart: &Cart, candidates: &[Candidate], shopper: Shopper<'_>) -> Best {
    let alone: Vec<PricedCoupon> = candidates
        .iter()
        .map(|it| price(cart, core::slice::from_ref(it), shopper).coupons)
        .map(|mut it| it.pop().unwrap_or_default())
        .collect();
    let usable = |it: &Candidate| reasons_for(it, shopper, cart).is_empty();
    let (groups, singles) = sorted(candidates, usable);
    let mut search = Search {
        cart,
        candidates,
        shopper,
        best: ((0, 0, Reverse(0)), Vec::new()),
    };
    let many = |sum: usize, it: &Vec<usize>| sum.saturating_mul(it.len() + 1);
    let exhaustive = groups.iter().fold(1, many) <= MAX_TRIES;
    if exhaustive {
        search.try_all(&groups);
    } else {
        search.climb(&groups);
    }
    for place in singles {
        search.try_out(&[place]);
    }
    let chosen = search.best.1.clone();
    let priced = explained(&search, &chosen, alone);
    Best {
        chosen,
        priced,
        exhaustive,
    }
}

/// The coupons that can be used, by group, and those that are used alone. Coupons with the same
/// terms are equal: the first one stands for all.
///
/// One whose budget is too small for all that it would take off counts too: after others it takes
/// less.
fn sorted(
    candidates: &[Candidate],
    usable: impl Fn(&Candidate) -> bool,
) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut singles = Vec::new();
    let mut seen = Vec::new();
    for (place, it) in candidates.iter().enumerate() {
        let terms = (it.coupon.template, it.coupon.version);
        if !usable(it) || seen.contains(&terms) {
            continue;
        }
        seen.push(terms);
        if it.terms.stacking.exclusive {
            singles.push(place);
        } else {
            let group = it.terms.stacking.group.as_str();
            groups.entry(group).or_default().push(place);
        }
    }
    (groups.into_values().collect(), singles)
}

/// The price of what was chosen, with a row for each coupon.
fn explained(search: &Search<'_>, chosen: &[usize], alone: Vec<PricedCoupon>) -> Priced {
    let mut priced = search.price(chosen);
    let used: Vec<&Candidate> = chosen.iter().map(|it| &search.candidates[*it]).collect();
    let mut rows = Vec::with_capacity(alone.len());
    for (place, alone) in alone.into_iter().enumerate() {
        let candidate = &search.candidates[place];
        if let Some(at) = chosen.iter().position(|it| *it == place) {
            rows.push(priced.coupons[at].clone());
            continue;
        }
        let mut row = PricedCoupon {
            reasons: alone.reasons,
            ..PricedCoupon::default()
        };
        if row.applies() {
            row.reasons = conflicts(candidate, &used);
        }
        if row.applies() {
            apply(candidate, search.cart, &priced, &mut row);
        }
        if row.applies() {
            // It would take from the others what it gives.
            row = PricedCoupon {
                reasons: vec![Reason::NothingLeft],
                ..PricedCoupon::default()
            };
        }
        rows.push(row);
    }
    priced.coupons = rows;
    priced
}

#[cfg(test)]
mod tests;
