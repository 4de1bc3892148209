//! Numbers as pictures: how far, and how much of what.

use leptos::prelude::*;

/// One whole, in hundredths of a percent.
const WHOLE: i64 = 10_000;

fn percent(bps: i64) -> String {
    let bps = bps.clamp(0, WHOLE);
    format!("{}.{:02}%", bps / 100, bps % 100)
}

/// A bar that says how far something has come; `text` says it in words.
#[must_use]
pub fn progress(bps: i64, label: String, text: String) -> AnyView {
    let now = (bps.clamp(0, WHOLE) / 100).to_string();
    view! {
        <div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=now aria-label=label aria-valuetext=text>
            <span class="progress__fill" style:width=percent(bps)></span>
        </div>
    }
    .into_any()
}

/// A bar of `part` of `whole` beside its number; decoration, the number says it.
#[must_use]
pub fn share(part: i64, whole: i64) -> AnyView {
    let bps = part
        .max(0)
        .saturating_mul(WHOLE)
        .checked_div(whole.max(1))
        .unwrap_or(0);
    // A little is still seen.
    let bps = if part > 0 { bps.max(200) } else { bps };
    view! {
        <span class="share" aria-hidden="true"><span class="share__fill" style:width=percent(bps)></span></span>
    }
    .into_any()
}

/// One amount divided: each part as wide as its share of `whole`. A part is its name in the style
/// sheet and how much it is; `label` says all of it in words.
#[must_use]
pub fn split(label: String, parts: &[(&'static str, i64)], whole: i64) -> AnyView {
    let seen = parts.iter().filter(|it| it.1 > 0);
    let parts = seen.map(|(kind, amount)| {
        let bps = amount.saturating_mul(WHOLE).checked_div(whole.max(1));
        view! { <span class="split__part" data-kind=*kind style:width=percent(bps.unwrap_or(0))></span> }
    });
    view! { <div class="split" role="img" aria-label=label>{parts.collect_view()}</div> }.into_any()
}
