//! Editing one thing: read, change, see what another changed meanwhile, save.

use super::Words;
use super::draft::Draft;
use super::leave::Leave;
use super::merge::{Change, Clash, Merged};
use crate::api::{self, Api, ApiError};
use crate::i18n::locale;
use crate::tr;
use crate::ui::form::form_error;
use crate::ui::icon::{Icon, icon};
use crate::ui::query::{self, Source};
use crate::ui::toast::Toaster;
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::text::Locale;
use wasm_bindgen::JsCast;

/// What is edited.
#[derive(Clone, Copy)]
pub struct Spec {
    /// Where in the answer it is: a JSON pointer, empty for the whole.
    pub part: &'static str,
    /// Said when it is saved.
    pub saved: Words,
    /// Whether the one who looks may change it.
    pub may: bool,
    /// Why nobody can change it any more, when that is so.
    pub closed: Option<fn(Locale, &Value) -> Option<&'static str>>,
    /// What has to be looked at before it is saved; the sheet saves by itself.
    pub review: Option<fn(Editor) -> AnyView>,
}

/// An edit of one thing. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Editor {
    /// The edit.
    pub draft: Draft,
    /// The whole answer, with what stands beside the edited part.
    pub whole: RwSignal<Value>,
    /// What is edited.
    pub spec: Spec,
    /// Where it is read and put.
    path: StoredValue<String>,
    source: Source,
    seen: StoredValue<Option<String>>,
    started: RwSignal<bool>,
    /// What another changed since this edit began.
    news: RwSignal<Merged>,
    reviewing: RwSignal<bool>,
    api: Api,
    toaster: Toaster,
    locale: Locale,
}

/// Shows an editor of what is at `path` in each of its states; `show` builds its fields once.
pub fn editor(
    spec: Spec,
    path: impl Into<String>,
    show: impl Fn(Editor) -> AnyView + Send + 'static,
) -> AnyView {
    Editor::open(spec, path).form(show)
}

impl Editor {
    /// An edit of what is at `path`, for a page that shows more than the form.
    #[must_use]
    pub fn open(spec: Spec, path: impl Into<String>) -> Self {
        let path = StoredValue::new(path.into());
        let source = query::query::<Value>(move || Some(path.get_value())).source;
        let it = Self {
            draft: Draft::new(Value::Null),
            whole: RwSignal::new(Value::Null),
            spec,
            path,
            source,
            seen: StoredValue::new(None),
            started: RwSignal::new(false),
            news: RwSignal::new(Merged::default()),
            reviewing: RwSignal::new(false),
            api: expect_context::<Api>(),
            toaster: expect_context::<Toaster>(),
            locale: locale(),
        };
        Effect::new(move |_| {
            let text = source.texts().and_then(|it| it.first().cloned());
            if let Some(whole) = text.and_then(|it| api::read::<Value>(&it).ok()) {
                it.take(whole);
            }
        });
        it
    }

    /// Does `then` after each save: what is edited stands elsewhere on the page, too.
    pub fn retell(self, then: impl Fn() + 'static) {
        Effect::new(move |before: Option<Value>| {
            let began = self.draft.began();
            if before.is_some_and(|it| !it.is_null() && it != began) {
                then();
            }
            began
        });
    }

    /// The form in each of its states; `show` builds its fields once.
    pub fn form(self, show: impl Fn(Self) -> AnyView + Send + 'static) -> AnyView {
        let source = self.source;
        let dirty = Memo::new(move |_| self.draft.changes() > 0);
        expect_context::<Leave>().hold(dirty);
        // What fails later than the first time is said without building the fields anew.
        let failed = Memo::new(move |_| !self.started.get() && source.error.with(Option::is_some));
        let body = live::part(move || match (self.started.get(), failed.get()) {
            (true, _) => {
                view! { {self.told()}{show(self)}{self.bar(dirty)}{self.review()} }.into_any()
            }
            (false, true) => match source.error.get_untracked() {
                Some(error) => state::failure(&error, move || source.reload()),
                None => ().into_any(),
            },
            (false, false) => state::skeleton(8),
        });
        // A form that may not be changed can still be read, copied and walked through.
        let why = Memo::new(move |_| self.fixed());
        let fixed = live::maybe(move || {
            let why = why.get()?;
            Some(view! { <p class="banner">{icon(Icon::Lock)}{why}</p> }.into_any())
        });
        let is_fixed = Signal::derive(move || why.with(Option::is_some));
        view! { {fixed}<div class="stack" class:fixed=is_fixed>{body}</div> }.into_any()
    }

    /// Why it may not be changed, and a subscription to it.
    fn fixed(self) -> Option<&'static str> {
        if !self.spec.may {
            return Some(tr!(self.locale, console.forbidden));
        }
        let closed = self.spec.closed?;
        self.whole.with(|it| closed(self.locale, it))
    }

    /// Reads it again, because something else was done with it.
    pub fn reload(self) {
        self.source.reload();
    }

    /// Takes up what the server has now.
    fn take(self, whole: Value) {
        let part = whole.pointer(self.spec.part).cloned().unwrap_or_default();
        self.seen
            .set_value(self.path.with_value(|it| self.api.version(it)));
        self.whole.set(whole);
        if !self.started.get_untracked() {
            self.draft.restart(part);
            self.started.set(true);
            return;
        }
        let merged = self.draft.rebase(part);
        if !(merged.taken.is_empty() && merged.clashes.is_empty()) {
            self.news.set(merged);
        }
    }

    /// Saves, after a look where one is needed.
    fn ask(self) {
        if self.draft.has_odd() {
            to_first_wrong();
        } else if self.spec.review.is_some() {
            self.draft.form.error.set(None);
            self.reviewing.set(true);
        } else {
            self.save(self.draft.value());
        }
    }

    /// Puts `body` in place of what is there.
    pub fn save(self, body: Value) {
        if !self.draft.form.begin() {
            return;
        }
        spawn_local(async move {
            let seen = self.seen.get_value();
            // The page may have been left meanwhile.
            let Some(path) = self.path.try_get_value() else {
                return;
            };
            let answer = self.api.put(&path, &body, seen.as_deref()).await;
            let stale = matches!(&answer, Err(ApiError::Refused(it)) if it.status == 412);
            if self.draft.form.end(answer).is_some() {
                // The page may have been left meanwhile.
                self.reviewing.try_set(false);
                self.news.try_set(Merged::default());
                self.draft.restart(self.draft.value());
                self.toaster.say((self.spec.saved)(self.locale));
                self.source.reload();
            } else {
                self.reviewing.try_set(false);
                if stale {
                    self.source.reload();
                } else {
                    request_animation_frame(to_first_wrong);
                }
            }
        });
    }

    /// What was edited is kept elsewhere, such as for a later day; the edit begins anew.
    pub fn kept_elsewhere(self, said: &'static str) {
        // The page may have been left meanwhile.
        self.reviewing.try_set(false);
        self.draft.discard();
        self.toaster.say(said);
    }

    /// The sheet that asks for a look, while it is open.
    fn review(self) -> AnyView {
        live::maybe(move || {
            let review = self.spec.review.filter(|_| self.reviewing.get())?;
            Some(review(self))
        })
    }

    /// Closes that sheet.
    #[must_use]
    pub fn back(self) -> Callback<()> {
        Callback::new(move |()| self.reviewing.set(false))
    }

    /// The bar that is there as long as there is something to save.
    fn bar(self, dirty: Memo<bool>) -> AnyView {
        let locale = self.locale;
        let bar = move || {
            (dirty.get() && self.fixed().is_none()).then(|| {
                let count = move || {
                    let n = i64::try_from(self.draft.changes()).unwrap_or(i64::MAX);
                    tr!(locale, kit.changes, count = n).into_any()
                };
                view! {
                    <section class="savebar" aria-label=tr!(locale, kit.unsaved)>
                        <p class="savebar__text" role="status">{live::part(count)}</p>
                        <button class="button" type="button" on:click=move |_| self.discard()>{tr!(locale, kit.discard)}</button>
                        <button class="button button--main" type="button" aria-disabled=self.draft.form.waiting()
                            on:click=move |_| self.ask()>{tr!(locale, me.save)}</button>
                        <div class="savebar__error">{form_error(self.draft.form)}</div>
                    </section>
                }
                .into_any()
            })
        };
        live::maybe(bar)
    }

    fn discard(self) {
        self.news.set(Merged::default());
        self.draft.discard();
    }

    /// What another changed meanwhile: what was taken over, and where one has to choose.
    fn told(self) -> AnyView {
        let locale = self.locale;
        live::maybe(move || {
            let news = self.news.get();
            if news.taken.is_empty() && news.clashes.is_empty() {
                return None;
            }
            let taken = news.taken.iter().map(|it| self.taken(it)).collect_view();
            let clashes = news.clashes.iter().map(|it| self.clash(locale, it));
            let clashes = clashes.collect_view();
            let hide = move |_| self.news.set(Merged::default());
            let told = view! {
                <section class="card stack news" aria-labelledby="news" role="alert">
                    <h2 class="title" id="news">{tr!(locale, kit.changed_title)}</h2>
                    <p class="muted">{tr!(locale, kit.changed_hint)}</p>
                    <ul class="stack" role="list">{taken}{clashes}</ul>
                    <p class="end"><button class="button" type="button" on:click=hide>{tr!(locale, kit.understood)}</button></p>
                </section>
            };
            Some(told.into_any())
        })
    }

    /// A part in words: its name and its value.
    fn words(self, at: &str, value: &Value) -> (String, String) {
        match self.draft.named(at) {
            Some(it) => (it.label, it.kind.words(value)),
            None => (at.trim_start_matches('/').replace('/', " · "), brief(value)),
        }
    }

    fn taken(self, it: &Change) -> AnyView {
        let (label, was) = self.words(&it.at, &it.was);
        let (_, is) = self.words(&it.at, &it.is);
        view! { <li>{label}": "<del class="muted">{was}</del>" → "<strong>{is}</strong></li> }
            .into_any()
    }

    /// Theirs or mine, as one chooses.
    fn clash(self, locale: Locale, it: &Clash) -> AnyView {
        let (label, theirs) = self.words(&it.at, &it.theirs);
        let (_, mine) = self.words(&it.at, &it.mine);
        let way = |value: &Value, title: &'static str, text: String| {
            let (at, seen, value) = (it.at.clone(), it.at.clone(), value.clone());
            let chosen = value.clone();
            let pressed = Signal::derive(move || (self.draft.at(&seen) == chosen).to_string());
            let choose = move |_| {
                self.draft.mark_odd(&at, false);
                self.draft.set(&at, value.clone());
            };
            view! {
                <button class="clash__way" type="button" aria-pressed=pressed on:click=choose>
                    <span class="row__note">{title}</span><strong>{text}</strong>
                </button>
            }
        };
        view! {
            <li class="clash">
                <span class="clash__name">{label}</span>
                {way(&it.theirs, tr!(locale, kit.theirs), theirs)}
                {way(&it.mine, tr!(locale, kit.mine), mine)}
            </li>
        }
        .into_any()
    }
}

/// A value that no field shows, in few characters.
fn brief(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.len()),
        Value::String(text) => text.clone(),
        _ => value.to_string().chars().take(60).collect(),
    }
}

/// Takes the keyboard to the first field that is wrong.
pub(super) fn to_first_wrong() {
    let field = document().query_selector("[aria-invalid]").ok().flatten();
    if let Some(field) = field.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only an element that is not there cannot take the focus.
        let _ = field.focus();
    }
}
