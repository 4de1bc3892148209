//! Who gets what is left, in order of arrival: never more than there is, never more than a member
//! or a community can have, and nothing kept back that somebody could have had.

use crate::ids::{CommunityId, MemberId};
use crate::problem::ErrorCode;
use std::collections::HashMap;

/// A product of a sale, as far as its stock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelf {
    /// Pieces that nobody holds or has bought.
    pub free: i64,
    /// How many one member can have.
    pub per_member: i64,
    /// How many the members of one community can have together.
    pub per_community: Option<i64>,
}

/// Somebody's wish, in order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Who.
    pub member: MemberId,
    /// The key of the intent: the same key is the same wish.
    pub key: String,
    /// Place of the product in the sale.
    pub place: usize,
    /// How many.
    pub quantity: i64,
    /// The member's communities that share in the sale.
    pub communities: Vec<CommunityId>,
}

/// Why a wish stays one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Fewer are left.
    SoldOut {
        /// How many.
        left: i64,
    },
    /// The member can have fewer.
    MemberLimit {
        /// How many more.
        left: i64,
    },
    /// The communities of the member can have fewer.
    QuotaUsed,
    /// The sale does not have the product.
    NoProduct,
}

impl Lost {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::SoldOut { .. } => ErrorCode::SaleSoldOut,
            Self::MemberLimit { .. } => ErrorCode::SaleMemberLimit,
            Self::QuotaUsed => ErrorCode::SaleQuotaUsed,
            Self::NoProduct => ErrorCode::SaleProductNotFound,
        }
    }

    /// The fact of this one case that a caller can use.
    #[must_use]
    pub fn detail(self) -> Option<String> {
        match self {
            Self::SoldOut { left } | Self::MemberLimit { left } if left > 0 => {
                Some(format!("{left} left"))
            }
            _ => None,
        }
    }
}

/// What becomes of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is held, and counts for this community.
    Won {
        /// The community whose share it is.
        community: Option<CommunityId>,
    },
    /// It is an earlier one of the batch once more.
    SameAs(usize),
    /// The key was used for another wish of the batch.
    KeyReused,
    /// It is not.
    Lost(Lost),
}

/// What is free and who has how much, while wishes are decided.
#[derive(Debug, Clone, Default)]
pub struct Seats {
    shelves: Vec<Shelf>,
    members: HashMap<(MemberId, usize), i64>,
    communities: HashMap<(CommunityId, usize), i64>,
}

impl Seats {
    /// The products of a sale, in their order.
    #[must_use]
    pub fn new(shelves: Vec<Shelf>) -> Self {
        Self {
            shelves,
            ..Self::default()
        }
    }

    /// Notes what a member holds or has bought.
    pub fn note(&mut self, member: MemberId, place: usize, quantity: i64) {
        *self.members.entry((member, place)).or_default() += quantity;
    }

    /// Notes what members of a community hold or have bought.
    pub fn note_share(&mut self, community: CommunityId, place: usize, quantity: i64) {
        *self.communities.entry((community, place)).or_default() += quantity;
    }

    /// Pieces of a product that nobody has.
    #[must_use]
    pub fn free(&self, place: usize) -> i64 {
        self.shelves.get(place).map_or(0, |it| it.free)
    }

    /// Whose share a wish would be, if it were decided now.
    ///
    /// # Errors
    /// Why it cannot be seated.
    pub fn probe(&self, wish: &Wish) -> Result<Option<CommunityId>, Lost> {
        let (place, quantity) = (wish.place, wish.quantity);
        let shelf = self.shelves.get(place).copied().ok_or(Lost::NoProduct)?;
        let has = self.members.get(&(wish.member, place)).copied();
        let left = shelf.per_member - has.unwrap_or(0);
        if quantity < 1 || quantity > left {
            return Err(Lost::MemberLimit { left: left.max(0) });
        }
        if quantity > shelf.free {
            return Err(Lost::SoldOut {
                left: shelf.free.max(0),
            });
        }
        self.share(wish, shelf.per_community)
    }

    /// Seats one wish, and says whose share it is.
    ///
    /// # Errors
    /// Why it cannot be seated; then nothing changes.
    pub fn seat(&mut self, wish: &Wish) -> Result<Option<CommunityId>, Lost> {
        let community = self.probe(wish)?;
        let (place, quantity) = (wish.place, wish.quantity);
        if let Some(shelf) = self.shelves.get_mut(place) {
            shelf.free -= quantity;
        }
        self.note(wish.member, place, quantity);
        if let Some(community) = community {
            self.note_share(community, place, quantity);
        }
        Ok(community)
    }

    /// The first community of the member whose share is not used up.
    fn share(&self, wish: &Wish, quota: Option<i64>) -> Result<Option<CommunityId>, Lost> {
        let Some(quota) = quota else {
            return Ok(wish.communities.first().copied());
        };
        let used = |it: &CommunityId| self.communities.get(&(*it, wish.place)).copied();
        let fits = |it: &&CommunityId| used(it).unwrap_or(0) + wish.quantity <= quota;
        let found = wish.communities.iter().find(fits).copied();
        // Who shares in no community is not kept out by the shares of communities.
        if found.is_none() && !wish.communities.is_empty() {
            return Err(Lost::QuotaUsed);
        }
        Ok(found)
    }

    /// Decides a batch in order of arrival.
    pub fn decide(&mut self, wishes: &[Wish]) -> Vec<Verdict> {
        let mut known: HashMap<(MemberId, &str), usize> = HashMap::new();
        let mut verdicts = Vec::with_capacity(wishes.len());
        for (number, wish) in wishes.iter().enumerate() {
            let key = (wish.member, wish.key.as_str());
            let verdict = match known.get(&key) {
                Some(first) => {
                    let other = &wishes[*first];
                    let same = (other.place, other.quantity) == (wish.place, wish.quantity);
                    if same {
                        Verdict::SameAs(*first)
                    } else {
                        Verdict::KeyReused
                    }
                }
                // What was lost is judged afresh when it comes again.
                None => match self.seat(wish) {
                    Ok(community) => {
                        known.insert(key, number);
                        Verdict::Won { community }
                    }
                    Err(lost) => Verdict::Lost(lost),
                },
            };
            verdicts.push(verdict);
        }
        verdicts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn member(number: u128) -> MemberId {
        MemberId::from(Uuid::from_u128(number))
    }

    fn community(number: u128) -> CommunityId {
        CommunityId::from(Uuid::from_u128(number))
    }

    fn wish(who: u128, key: &str, place: usize, quantity: i64, shares: &[u128]) -> Wish {
        Wish {
            member: member(who),
            key: key.to_owned(),
            place,
            quantity,
            communities: shares.iter().map(|it| community(*it)).collect(),
        }
    }

    const SHELF: Shelf = Shelf {
        free: 5,
        per_member: 2,
        per_community: None,
    };
    const WON: Verdict = Verdict::Won { community: None };

    #[test]
    fn wishes_are_decided_in_order() {
        let mut seats = Seats::new(vec![SHELF]);
        seats.note(member(9), 0, 1);
        let verdicts = seats.decide(&[
            wish(1, "a", 0, 2, &[]),
            wish(1, "a", 0, 2, &[]),
            wish(1, "a", 0, 1, &[]),
            wish(1, "b", 0, 1, &[]),
            wish(9, "a", 0, 2, &[]),
            wish(9, "b", 0, 1, &[]),
            wish(3, "a", 0, 3, &[]),
            wish(4, "a", 0, 2, &[]),
            wish(5, "a", 0, 1, &[]),
            wish(6, "a", 7, 1, &[]),
            wish(7, "a", 0, 0, &[]),
        ]);
        let limit = |left| Verdict::Lost(Lost::MemberLimit { left });
        let expected = [
            WON,
            Verdict::SameAs(0),
            Verdict::KeyReused,
            limit(0),
            limit(1),
            WON,
            limit(2),
            WON,
            Verdict::Lost(Lost::SoldOut { left: 0 }),
            Verdict::Lost(Lost::NoProduct),
            limit(2),
        ];
        assert_eq!(verdicts, expected);
        assert_eq!(seats.free(0), 0);
    }

    #[test]
    fn one_piece_goes_to_whoever_wants_one() {
        let shelf = Shelf { free: 1, ..SHELF };
        let mut seats = Seats::new(vec![shelf]);
        let verdicts = seats.decide(&[wish(1, "a", 0, 2, &[]), wish(2, "a", 0, 1, &[])]);
        assert_eq!(verdicts, [Verdict::Lost(Lost::SoldOut { left: 1 }), WON]);
    }

    #[test]
    fn a_share_that_is_used_up_sends_to_the_next_community() {
        let shelf = Shelf {
            per_community: Some(2),
            ..SHELF
        };
        let mut seats = Seats::new(vec![shelf]);
        seats.note_share(community(1), 0, 1);
        let won = |it| Verdict::Won {
            community: Some(community(it)),
        };
        let verdicts = seats.decide(&[
            wish(1, "a", 0, 1, &[1, 2]),
            wish(2, "a", 0, 1, &[1, 2]),
            wish(3, "a", 0, 1, &[1]),
            wish(4, "a", 0, 1, &[2]),
            wish(5, "a", 0, 1, &[]),
        ]);
        let used = Verdict::Lost(Lost::QuotaUsed);
        assert_eq!(verdicts, [won(1), won(2), used, won(2), WON]);
    }

    proptest! {
        #[test]
        fn nothing_is_sold_twice_and_nothing_is_kept_back(
            frees in proptest::collection::vec(0_i64..12, 1..3),
            per_member in 1_i64..4,
            quota in proptest::option::of(1_i64..6),
            wishes in proptest::collection::vec(
                (0_u128..8, 0_u8..4, 0_usize..3, 1_i64..4, proptest::collection::vec(0_u128..3, 0..3)),
                0..60,
            ),
        ) {
            let shelf = |free: &i64| Shelf { free: *free, per_member, per_community: quota };
            let mut seats = Seats::new(frees.iter().map(shelf).collect());
            let wishes: Vec<Wish> = wishes
                .iter()
                .map(|(who, key, place, quantity, shares)| {
                    wish(*who, &key.to_string(), *place, *quantity, shares)
                })
                .collect();
            let verdicts = seats.decide(&wishes);
            let mut sold = vec![0_i64; frees.len()];
            let mut members: HashMap<(MemberId, usize), i64> = HashMap::new();
            let mut shares: HashMap<(CommunityId, usize), i64> = HashMap::new();
            for (wish, verdict) in wishes.iter().zip(&verdicts) {
                if let Verdict::Won { community } = verdict {
                    sold[wish.place] += wish.quantity;
                    *members.entry((wish.member, wish.place)).or_default() += wish.quantity;
                    if let Some(community) = community {
                        prop_assert!(wish.communities.contains(community));
                        *shares.entry((*community, wish.place)).or_default() += wish.quantity;
                    }
                }
            }
            for (place, free) in frees.iter().enumerate() {
                prop_assert!(sold[place] <= *free);
                prop_assert_eq!(seats.free(place), free - sold[place]);
            }
            prop_assert!(members.values().all(|it| *it <= per_member));
            if let Some(quota) = quota {
                prop_assert!(shares.values().all(|it| *it <= quota));
            }
            // Whoever was told that it is sold out could not be served even at the end.
            for (wish, verdict) in wishes.iter().zip(&verdicts) {
                if let Verdict::Lost(Lost::SoldOut { left }) = verdict {
                    prop_assert!(*left < wish.quantity);
                    prop_assert!(seats.free(wish.place) < wish.quantity);
                }
            }
            // Each key won at most once.
            let won = wishes.iter().zip(&verdicts).filter(|it| matches!(it.1, Verdict::Won { .. }));
            let keys: Vec<_> = won.map(|it| (it.0.member, it.0.key.clone())).collect();
            let unique: std::collections::HashSet<_> = keys.iter().cloned().collect();
            prop_assert_eq!(keys.len(), unique.len());
        }
    }
}
