//! The rules of balances, one by one and over random histories.

use super::*;
use crate::testing::{Counter, day};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A wallet, its ledger and its clock.
#[derive(Default, Clone)]
struct Book {
    wallet: Wallet,
    ledger: Vec<Posting>,
    made: BTreeMap<LotId, i64>,
    spends: Vec<SpentReceipt>,
    ids: Counter,
}

impl Book {
    fn carry_out(&mut self, steps: impl IntoIterator<Item = Step>) {
        for step in steps {
            self.wallet.apply(&step);
            if let Step::Post(posting) = step {
                let made = posting.new_lots.iter().map(|it| (it.id, it.amount));
                self.made.extend(made);
                self.ledger.push(posting);
            }
        }
    }

    fn post(&mut self, posting: Posting) {
        self.carry_out([Step::Post(posting)]);
    }

    fn pass(&mut self, until: Timestamp) {
        let steps = advance(&self.wallet, until, &mut self.ids);
        self.carry_out(steps);
    }

    /// A lot of `amount`, spendable from day `from` and ending with day `to`.
    fn give(&mut self, now: i64, amount: i64, from: i64, to: Option<i64>) -> LotId {
        let command = Credit {
            kind: EntryKind::Earn,
            amount,
            at: day(now),
            active_from: day(from),
            expires_at: to.map(day),
        };
        let posting = credit(command, &mut self.ids);
        let id = posting.new_lots[0].id;
        self.post(posting);
        id
    }

    fn take(&mut self, now: i64, amount: i64) -> Result<usize, Refusal> {
        let posting = debit(
            &self.wallet,
            EntryKind::Spend,
            amount,
            day(now),
            &mut self.ids,
        )?;
        self.spends.push(spent_receipt(Asset::Points, &posting));
        self.post(posting);
        Ok(self.spends.len() - 1)
    }

    fn claw(&mut self, now: i64, lot: LotId, due: i64, policy: ClawbackPolicy) -> i64 {
        let lot = self.wallet.lot(lot).expect("a lot").clone();
        let posting = claw_back(&self.wallet, &lot, due, policy, day(now), &mut self.ids);
        let taken = posting.as_ref().map_or(0, |it| -it.amount);
        posting.into_iter().for_each(|it| self.post(it));
        taken
    }

    fn give_back(&mut self, now: i64, spend: usize, amount: i64) {
        let receipt = &mut self.spends[spend];
        let steps = restore(&self.wallet, receipt, amount, day(now), &mut self.ids);
        self.carry_out(steps);
    }

    fn remaining(&self, lot: LotId) -> i64 {
        self.wallet.lot(lot).expect("a lot").remaining
    }
}

#[test]
fn points_wait_then_count_then_end() {
    let mut book = Book::default();
    let lot = book.give(0, 100, 7, Some(30));
    for (now, available, pending, state) in [
        (0, 0, 100, LotState::Pending),
        (6, 0, 100, LotState::Pending),
        (7, 100, 0, LotState::Active),
        (30, 100, 0, LotState::Active),
        (31, 0, 0, LotState::Expired),
    ] {
        book.pass(day(now));
        let wallet = &book.wallet;
        assert_eq!(
            (wallet.available, wallet.pending),
            (available, pending),
            "day {now}"
        );
        assert_eq!(
            lot_state(wallet.lot(lot).expect("a lot"), day(now)),
            state,
            "day {now}"
        );
    }
    let end = book.ledger.last().expect("an entry");
    assert_eq!(
        (end.kind, end.amount, end.at),
        (EntryKind::Expire, -100, day(30).next())
    );
}

#[test]
fn what_ends_first_is_spent_first() {
    let mut book = Book::default();
    let endless = book.give(0, 50, 0, None);
    let late = book.give(0, 50, 0, Some(90));
    let soon = book.give(0, 50, 0, Some(30));
    let pending = book.give(0, 50, 20, Some(25));
    book.take(1, 120).expect("enough");
    let left = [soon, late, endless, pending].map(|it| book.remaining(it));
    assert_eq!(left, [0, 0, 30, 50]);
    assert_eq!(
        book.take(1, 31),
        Err(Refusal::Insufficient { available: 30 })
    );
    for amount in [0, -5] {
        let refusal = book.take(1, amount);
        assert_eq!(refusal, Err(Refusal::BelowMinimum { minimum: 1 }));
    }
}

#[test]
fn a_clawback_takes_what_the_policy_allows() {
    use ClawbackPolicy::{AllowDeficit, OnlyPending, WithinBalance};
    // 100 earned and active, 30 of it spent.
    for (policy, due, taken, available) in [
        (OnlyPending, 100, 0, 70),
        (WithinBalance, 100, 70, 0),
        (AllowDeficit, 100, 100, -30),
        (AllowDeficit, 40, 40, 30),
        (AllowDeficit, 900, 100, -30),
    ] {
        let mut book = Book::default();
        let lot = book.give(0, 100, 0, Some(30));
        book.take(1, 30).expect("enough");
        assert_eq!(book.claw(2, lot, due, policy), taken, "{policy:?} {due}");
        assert_eq!(book.wallet.available, available, "{policy:?} {due}");
        // Pending points are taken under every policy.
        let pending = book.give(2, 50, 9, Some(30));
        assert_eq!(book.claw(2, pending, 20, policy), 20, "{policy:?}");
        assert_eq!(book.wallet.pending, 30);
    }
}

#[test]
fn what_ended_unused_is_not_taken_a_second_time() {
    let mut book = Book::default();
    let lot = book.give(0, 100, 0, Some(10));
    let spend = book.take(1, 60).expect("enough");
    book.pass(day(11));
    assert_eq!(book.claw(12, lot, 100, ClawbackPolicy::AllowDeficit), 60);
    assert_eq!(book.wallet.available, -60);
    book.give_back(13, spend, 60);
    assert_eq!((book.wallet.available, book.remaining(lot)), (0, 0));

    // The other way round, with the restored part ending unused in between.
    let mut book = Book::default();
    let lot = book.give(0, 100, 0, Some(10));
    let spend = book.take(1, 60).expect("enough");
    book.pass(day(11));
    book.give_back(12, spend, 60);
    book.pass(day(30));
    assert_eq!(book.claw(31, lot, 100, ClawbackPolicy::AllowDeficit), 0);
    assert_eq!((book.wallet.available, book.remaining(lot)), (0, 0));
}

#[test]
fn restored_points_keep_their_end_and_last_a_week() {
    for (now, ends) in [(20, 30), (23, 30), (24, 31), (60, 67)] {
        let mut book = Book::default();
        let lot = book.give(0, 100, 0, Some(30));
        let spend = book.take(1, 100).expect("enough");
        book.pass(day(now));
        book.give_back(now, spend, 40);
        assert_eq!(book.remaining(lot), 40);
        let end = book.wallet.lot(lot).expect("a lot").expires_at;
        assert_eq!(end, Some(day(ends)), "restored on day {now}");
        assert_eq!(book.wallet.lots.len(), 1, "no lot is made");
        assert_eq!(
            (
                book.spends[spend].restored,
                book.spends[spend].taken[0].restored
            ),
            (40, 40)
        );
        // Never more than was spent.
        book.give_back(now, spend, 1_000);
        assert_eq!(book.wallet.available, 100);
    }
}

#[test]
fn a_lot_that_was_not_loaded_loses_nothing() {
    let mut book = Book::default();
    book.give(0, 100, 0, Some(90));
    let spend = book.take(1, 100).expect("enough");
    book.wallet.lots.clear();
    book.give_back(2, spend, 100);
    assert_eq!(book.wallet.available, 100);
    let lot = &book.wallet.lots[0];
    assert_eq!((lot.amount, lot.expires_at), (100, Some(day(9))));
    assert_eq!(Some(lot.entry_id), book.ledger.last().map(|it| it.entry));
}

#[test]
fn an_ending_lot_settles_a_deficit_and_gets_it_back() {
    let mut book = Book::default();
    let first = book.give(0, 100, 0, Some(60));
    let spend = book.take(1, 100).expect("enough");
    let other = book.give(2, 80, 2, Some(10));
    book.claw(3, first, 70, ClawbackPolicy::AllowDeficit);
    assert_eq!(book.wallet.available, 10);
    assert_eq!(
        book.take(3, 11),
        Err(Refusal::Insufficient { available: 10 })
    );
    book.pass(day(11));
    let kinds: Vec<_> = book
        .ledger
        .iter()
        .rev()
        .take(2)
        .map(|it| (it.kind, it.amount))
        .collect();
    assert_eq!(kinds, [(EntryKind::Expire, -10), (EntryKind::Transfer, 0)]);
    assert_eq!((book.remaining(first), book.remaining(other)), (0, 0));
    // The spending is undone: what the other lot gave goes back to it for a week.
    book.give_back(20, spend, 100);
    assert_eq!((book.remaining(first), book.remaining(other)), (30, 70));
    let other_lot = book.wallet.lot(other).expect("a lot");
    assert_eq!(
        (other_lot.absorbed, other_lot.expires_at),
        (0, Some(day(27)))
    );
    assert_eq!(book.wallet.available, 100);
}

#[test]
fn a_balance_never_promises_more_than_is_there() {
    let mut book = Book::default();
    let owed = book.give(0, 100, 0, Some(300));
    book.take(0, 100).expect("enough");
    book.claw(0, owed, 60, ClawbackPolicy::AllowDeficit);
    for (amount, from, to) in [
        (50, 0, Some(30)),
        (40, 0, Some(60)),
        (5, 0, None),
        (9, 5, Some(40)),
        (1, 5, None),
    ] {
        book.give(0, amount, from, to);
    }
    let shown = balance(&book.wallet, &TimeZone::UTC);
    let dated = |amount, on| DatedAmount {
        amount,
        at: day(on),
    };
    assert_eq!(
        shown,
        AssetBalance {
            available: 35,
            pending: 10,
            deficit: 0,
            upcoming: vec![dated(10, 5)],
            expiring: vec![dated(30, 60)],
            expiring_by_month: vec![dated(30, 60)],
        }
    );
    let mut book = Book::default();
    let lot = book.give(0, 10, 0, None);
    book.take(0, 10).expect("enough");
    book.claw(0, lot, 10, ClawbackPolicy::AllowDeficit);
    let shown = balance(&book.wallet, &TimeZone::UTC);
    assert_eq!((shown.available, shown.deficit), (0, 10));
    for on in 0..20 {
        book.give(0, 100, 0, Some(10 + on));
    }
    let shown = balance(&book.wallet, &TimeZone::UTC);
    assert_eq!(shown.expiring.len(), MAX_DATES);
    assert_eq!(shown.expiring_by_month.len(), 1);
    for month in 1..20 {
        book.give(0, 10, 0, Some(10 + 31 * month));
    }
    let shown = balance(&book.wallet, &TimeZone::UTC).expiring_by_month;
    let amounts: Vec<i64> = shown.iter().map(|it| it.amount).collect();
    assert_eq!(
        amounts[0],
        20 * 100 - 10,
        "what is owed comes off what ends first"
    );
    assert_eq!((&amounts[1..12], amounts[12]), (&[10; 11][..], 80));
    assert_eq!((shown[1].at, shown[12].at), (day(41), day(10 + 31 * 12)));
}

#[test]
fn a_lot_says_where_it_is_in_its_life() {
    let lot = |remaining, clawed, expired, active| Lot {
        id: LotId::generate(&mut Counter::default()),
        entry_id: EntryId::generate(&mut Counter::default()),
        amount: 100,
        remaining,
        clawed,
        expired,
        absorbed: 0,
        active_from: day(5),
        expires_at: Some(day(9)),
        active,
    };
    for (lot, now, state) in [
        (lot(100, 0, 0, false), 4, LotState::Pending),
        (lot(100, 0, 0, false), 5, LotState::Active),
        (lot(100, 0, 0, true), 9, LotState::Active),
        (lot(100, 0, 0, true), 10, LotState::Expired),
        (lot(0, 0, 0, true), 6, LotState::Used),
        (lot(0, 20, 0, true), 6, LotState::Used),
        (lot(0, 100, 0, false), 4, LotState::Reversed),
        (lot(0, 20, 80, true), 10, LotState::Expired),
        (lot(-1, 100, 0, true), 6, LotState::Deficit),
    ] {
        assert_eq!(lot_state(&lot, day(now)), state, "{lot:?} on day {now}");
    }
}

/// What happens to a balance.
#[derive(Debug, Clone)]
enum Event {
    Give {
        amount: i64,
        wait: i64,
        life: Option<i64>,
    },
    Take(i64),
    Claw {
        lot: usize,
        due: i64,
        policy: ClawbackPolicy,
    },
    GiveBack {
        spend: usize,
        amount: i64,
    },
    Pass(i64),
}

fn any_event() -> impl Strategy<Value = Event> {
    let policy = prop_oneof![
        Just(ClawbackPolicy::AllowDeficit),
        Just(ClawbackPolicy::WithinBalance),
        Just(ClawbackPolicy::OnlyPending),
    ];
    prop_oneof![
        3 => (1..100i64, 0..20i64, proptest::option::weighted(0.9, 0..40i64))
            .prop_map(|(amount, wait, life)| Event::Give { amount, wait, life }),
        3 => (-1..150i64).prop_map(Event::Take),
        3 => (0..30usize, 1..120i64, policy)
            .prop_map(|(lot, due, policy)| Event::Claw { lot, due, policy }),
        3 => (0..30usize, 1..120i64).prop_map(|(spend, amount)| Event::GiveBack { spend, amount }),
        3 => (0..25i64).prop_map(Event::Pass),
    ]
}

/// Carries out events, letting time pass before each, and looks at every step.
fn happen(events: &[Event], look: impl Fn(&Book, i64)) -> (Book, i64) {
    let (mut book, mut now) = (Book::default(), 0);
    for event in events {
        book.pass(day(now));
        match event {
            Event::Give { amount, wait, life } => {
                book.give(now, *amount, now + wait, life.map(|it| now + wait + it));
            }
            Event::Take(amount) => {
                let before = book.wallet.available;
                let taken = book.take(now, *amount).is_ok();
                assert_eq!(
                    taken,
                    *amount >= 1 && *amount <= before,
                    "{amount} of {before}"
                );
            }
            Event::Claw { lot, due, policy } if !book.wallet.lots.is_empty() => {
                let lot = book.wallet.lots[lot % book.wallet.lots.len()].id;
                let (before, total) = (book.wallet.spendable(), book.wallet.total());
                let active = book.wallet.lot(lot).is_some_and(|it| it.active);
                let taken = book.claw(now, lot, *due, *policy);
                assert!(taken <= *due && book.wallet.total() == total - taken);
                if active && *policy == ClawbackPolicy::WithinBalance {
                    assert!(taken <= before);
                }
            }
            Event::GiveBack { spend, amount } if !book.spends.is_empty() => {
                let spend = spend % book.spends.len();
                let (before, total) = (book.spends[spend].clone(), book.wallet.total());
                book.give_back(now, spend, *amount);
                let back = book.spends[spend].restored - before.restored;
                assert_eq!(back, (*amount).min(before.amount - before.restored));
                assert_eq!(book.wallet.total(), total + back);
            }
            Event::Pass(days) => now += days,
            Event::Claw { .. } | Event::GiveBack { .. } => {}
        }
        look(&book, now);
    }
    book.pass(day(now));
    look(&book, now);
    (book, now)
}

/// What always holds between a wallet and its ledger.
fn assert_balanced(book: &Book) {
    let wallet = &book.wallet;
    let sum = |active| {
        let lots = wallet.lots.iter().filter(|it| it.active == active);
        lots.map(|it| it.remaining).sum::<i64>()
    };
    assert_eq!((wallet.available, wallet.pending), (sum(true), sum(false)));
    assert!(wallet.pending >= 0);
    assert_eq!(
        wallet.total(),
        book.ledger.iter().map(|it| it.amount).sum::<i64>()
    );
    assert_eq!(wallet.lots.iter().map(|it| it.absorbed).sum::<i64>(), 0);
    let mut moved: BTreeMap<(LotId, &str), i64> = BTreeMap::new();
    for posting in &book.ledger {
        let moves = posting.movements.iter().map(|it| it.amount).sum::<i64>();
        let new = posting.new_lots.iter().map(|it| it.amount).sum::<i64>();
        assert_eq!(posting.amount, moves + new, "{:?}", posting.kind);
        let account = match posting.kind {
            EntryKind::Clawback => "clawed",
            EntryKind::Expire => "expired",
            EntryKind::Transfer => "absorbed",
            _ => "spent",
        };
        for movement in &posting.movements {
            *moved.entry((movement.lot, account)).or_default() += movement.amount;
        }
    }
    for lot in &wallet.lots {
        let of = |account| moved.get(&(lot.id, account)).copied().unwrap_or(0);
        assert_eq!(Some(&lot.amount), book.made.get(&lot.id));
        assert_eq!(
            (lot.clawed, lot.expired, lot.absorbed),
            (-of("clawed"), -of("expired"), of("absorbed"))
        );
        let expected = lot.amount - lot.clawed - lot.expired + lot.absorbed + of("spent");
        assert_eq!(lot.remaining, expected, "{lot:?}");
        assert!(lot.clawed >= 0 && lot.expired >= 0 && lot.clawed + lot.expired <= lot.amount);
        assert!(lot.remaining <= lot.amount, "{lot:?}");
    }
}

#[test]
fn what_is_owed_is_settled_by_what_ends_first() {
    let mut book = Book::default();
    let lots = [
        book.give(0, 100, 0, Some(30)),
        book.give(0, 100, 0, Some(10)),
        book.give(0, 100, 5, Some(8)),
        book.give(0, 100, 0, None),
    ];
    let lot = |book: &mut Book, place: usize, remaining: i64| {
        let id = lots[place];
        let found = book.wallet.lots.iter_mut().find(|it| it.id == id);
        found.expect("a lot").remaining = remaining;
    };
    let left = |book: &Book| -> Vec<(LotId, i64)> {
        let left = net_of_deficits(&book.wallet.lots);
        left.iter().map(|it| (it.id, it.remaining)).collect()
    };
    lot(&mut book, 3, -130);
    assert_eq!(left(&book), [(lots[0], 70), (lots[2], 100)]);
    lot(&mut book, 3, -250);
    assert_eq!(left(&book), [(lots[2], 50)]);
    lot(&mut book, 3, -400);
    assert_eq!(left(&book), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn books_balance_whatever_happens(events in proptest::collection::vec(any_event(), 1..40)) {
        happen(&events, |book, now| {
            assert_balanced(book);
            let shown = balance(&book.wallet, &TimeZone::UTC);
            let ending: i64 = shown.expiring.iter().map(|it| it.amount).sum();
            let upcoming: i64 = shown.upcoming.iter().map(|it| it.amount).sum();
            assert!(ending <= shown.available && upcoming <= shown.pending);
            assert_eq!(shown.available - shown.deficit, book.wallet.available);
            assert!(shown.expiring.is_sorted_by_key(|it| it.at));
            let all: i64 = ends(&book.wallet).iter().map(|it| it.amount).sum();
            let by_month: i64 = shown.expiring_by_month.iter().map(|it| it.amount).sum();
            assert_eq!(all, by_month);
            let _ = now;
        });
    }

    #[test]
    fn what_can_be_brought_along_is_the_balance(events in proptest::collection::vec(any_event(), 1..40)) {
        let (book, _) = happen(&events, |_, _| ());
        let left = net_of_deficits(&book.wallet.lots);
        let sum: i64 = left.iter().map(|it| it.remaining).sum();
        prop_assert_eq!(sum, book.wallet.total().max(0));
        prop_assert!(left.iter().all(|it| it.remaining > 0));
    }

    #[test]
    fn nothing_that_has_ended_can_be_spent(events in proptest::collection::vec(any_event(), 1..40)) {
        let (book, now) = happen(&events, |_, _| ());
        for lot in book.wallet.lots.iter().filter(|it| it.remaining > 0) {
            prop_assert!(lot.expires_at.is_none_or(|it| it >= day(now)), "{:?}", lot);
            prop_assert!(lot.active == (lot.active_from <= day(now)), "{:?}", lot);
        }
    }

    #[test]
    fn time_passes_in_one_jump_as_in_many(
        events in proptest::collection::vec(any_event(), 1..30),
        steps in proptest::collection::vec(1..9i64, 20),
    ) {
        let (mut one, mut now) = happen(&events, |_, _| ());
        let mut many = one.clone();
        for step in steps {
            now += step;
            many.pass(day(now));
        }
        one.pass(day(now));
        prop_assert_eq!(&one.wallet, &many.wallet);
        let rows = |book: &Book| -> Vec<_> {
            book.ledger.iter().map(|it| (it.kind, it.amount, it.at, it.movements.clone())).collect()
        };
        prop_assert_eq!(rows(&one), rows(&many));
        let again = advance(&one.wallet, day(now), &mut one.ids);
        prop_assert_eq!(again, Vec::new());
    }
}
