//! One sale: its countdown, who comes in when, and its products.

use super::clock;
use super::countdown::{announcements, countdown};
use super::early::ladder;
use super::gate::{Closed, closed, shape, with_news};
use super::product::{Counter, product};
use super::remind::remind;
use super::{Stage, always, card, news, with_member};
use crate::api;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::query;
use crate::ui::routes::param;
use crate::ui::share::{self, Offer};
use crate::ui::{browser, live};
use leptos::prelude::*;
use shared::page::Page;
use shared::sales::api::{FlashClaim, MemberSale};

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_member(tr!(locale(), sales.one), |subject, active| {
        let (id, subject) = (param("sale"), subject.clone());
        live::part(move || sale(&subject, active, &id.get()))
    })
}

fn sale(subject: &Subject, active: bool, id: &str) -> AnyView {
    let locale = subject.amounts.locale;
    let path = format!("/api/v1/me/flash_sales/{}", browser::encode(id));
    let read = query::<MemberSale>(move || Some(path.clone()));
    let own = query::<Page<FlashClaim>>(|| Some("/api/v1/me/flash_claims".to_owned()));
    let news = news::of(id);
    let now = Memo::new(move |_| {
        let texts = read.source.texts()?;
        let it: MemberSale = api::read(texts.first()?).ok()?;
        clock::note(it.server_time);
        Some(news.with(|news| with_news(it, news.as_ref())))
    });
    let shapes = Memo::new(move |_| now.get().map(shape));
    let fresh = RwSignal::new(Vec::<FlashClaim>::new());
    let claims = Memo::new(move |_| {
        let texts = own.source.texts().unwrap_or_default();
        let read = texts.first().map(|it| api::read::<Page<FlashClaim>>(it));
        let read = read.and_then(Result::ok).map(|it| it.data);
        together(fresh.get(), read.unwrap_or_default())
    });
    let stage = Stage::new(subject, active);
    let won = Callback::new(move |it| fresh.update(|all| all.insert(0, it)));
    let settled = Callback::new(move |()| {
        read.reload();
        own.reload();
    });
    let body = live::maybe(move || {
        let shape = shapes.get()?;
        let counter = Counter {
            stage: stage.clone(),
            sale: always(now, shape.clone()),
            claims: claims.into(),
            won,
            settled,
        };
        Some(built(&counter, &shape))
    });
    view! {
        {loaded(read, 8, |_| ().into_any())}
        {body}
        <p class="sale__ways">
            <a class="link" href="/sales">{tr!(locale, sales.all)}</a>
            <a class="link" href="/sales/claims">{tr!(locale, claims.title)}</a>
        </p>
    }
    .into_any()
}

/// What was won on this page and what was read; what was read is newer.
fn together(fresh: Vec<FlashClaim>, read: Vec<FlashClaim>) -> Vec<FlashClaim> {
    let is_new = |it: &FlashClaim| read.iter().all(|known| known.id != it.id);
    let mut all: Vec<FlashClaim> = fresh.into_iter().filter(is_new).collect();
    all.extend(read);
    all
}

fn built(counter: &Counter, shape: &MemberSale) -> AnyView {
    let (stage, sale) = (&counter.stage, counter.sale);
    let locale = stage.subject.amounts.locale;
    let id = shape.id;
    let all = counter.claims;
    let of_sale = Memo::new(move |_| {
        let mut own = all.get();
        own.retain(|it| it.sale_id == id);
        own
    });
    let counter = Counter {
        claims: of_sale.into(),
        ..counter.clone()
    };
    let products = shape.products.iter().map(|it| product(&counter, it));
    let title = shape.title.get(locale).to_owned();
    let named = title.clone();
    share::offer(move || Offer {
        title: named,
        text: tr!(locale, wechat.sale_text).to_owned(),
        link: format!("{}/sales/{id}", browser::origin()),
    });
    let pays = tr!(locale, sales.pays, n = shape.payment_minutes);
    view! {
        {announcements(locale, stage.clock, sale)}
        <section class="card stack sale" aria-labelledby="sale-title">
            <div class="card__head">
                <h2 class="title" id="sale-title">{title}</h2>
                {card::badge(stage, sale)}
            </div>
            {countdown(&stage.subject, stage.clock, sale)}
            <p class="row__note">{pays}</p>
            {remind(stage, sale)}
        </section>
        {barrier(stage, sale)}
        {ladder(stage, shape)}
        <section class="stack" aria-labelledby="products">
            <h2 class="title" id="products">{tr!(locale, sales.products)}</h2>
            <ul class="sales" role="list">{products.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// Why the sale as a whole is not for the member, or not now, and what can be done about it.
fn barrier(stage: &Stage, sale: Signal<MemberSale>) -> AnyView {
    let (stage, clock, active) = (stage.clone(), stage.clock, stage.active);
    let locale = stage.subject.amounts.locale;
    let why = Memo::new(move |_| sale.with(|it| closed(it, clock.now(), active)));
    live::maybe(move || {
        let (text, way) = match why.get()? {
            // The page says these elsewhere.
            Closed::NotOpen | Closed::Frozen => return None,
            Closed::Cancelled => (tr!(locale, sales.cancelled_hint).to_owned(), None),
            Closed::Ended => (tr!(locale, sales.ended_hint).to_owned(), None),
            Closed::Paused => (tr!(locale, sales.paused_hint).to_owned(), None),
            Closed::OtherTag => (tr!(locale, sales.other_tag).to_owned(), None),
            Closed::OtherCommunity => {
                let way = ("/communities", tr!(locale, communities.title));
                (tr!(locale, sales.other_community).to_owned(), Some(way))
            }
            Closed::TierTooLow { tier } => {
                let way = ("/tier", tr!(locale, sales.to_tier));
                (stage.only_for(&tier), Some(way))
            }
        };
        let way = way.map(|(href, text)| view! { " "<a class="link" href=href>{text}</a> });
        let banner = view! {
            <p class="banner banner--warn" role="status">{icon(Icon::Lock)}<span class="grow">{text}{way}</span></p>
        };
        Some(banner.into_any())
    })
}
