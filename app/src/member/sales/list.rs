//! Sales in slots by time: those that are open, those that open next, those that are over.

use super::Stage;
use super::card::card;
use super::gate::{phase, shape};
use crate::parts::Subject;
use crate::tr;
use crate::ui::live;
use leptos::prelude::*;
use shared::ids::FlashSaleId;
use shared::sales::Phase;
use shared::sales::api::MemberSale;
use shared::time::Timestamp;

/// A place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    /// Open for the member.
    Now,
    /// Opens for the member then.
    At(Timestamp),
    /// Over.
    Past,
}

fn slot(it: &MemberSale, now: i64) -> Slot {
    match phase(it, now) {
        Phase::Ended | Phase::Cancelled | Phase::Draft => Slot::Past,
        _ if now < it.opens_at.as_millis() => Slot::At(it.opens_at),
        _ => Slot::Now,
    }
}

/// The slots in their order, each with its sales; those that ended last come first.
fn slots(sales: &[MemberSale], now: i64) -> Vec<(Slot, Vec<FlashSaleId>)> {
    let mut placed: Vec<(Slot, Timestamp, FlashSaleId)> = sales
        .iter()
        .map(|it| (slot(it, now), it.ends_at, it.id))
        .collect();
    placed.sort_by_key(|it| (it.0, it.1));
    let mut slots: Vec<(Slot, Vec<FlashSaleId>)> = Vec::new();
    for (slot, _, id) in placed {
        match slots.last_mut() {
            Some((last, ids)) if *last == slot => ids.push(id),
            _ => slots.push((slot, vec![id])),
        }
    }
    for (_, ids) in slots.iter_mut().filter(|it| it.0 == Slot::Past) {
        ids.reverse();
    }
    slots
}

/// The list. It is built anew only when what is in it changes; numbers change in place.
pub(crate) fn sale_list(stage: &Stage, sales: Memo<Vec<MemberSale>>) -> AnyView {
    let clock = stage.clock;
    let shapes: Memo<Vec<MemberSale>> =
        Memo::new(move |_| sales.with(|it| it.iter().cloned().map(shape).collect()));
    let slots = Memo::new(move |_| sales.with(|it| slots(it, clock.now())));
    let stage = stage.clone();
    live::part(move || {
        let shapes = shapes.get();
        let section = |(slot, ids): (Slot, Vec<FlashSaleId>)| {
            let shapes = ids
                .into_iter()
                .filter_map(|id| shapes.iter().find(|it| it.id == id));
            let cards = shapes.map(|it| card(&stage, it, one_of(sales, it)));
            section(&stage.subject, slot, cards.collect_view().into_any())
        };
        let sections = slots.get().into_iter().map(section).collect_view();
        view! { <div class="stack">{sections}</div> }.into_any()
    })
}

/// One of the sales as it is now.
fn one_of(sales: Memo<Vec<MemberSale>>, shape: &MemberSale) -> Signal<MemberSale> {
    let shape = shape.clone();
    let found = Memo::new(move |_| {
        let found = sales.with(|it| it.iter().find(|it| it.id == shape.id).cloned());
        found.unwrap_or_else(|| shape.clone())
    });
    found.into()
}

fn section(subject: &Subject, slot: Slot, cards: AnyView) -> AnyView {
    let locale = subject.amounts.locale;
    let (id, title) = match slot {
        Slot::Now => (
            "slot-now".to_owned(),
            tr!(locale, sales.slot_now).to_owned(),
        ),
        Slot::At(at) => {
            let title = tr!(locale, sales.slot_at, time = subject.time(at));
            (format!("slot-{}", at.as_millis()), title)
        }
        Slot::Past => (
            "slot-past".to_owned(),
            tr!(locale, sales.slot_past).to_owned(),
        ),
    };
    let named = id.clone();
    view! {
        <section class="stack" aria-labelledby=named>
            <h2 class="title" id=id>{title}</h2>
            <ul class="sales" role="list">{cards}</ul>
        </section>
    }
    .into_any()
}
