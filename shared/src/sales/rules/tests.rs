//! When a sale is open, for whom, and what a payment does.

use super::*;
use crate::communities::Belonging;
use crate::sales::{EarlyAccess, SaleAudience};
use crate::testing::at;
use crate::text::Text;
use crate::tiers::{Tier, Window};
use proptest::prelude::*;
use uuid::Uuid;

fn ladder() -> Ladder {
    let tier = |code: &str, threshold| Tier {
        code: code.to_owned(),
        name: Text::new(code, code),
        threshold,
        benefits: Vec::new(),
    };
    Ladder {
        window: Window::Lifetime,
        grace_days: 0,
        warn_days: 0,
        tiers: vec![tier("basic", 0), tier("silver", 10), tier("gold", 100)],
    }
}

fn community(number: u128) -> CommunityId {
    CommunityId::from(Uuid::from_u128(number))
}

fn belonging(number: u128, tags: &[&str]) -> Belonging {
    Belonging {
        community: community(number),
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn sale() -> SaleDefinition {
    SaleDefinition {
        title: Text::new("早餐", "Breakfast"),
        products: Vec::new(),
        starts_at: at("2026-06-20T02:00:00Z"),
        ends_at: at("2026-06-20T03:00:00Z"),
        audience: SaleAudience::default(),
        early: vec![
            EarlyAccess {
                tier: "silver".to_owned(),
                minutes: 10,
            },
            EarlyAccess {
                tier: "gold".to_owned(),
                minutes: 30,
            },
        ],
        payment_minutes: 15,
        weekly: None,
        apology: None,
    }
}

fn now(definition: &SaleDefinition) -> SaleNow<'_> {
    SaleNow {
        definition,
        state: SaleState::Scheduled,
        paused: false,
    }
}

const NOBODY: Visitor<'static> = Visitor {
    tier: "basic",
    tags: &[],
    communities: &[],
};

#[test]
fn phases_change_on_the_millisecond() {
    let definition = sale();
    for (time, phase) in [
        ("2026-06-20T01:29:59.999Z", Phase::Scheduled),
        ("2026-06-20T01:30:00Z", Phase::Early),
        ("2026-06-20T01:59:59.999Z", Phase::Early),
        ("2026-06-20T02:00:00Z", Phase::Live),
        ("2026-06-20T02:59:59.999Z", Phase::Live),
        ("2026-06-20T03:00:00Z", Phase::Ended),
    ] {
        assert_eq!(now(&definition).phase(at(time)), phase, "{time}");
    }
    let midst = at("2026-06-20T02:30:00Z");
    for (state, phase) in [
        (SaleState::Draft, Phase::Draft),
        (SaleState::Cancelled, Phase::Cancelled),
    ] {
        let sale = SaleNow {
            state,
            ..now(&definition)
        };
        assert_eq!(sale.phase(midst), phase);
    }
}

#[test]
fn higher_tiers_come_in_first() {
    let definition = sale();
    for (tier, opens) in [
        ("basic", "2026-06-20T02:00:00Z"),
        ("silver", "2026-06-20T01:50:00Z"),
        ("gold", "2026-06-20T01:30:00Z"),
    ] {
        let who = Visitor { tier, ..NOBODY };
        let opens_at = at(opens);
        let against = |when| now(&definition).against(who, &ladder(), when);
        assert_eq!(against(opens_at), []);
        assert_eq!(
            against(opens_at.plus_millis(-1)),
            [NotNow::NotOpen { opens_at }]
        );
    }
}

#[test]
fn a_tier_that_is_gone_lets_nobody_in() {
    let mut definition = sale();
    definition.early[0].tier = "gone".to_owned();
    definition.early.truncate(1);
    let early = definition.starts_at.plus_millis(-1);
    let highest = Visitor {
        tier: "gold",
        ..NOBODY
    };
    let against = |it: &SaleDefinition, when| now(it).against(highest, &ladder(), when);
    let opens_at = definition.starts_at;
    assert_eq!(against(&definition, early), [NotNow::NotOpen { opens_at }]);
    definition.audience.minimum_tier = Some("gone".to_owned());
    let tier = "gone".to_owned();
    assert_eq!(
        against(&definition, opens_at),
        [NotNow::TierTooLow { tier }]
    );
}

#[test]
fn every_reason_is_named_and_each_has_its_code() {
    let mut definition = sale();
    definition.audience = SaleAudience {
        communities: vec![community(1)],
        tags: vec!["parents".to_owned()],
        minimum_tier: Some("gold".to_owned()),
    };
    let paused = SaleNow {
        paused: true,
        ..now(&definition)
    };
    let opens_at = definition.starts_at;
    let early = opens_at.plus_millis(-1);
    let all = paused.against(NOBODY, &ladder(), early);
    let expected = [
        NotNow::OtherCommunity,
        NotNow::OtherTag,
        NotNow::TierTooLow {
            tier: "gold".to_owned(),
        },
        NotNow::Paused,
        NotNow::NotOpen { opens_at },
    ];
    assert_eq!(all, expected);
    let codes: std::collections::HashSet<_> = all.iter().map(NotNow::code).collect();
    assert_eq!(codes.len(), all.len());
    assert_eq!(all[4].detail(), Some("2026-06-20T02:00:00Z".to_owned()));
    let over = now(&definition).against(NOBODY, &ladder(), definition.ends_at);
    assert_eq!(over.first(), Some(&NotNow::Ended));
    // A draft says nothing of itself.
    let draft = SaleNow {
        state: SaleState::Draft,
        ..paused
    };
    assert_eq!(draft.against(NOBODY, &ladder(), early), [NotNow::Draft]);
    // The community's tag is the member's.
    let communities = [belonging(1, &["parents"])];
    let who = Visitor {
        tier: "gold",
        tags: &[],
        communities: &communities,
    };
    assert_eq!(now(&definition).against(who, &ladder(), opens_at), []);
}

#[test]
fn a_share_is_of_the_communities_that_the_sale_names() {
    let mut definition = sale();
    let own = [
        belonging(3, &["office"]),
        belonging(1, &["parents"]),
        belonging(2, &[]),
    ];
    let places = |it: &SaleDefinition| it.sharing(&own);
    assert_eq!(
        places(&definition),
        [community(3), community(1), community(2)]
    );
    definition.audience.tags = vec!["parents".to_owned()];
    assert_eq!(places(&definition), [community(1)]);
    definition.audience.communities = vec![community(2), community(3)];
    assert_eq!(places(&definition), [community(3), community(2)]);
}

#[test]
fn a_payment_counts_once() {
    use ClaimState::{Held, Paid, RefundDue, Released};
    for (state, same, expected) in [
        (Held, false, Payment::Confirms),
        (Held, true, Payment::Confirms),
        (Released, false, Payment::Late),
        (Released, true, Payment::Known),
        (Paid, true, Payment::Known),
        (RefundDue, true, Payment::Known),
        (Paid, false, Payment::OtherOrder),
        (RefundDue, false, Payment::OtherOrder),
    ] {
        assert_eq!(payment(state, same), expected, "{state:?} {same}");
    }
}

proptest! {
    /// Whoever may claim finds the sale open, and nobody comes in before a lower tier that is let
    /// in already.
    #[test]
    fn open_for_one_is_open_for_higher_tiers(
        minutes in proptest::collection::vec((0_usize..3, 0_u32..120), 0..4),
        offset in -200_i64..100,
    ) {
        let ladder = ladder();
        let mut definition = sale();
        definition.early = minutes
            .iter()
            .map(|(rank, minutes)| EarlyAccess { tier: ladder.tiers[*rank].code.clone(), minutes: *minutes })
            .collect();
        let when = definition.starts_at.plus_millis(offset * 60_000);
        let sale = now(&definition);
        let open: Vec<bool> = ladder
            .tiers
            .iter()
            .map(|tier| sale.against(Visitor { tier: &tier.code, ..NOBODY }, &ladder, when).is_empty())
            .collect();
        prop_assert!(open.windows(2).all(|it| it[0] <= it[1]), "{open:?}");
        let phase = sale.phase(when);
        let live = matches!(phase, Phase::Early | Phase::Live);
        prop_assert_eq!(open.iter().any(|it| *it), live && open[2]);
        prop_assert_eq!(open[0] && !live, false);
        if phase == Phase::Live {
            prop_assert!(open[0]);
        }
    }
}
