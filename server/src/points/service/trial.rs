//! Points rules tried on what members bought lately.

use crate::App;
use crate::error::{AppError, Result};
use crate::{members, orders};
use shared::ids::MemberId;
use shared::points::api::{PolicyTrial, TryPolicy};
use shared::points::policy::check_policy;
use shared::points::trial::Trial;
use shared::problem::FieldError;

/// Orders of one step.
const STEP: u64 = 500;

/// What points rules would have paid for the orders of the last days, beside what was paid. Nothing
/// is kept. The orders are read some at a time, and no longer than somebody waits for the answer.
///
/// # Errors
/// `request.invalid` for rules that cannot be or a number of days out of range.
pub async fn try_policy(app: &App, request: &TryPolicy) -> Result<PolicyTrial> {
    let mut errors: Vec<FieldError> = check_policy(&request.policy)
        .into_iter()
        .map(|it| FieldError {
            pointer: format!("/policy{}", it.pointer),
            ..it
        })
        .collect();
    if !(1..=90).contains(&request.days) {
        errors.push(FieldError::new(
            "/days",
            "out_of_range",
            "expected 1 to 90 days",
        ));
    }
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let to = app.db.now();
    let from = to.plus_days(-i64::from(request.days));
    let mut trial = Trial::default();
    let mut after = None;
    loop {
        let orders = orders::service::paid_between(app.db.read(), (from, to), after, STEP).await?;
        let Some((place, _)) = orders.last() else {
            break;
        };
        after = Some(*place);
        for (_, order) in &orders {
            trial.add(&request.policy, order);
        }
    }
    let mut result = trial.result(from, to);
    let named: Vec<MemberId> = result.samples.iter().map(|it| it.member_id).collect();
    let names = members::service::names_of(app.db.read(), &named).await?;
    for sample in &mut result.samples {
        sample.name = names.get(&sample.member_id).cloned();
    }
    Ok(result)
}
