//! Forms: labelled fields with their errors, and a button that waits.

use crate::api::ApiError;
use crate::ui::icon::{Icon, icon};
use crate::ui::{live, state};
use leptos::prelude::*;

/// The state of one form: what was wrong, and whether it is on its way.
#[derive(Clone, Copy)]
pub struct Form {
    /// Why the last attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    /// Whether an attempt is running.
    pub busy: RwSignal<bool>,
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}

impl Form {
    /// A form that was not sent yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// Starts an attempt; `false` when one is running.
    #[must_use]
    pub fn begin(self) -> bool {
        if self.busy.get_untracked() {
            return false;
        }
        self.error.set(None);
        self.busy.set(true);
        true
    }

    /// Ends an attempt; keeps the error and gives back what succeeded.
    pub fn end<T>(self, answer: Result<T, ApiError>) -> Option<T> {
        self.busy.try_set(false);
        match answer {
            Ok(it) => Some(it),
            Err(error) => {
                self.error.try_set(Some(error));
                None
            }
        }
    }

    /// Whether a button must wait, as the attribute says it.
    #[must_use]
    pub fn waiting(self) -> Signal<Option<&'static str>> {
        Signal::derive(move || self.busy.get().then_some("true"))
    }

    /// What is wrong with the field at `pointer`.
    fn field_error(self, pointer: &str) -> Option<String> {
        self.error.with(|it| match it {
            Some(ApiError::Refused(problem)) => problem
                .errors
                .iter()
                .find(|it| it.pointer.trim_start_matches('/') == pointer)
                .map(|it| it.message.clone()),
            _ => None,
        })
    }
}

/// What kind of text a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// The name on the wire, and the id of the element.
    pub name: &'static str,
    /// The type of the input.
    pub kind: &'static str,
    /// The hint for the browser's own filling in.
    pub autocomplete: &'static str,
    /// Whether it must be filled in.
    pub required: bool,
}

/// A labelled input with a hint and its error.
#[must_use]
pub fn field(
    form: Form,
    input: Input,
    label: &'static str,
    hint: Option<String>,
    value: RwSignal<String>,
) -> AnyView {
    let Input {
        name,
        kind,
        autocomplete,
        required,
    } = input;
    let error = Memo::new(move |_| form.field_error(name));
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let invalid = Signal::derive(move || error.with(Option::is_some).then_some("true"));
    let described = {
        let (hint_id, error_id, has_hint) = (hint_id.clone(), error_id.clone(), hint.is_some());
        Signal::derive(move || match (error.with(Option::is_some), has_hint) {
            (true, _) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        })
    };
    let wrong = move || {
        let text = error.get()?;
        Some(view! { <p class="field__error" id=error_id.clone()>{text}</p> }.into_any())
    };
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <input class="input" id=name name=name type=kind autocomplete=autocomplete required=required
                aria-describedby=described
                aria-invalid=invalid
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))/>
            {hint.map(|it| view! { <p class="field__hint" id=hint_id>{it}</p> })}
            {live::maybe(wrong)}
        </div>
    }
    .into_any()
}

/// What went wrong with the form as a whole.
#[must_use]
pub fn form_error(form: Form) -> AnyView {
    let wrong = move || {
        let (text, request) = state::words(&form.error.get()?);
        let request = request.map(|it| view! { <code class="request-id">{it}</code> });
        let banner = view! {
            <p class="banner banner--bad">
                {icon(Icon::Warning)}
                <span class="grow">{text}{request}</span>
            </p>
        };
        Some(banner.into_any())
    };
    view! { <div role="alert">{live::maybe(wrong)}</div> }.into_any()
}

/// The button that sends the form; it waits while an attempt runs.
#[must_use]
pub fn submit(form: Form, label: &'static str, waiting: &'static str) -> AnyView {
    let text = Signal::derive(move || if form.busy.get() { waiting } else { label });
    view! {
        <button class="button button--main button--wide" type="submit"
            aria-disabled=form.waiting()>
            {text}
        </button>
    }
    .into_any()
}
