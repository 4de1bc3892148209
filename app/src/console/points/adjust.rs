//! An adjustment by hand.

use crate::api::{Api, ApiError, Intent};
use crate::parts::Subject;
use crate::tr;
use crate::ui::choice::choice;
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::query::Query;
use crate::ui::sheet::Sheet;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::api::Summary;
use shared::points::Asset;
use shared::points::api::{AdjustPoints, Adjustment, AdjustmentState};
use shared::problem::{FieldError, Problem};

const AMOUNT: Input = Input {
    name: "amount",
    kind: "text",
    autocomplete: "off",
    required: true,
};
const REASON: Input = Input {
    name: "reason",
    kind: "text",
    autocomplete: "off",
    required: true,
};

/// The sheet that adjusts a balance.
pub(in crate::console) fn adjust(
    subject: &Subject,
    summary: Query<Summary>,
    close: Callback<()>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let digits = subject.amounts.currency.minor_digits();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let (form, intent) = (Form::new(), Intent::new());
    let asset = RwSignal::new(Asset::Points);
    let [amount, reason] = [(); 2].map(|()| RwSignal::new(String::new()));
    let path = format!("{}/points/adjustments", subject.base);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let asset = asset.get_untracked();
        let places = if asset == Asset::Credit { digits } else { 0 };
        let Some(amount) = units(&amount.get_untracked(), places) else {
            form.end::<()>(Err(wrong_amount(tr!(locale, console.amount_invalid))));
            return;
        };
        let reason = reason.get_untracked().trim().to_owned();
        let body = AdjustPoints {
            asset,
            amount,
            reason,
            expires_at: None,
        };
        let (path, key) = (path.clone(), intent.key(&body));
        spawn_local(async move {
            let answer = api.post::<Adjustment>(&path, &body, Some(&key)).await;
            if let Some(done) = form.end(answer) {
                intent.done();
                toaster.say(match done.state {
                    AdjustmentState::Waiting => tr!(locale, console.waiting),
                    AdjustmentState::Applied | AdjustmentState::Rejected => {
                        tr!(locale, console.applied)
                    }
                });
                summary.reload();
                close.run(());
            }
        });
    };
    let assets = vec![
        (Asset::Points, "points", tr!(locale, points.title)),
        (Asset::Credit, "credit", tr!(locale, points.credit)),
    ];
    let hint = |text: &'static str| Some(text.to_owned());
    view! {
        <Sheet title=tr!(locale, console.adjust) close=close>
            <form class="stack" on:submit=send>
                {form_error(form)}
                {choice("asset", tr!(locale, points.asset), assets, move || asset.get(), move |it| asset.set(it))}
                {field(form, AMOUNT, tr!(locale, console.amount), hint(tr!(locale, console.adjust_hint)), amount)}
                {field(form, REASON, tr!(locale, console.reason), hint(tr!(locale, console.reason_hint)), reason)}
                <p class="row__note">{tr!(locale, console.approval_note)}</p>
                {submit(form, tr!(locale, console.submit), tr!(locale, auth.working))}
            </form>
        </Sheet>
    }
    .into_any()
}

/// An error of the amount that the page finds itself, in the form of the server's.
fn wrong_amount(message: &str) -> ApiError {
    ApiError::Refused(Box::new(Problem {
        kind: String::new(),
        title: message.to_owned(),
        status: 422,
        code: String::new(),
        detail: None,
        request_id: None,
        errors: vec![FieldError::new("/amount", "invalid", message)],
    }))
}

/// A typed number with at most `places` decimals as whole units; `None` for zero and for
/// anything that is not such a number.
fn units(text: &str, places: u32) -> Option<i64> {
    let text = text.trim().replace([',', '+'], "").replace('−', "-");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let places = places as usize;
    let plain = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > places {
        return None;
    }
    let all: i64 = format!("{whole}{part:0<places$}").parse().ok()?;
    let signed = if negative { -all } else { all };
    (signed != 0).then_some(signed)
}

#[cfg(test)]
mod tests {
    use super::units;

    #[test]
    fn typed_numbers_become_units() {
        for (text, places, expected) in [
            ("500", 0, Some(500)),
            ("+500", 0, Some(500)),
            ("-500", 0, Some(-500)),
            ("−500", 0, Some(-500)),
            (" 1,200 ", 0, Some(1200)),
            ("12.5", 2, Some(1250)),
            ("12.05", 2, Some(1205)),
            ("12", 2, Some(1200)),
            ("-0.01", 2, Some(-1)),
            ("12.5", 0, None),
            ("12.005", 2, None),
            ("0", 0, None),
            ("0.00", 2, None),
            ("", 0, None),
            ("-", 0, None),
            ("1e3", 0, None),
            ("--5", 0, None),
            ("99999999999999999999", 0, None),
        ] {
            assert_eq!(units(text, places), expected, "{text} with {places} places");
        }
    }
}
