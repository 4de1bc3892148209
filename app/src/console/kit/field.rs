//! Fields of a draft: a label, a control, a hint and what is wrong, from one description.

use super::draft::{Draft, Known};
use super::number::{clock, minutes, typed, units};
use super::several::{self, several};
use crate::i18n::locale;
use crate::tr;
use crate::ui::{live, zoned};
use leptos::prelude::*;
use serde_json::Value;

/// What a field holds and how it is typed.
#[derive(Clone, PartialEq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A secret; the value is what the browser may fill in.
    Secret(&'static str),
    /// An e-mail address.
    Email,
    /// A code that is good for once.
    Code,
    /// A number.
    Number(Number),
    /// One of a few: the value on the wire and its text.
    Choice(Vec<(String, String)>),
    /// Yes or no.
    Toggle,
    /// Several of a few: the values on the wire and their texts.
    Several(Vec<(Value, String)>),
    /// Names, a line each.
    Names,
    /// Text of several lines.
    Prose,
    /// An instant, typed as clocks in a zone show it; may be absent.
    Instant(String),
    /// A day.
    Day,
    /// What clocks show, as minutes after midnight.
    TimeOfDay,
    /// The first instant of a day in a zone.
    DayFrom(String),
    /// The last instant of a day in a zone; may be absent.
    DayUntil(String),
    /// A colour such as `#1d5b45`; may be absent, and then it is this one.
    Colour(&'static str),
    /// The same, but it may be absent; of a choice, the value of that is empty.
    OrNone(Box<Kind>),
}

/// A number with a unit.
#[derive(Clone, Default, PartialEq)]
pub struct Number {
    /// Decimals of what is typed; the wire has whole units.
    pub places: u32,
    /// Whether it may be absent.
    pub optional: bool,
    /// What stands before it.
    pub before: String,
    /// What stands after it.
    pub after: String,
}

impl Number {
    /// A whole number with a unit after it.
    #[must_use]
    pub fn whole(after: impl Into<String>) -> Self {
        Self {
            after: after.into(),
            ..Self::default()
        }
    }

    /// The same, but it may be absent.
    #[must_use]
    pub fn or_none(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

impl Kind {
    /// What is typed as a value; `None` when it is no such value.
    fn read(&self, text: &str) -> Option<Value> {
        let line = text.trim();
        match self {
            Self::Instant(_) | Self::DayUntil(_) | Self::Colour(_) if line.is_empty() => {
                Some(Value::Null)
            }
            Self::OrNone(_) if line.is_empty() => Some(Value::Null),
            Self::OrNone(kind) => kind.read(text),
            Self::Number(number) if line.is_empty() => number.optional.then_some(Value::Null),
            Self::Number(number) => units(line, number.places).map(Value::from),
            Self::Names => {
                let names = text.lines().map(str::trim).filter(|it| !it.is_empty());
                Some(names.map(Value::from).collect())
            }
            Self::Instant(zone) => zoned::instant(zone, line).map(Value::from),
            Self::DayFrom(zone) => zoned::start_of_day(zone, line).map(Value::from),
            Self::DayUntil(zone) => zoned::end_of_day(zone, line).map(Value::from),
            Self::TimeOfDay => minutes(line).map(Value::from),
            Self::Secret(_) => Some(text.into()),
            _ => Some(line.into()),
        }
    }

    /// A value as it would be typed.
    fn show(&self, value: &Value) -> String {
        match (self, value) {
            (Self::OrNone(kind), value) => kind.show(value),
            (Self::TimeOfDay, value) => value.as_i64().map(clock).unwrap_or_default(),
            (Self::Number(number), value) => value
                .as_i64()
                .map(|it| typed(it, number.places))
                .unwrap_or_default(),
            (Self::Names, Value::Array(names)) => {
                let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
                names.join("\n")
            }
            (Self::Instant(zone), Value::String(at)) => {
                zoned::wall_text(zone, at).unwrap_or_default()
            }
            (Self::DayFrom(zone) | Self::DayUntil(zone), Value::String(at)) => {
                zoned::day_in(zone, at).unwrap_or_default()
            }
            (_, Value::String(text)) => text.clone(),
            _ => String::new(),
        }
    }

    /// A value in words.
    #[must_use]
    pub fn words(&self, value: &Value) -> String {
        let locale = locale();
        let text = match self {
            Self::Choice(ways) => ways
                .iter()
                .find(|(name, _)| value.as_str() == Some(name.as_str()))
                .map_or_else(|| self.show(value), |(_, text)| text.clone()),
            Self::Toggle => match value.as_bool() {
                Some(true) => tr!(locale, kit.yes).to_owned(),
                _ => tr!(locale, kit.no).to_owned(),
            },
            Self::Names => self.show(value).replace('\n', ", "),
            Self::Several(ways) => several::words(ways, value),
            Self::OrNone(kind) if !value.is_null() => kind.words(value),
            Self::Number(number) if !value.is_null() => {
                format!("{}{} {}", number.before, self.show(value), number.after)
            }
            _ => self.show(value),
        };
        let text = text.trim().to_owned();
        if text.is_empty() {
            tr!(locale, kit.nothing).to_owned()
        } else {
            text
        }
    }
}

impl Kind {
    /// The same, but it may be absent.
    #[must_use]
    pub fn or_none(self) -> Self {
        Self::OrNone(Box::new(self))
    }

    /// The kind of what is there when it is.
    fn present(&self) -> &Self {
        match self {
            Self::OrNone(kind) => kind,
            other => other,
        }
    }

    /// One of a few, each with its text.
    pub fn one_of<'a>(ways: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let ways = ways.into_iter();
        Self::Choice(
            ways.map(|(it, text)| (it.to_owned(), text.to_owned()))
                .collect(),
        )
    }
}

/// A field of a draft.
#[derive(Clone)]
pub struct Field {
    /// Where its value is: a JSON pointer.
    pub at: String,
    /// What it is called.
    pub label: String,
    /// What helps to fill it in.
    pub hint: Option<String>,
    /// What it holds.
    pub kind: Kind,
}

/// A field without a hint.
#[must_use]
pub fn field(at: impl Into<String>, label: impl Into<String>, kind: Kind) -> Field {
    Field {
        at: at.into(),
        label: label.into(),
        hint: None,
        kind,
    }
}

impl Field {
    /// The field with what helps to fill it in.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The id of its control.
    fn id(&self) -> String {
        format!("f{}", self.at.replace('/', "-"))
    }

    /// Shows the field.
    #[must_use]
    pub fn show(self, draft: Draft) -> AnyView {
        draft.know(Known {
            at: self.at.clone(),
            label: self.label.clone(),
            kind: self.kind.clone(),
        });
        match &self.kind {
            Kind::Toggle => toggle(draft, &self),
            Kind::Choice(ways) if ways.len() <= 3 => radios(draft, &self, ways),
            Kind::Several(ways) => several(draft, &self, ways),
            other => match other.present() {
                Kind::Choice(ways) => framed(draft, &self, |it| select(draft, &self, ways, it)),
                Kind::Names | Kind::Prose => framed(draft, &self, |it| area(draft, &self, it)),
                _ => framed(draft, &self, |it| line(draft, &self, it)),
            },
        }
    }
}

/// What ties a control to its error and hint.
#[derive(Clone, Copy)]
struct Marks {
    invalid: Signal<Option<&'static str>>,
    described: Signal<Option<String>>,
}

/// The label, hint and error around a control.
fn framed(draft: Draft, field: &Field, control: impl FnOnce(Marks) -> AnyView) -> AnyView {
    let locale = locale();
    let (id, at) = (field.id(), field.at.clone());
    let odd = match &field.kind {
        Kind::Number(number) if number.places > 0 => {
            tr!(locale, kit.odd_decimal, n = number.places)
        }
        Kind::Number(_) => tr!(locale, kit.odd_number).to_owned(),
        _ => tr!(locale, kit.odd_value).to_owned(),
    };
    let wrong = Memo::new(move |_| {
        if draft.is_odd(&at) {
            return Some(odd.clone());
        }
        draft.wrong(&at)
    });
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let ids = (hint_id.clone(), error_id.clone());
    let has_hint = field.hint.is_some();
    let marks = Marks {
        invalid: Signal::derive(move || wrong.with(Option::is_some).then_some("true")),
        described: Signal::derive(move || match wrong.with(Option::is_some) {
            true => Some(ids.1.clone()),
            false => has_hint.then(|| ids.0.clone()),
        }),
    };
    let error = move || {
        let text = wrong.get()?;
        Some(view! { <p class="field__error" id=error_id.clone()>{text}</p> }.into_any())
    };
    let hint = field.hint.clone();
    view! {
        <div class="field">
            <label class="field__label" for=id>{field.label.clone()}</label>
            {control(marks)}
            {live::maybe(error)}
            {hint.map(|it| view! { <p class="field__hint" id=hint_id>{it}</p> })}
        </div>
    }
    .into_any()
}

/// What is typed, kept beside the draft: a half-typed number is no value yet.
fn typing(draft: Draft, field: &Field) -> (RwSignal<String>, impl Fn(web_sys::Event) + use<>) {
    let (at, kind) = (field.at.clone(), field.kind.clone());
    let text = RwSignal::new(kind.show(&draft.value().pointer(&at).cloned().unwrap_or_default()));
    let (seen_at, seen_kind) = (at.clone(), kind.clone());
    // The draft may change by itself: a discard, another's edit, a row taken out above.
    Effect::new(move |_| {
        let value = draft.at(&seen_at);
        if draft.is_odd(&seen_at) {
            return;
        }
        let shown = seen_kind.read(&text.get_untracked());
        if shown.as_ref() != Some(&value) {
            text.set(seen_kind.show(&value));
        }
    });
    let typed = move |event: web_sys::Event| {
        let now = event_target_value(&event);
        let value = kind.read(&now);
        text.set(now);
        draft.mark_odd(&at, value.is_none());
        if let Some(value) = value {
            draft.set(&at, value);
        }
    };
    (text, typed)
}

fn line(draft: Draft, field: &Field, marks: Marks) -> AnyView {
    let id = field.id();
    let (text, typed) = typing(draft, field);
    let (kind, fill, mode) = match field.kind.present() {
        Kind::Secret(fill) => ("password", *fill, None),
        Kind::Email => ("email", "off", None),
        Kind::Code => ("text", "one-time-code", None),
        Kind::Instant(_) => ("datetime-local", "off", None),
        Kind::Day | Kind::DayFrom(_) | Kind::DayUntil(_) => ("date", "off", None),
        Kind::TimeOfDay => ("time", "off", None),
        Kind::Number(_) => ("text", "off", Some("decimal")),
        _ => ("text", "off", None),
    };
    let input = view! {
        <input class="input" id=id type=kind autocomplete=fill inputmode=mode spellcheck="false"
            aria-invalid=marks.invalid aria-describedby=marks.described
            prop:value=text on:input=typed/>
    };
    match &field.kind {
        Kind::Number(number) if !(number.before.is_empty() && number.after.is_empty()) => {
            let part = |text: &str| {
                (!text.is_empty())
                    .then(|| view! { <span class="affix__unit">{text.to_owned()}</span> })
            };
            view! { <span class="affix">{part(&number.before)}{input}{part(&number.after)}</span> }
                .into_any()
        }
        Kind::Colour(own) => {
            let own = *own;
            let at = field.at.clone();
            let picked = field.at.clone();
            let label = tr!(locale(), kit.pick, name = field.label);
            let colour = Signal::derive(move || {
                let value = draft.at(&at);
                value.as_str().unwrap_or(own).to_owned()
            });
            let pick = move |event: web_sys::Event| {
                draft.mark_odd(&picked, false);
                draft.set(&picked, event_target_value(&event).into());
            };
            view! {
                <span class="affix">
                    <input class="swatch" type="color" aria-label=label prop:value=colour on:input=pick/>
                    {input}
                </span>
            }
            .into_any()
        }
        _ => input.into_any(),
    }
}

fn area(draft: Draft, field: &Field, marks: Marks) -> AnyView {
    let (text, typed) = typing(draft, field);
    view! {
        <textarea class="input input--area" id=field.id() rows="3" spellcheck="false"
            aria-invalid=marks.invalid aria-describedby=marks.described
            prop:value=text on:input=typed></textarea>
    }
    .into_any()
}

fn select(draft: Draft, field: &Field, ways: &[(String, String)], marks: Marks) -> AnyView {
    let (at, chosen, kind) = (field.at.clone(), field.at.clone(), field.kind.clone());
    let now = Memo::new(move |_| draft.at(&at).as_str().unwrap_or_default().to_owned());
    let choose = move |event: web_sys::Event| {
        if let Some(value) = kind.read(&event_target_value(&event)) {
            draft.set(&chosen, value);
        }
    };
    let options = ways
        .iter()
        .map(|(name, text)| {
            let (name, value) = (name.clone(), name.clone());
            let selected = Signal::derive(move || now.with(|it| *it == name));
            view! { <option value=value prop:selected=selected>{text.clone()}</option> }
        })
        .collect_view();
    view! {
        <select class="input input--select" id=field.id()
            aria-invalid=marks.invalid aria-describedby=marks.described
            on:change=choose>
            {options}
        </select>
    }
    .into_any()
}

fn radios(draft: Draft, field: &Field, ways: &[(String, String)]) -> AnyView {
    let group = field.id();
    let at = field.at.clone();
    let now = Memo::new(move |_| draft.at(&at).as_str().unwrap_or_default().to_owned());
    let options = ways
        .iter()
        .map(|(name, text)| {
            let (name, chosen, at) = (name.clone(), name.clone(), field.at.clone());
            let id = format!("{group}-{name}");
            let value = name.clone();
            let checked = Signal::derive(move || now.with(|it| *it == name));
            view! {
                <label class="switch__one" for=id.clone()>
                    <input class="sr-only" type="radio" id=id.clone() name=group.clone() value=value
                        prop:checked=checked on:change=move |_| draft.set(&at, chosen.clone().into())/>
                    {text.clone()}
                </label>
            }
        })
        .collect_view();
    let hint = field.hint.clone();
    view! {
        <fieldset class="field">
            <legend class="field__label">{field.label.clone()}</legend>
            <div class="switch">{options}</div>
            {hint.map(|it| view! { <p class="field__hint">{it}</p> })}
        </fieldset>
    }
    .into_any()
}

fn toggle(draft: Draft, field: &Field) -> AnyView {
    let (id, at, set) = (field.id(), field.at.clone(), field.at.clone());
    let on = Memo::new(move |_| draft.at(&at).as_bool() == Some(true));
    let hint_id = format!("{id}-hint");
    let hint = field.hint.clone();
    let described = hint.is_some().then(|| hint_id.clone());
    view! {
        <div class="field">
            <label class="tick" for=id.clone()>
                <input type="checkbox" id=id.clone() aria-describedby=described prop:checked=on
                    on:change=move |event| draft.set(&set, event_target_checked(&event).into())/>
                <span>{field.label.clone()}</span>
            </label>
            {hint.map(|it| view! { <p class="field__hint" id=hint_id>{it}</p> })}
        </div>
    }
    .into_any()
}

/// Fields side by side where there is room.
#[must_use]
pub fn fields(draft: Draft, all: Vec<Field>) -> AnyView {
    let all = all.into_iter().map(|it| it.show(draft)).collect_view();
    view! { <div class="fields">{all}</div> }.into_any()
}
