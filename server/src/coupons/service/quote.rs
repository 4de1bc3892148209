//! What a checkout comes to, as the API says it.

use super::facts::Named;
use crate::error::{AppError, Refused, Result};
use shared::coupons::api::{
    Checkout, CouponPolicy, Quote, QuoteCoupon, QuoteLine, QuotePayment, ReasonView, WalletQuote,
};
use shared::coupons::best::best;
use shared::coupons::pricing::{Priced, PricedCoupon, price, share_payment};
use shared::coupons::rules::{Candidate, Reason, Shopper};
use shared::coupons::{Cart, CouponShare, Discount, MAX_COUPONS};
use shared::orders::api::Contents;
use shared::orders::rules::check_contents;
use shared::points::Asset;
use shared::problem::{ErrorCode, FieldError};
use shared::quantity::{Currency, MAX_AMOUNT};
use shared::text::{Locale, Text};

/// A reason as people read it.
#[must_use]
pub fn reason_view(reason: Reason) -> ReasonView {
    ReasonView {
        figure: reason.figure(),
        at: reason.at(),
        ..code_view(reason.code())
    }
}

/// A code as people read it.
#[must_use]
pub fn code_view(code: ErrorCode) -> ReasonView {
    ReasonView {
        code: code.as_str().to_owned(),
        text: Text::new(code.title(Locale::ZhCn), code.title(Locale::En)),
        figure: None,
        at: None,
    }
}

/// Checks a cart before anything is looked up; `pointer` is where it stands in the request.
pub(super) fn check_cart(cart: &Cart, currency: Currency, pointer: &str) -> Vec<FieldError> {
    let contents = Contents {
        member: None,
        currency: cart.currency,
        lines: cart.lines.clone(),
    };
    let mut errors = check_contents(&contents, currency, pointer);
    if !(0..=MAX_AMOUNT).contains(&cart.shipping) {
        let expected = "expected 0 to 1000000000000 minor units";
        errors.push(FieldError::new(
            format!("{pointer}/shipping"),
            "out_of_range",
            expected,
        ));
    }
    errors
}

/// Checks a checkout before anything is looked up.
///
/// # Errors
/// `request.invalid` with every wrong part.
pub(super) fn check(checkout: &Checkout, currency: Currency, pointer: &str) -> Result<()> {
    let mut errors = check_cart(&checkout.cart, currency, &format!("{pointer}/cart"));
    if checkout.coupons.len() > MAX_COUPONS {
        let at = format!("{pointer}/coupons");
        errors.push(FieldError::new(
            at,
            "out_of_range",
            "expected at most 30 coupons",
        ));
    }
    for (field, amount) in [("points", checkout.points), ("credit", checkout.credit)] {
        if !(0..=MAX_AMOUNT).contains(&amount) {
            let at = format!("{pointer}/{field}");
            errors.push(FieldError::new(
                at,
                "out_of_range",
                "expected 0 to 1000000000000",
            ));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

/// A checkout with its price.
pub(super) struct Judged {
    /// Of each coupon named: its place among the candidates, or why there is none.
    rows: Vec<Result<usize, ErrorCode>>,
    pub candidates: Vec<Candidate>,
    pub priced: Priced,
}

/// Prices a cart with what was found.
pub(super) fn judge(cart: &Cart, named: Vec<Named>, shopper: Shopper<'_>) -> Judged {
    let mut candidates = Vec::with_capacity(named.len());
    let mut rows = Vec::with_capacity(named.len());
    for it in named {
        rows.push(match it {
            Named::Coupon(candidate) => {
                candidates.push(*candidate);
                Ok(candidates.len() - 1)
            }
            Named::Missing(code) => Err(code),
        });
    }
    let priced = price(cart, &candidates, shopper);
    Judged {
        rows,
        candidates,
        priced,
    }
}

/// Prices a cart with those coupons of what was found that take the most off together. Answers
/// with whether every combination was tried.
pub(super) fn choose(cart: &Cart, named: Vec<Named>, shopper: Shopper<'_>) -> (Judged, bool) {
    let mut judged = judge(cart, named, shopper);
    let best = best(cart, &judged.candidates, shopper);
    judged.priced = best.priced;
    (judged, best.exhaustive)
}

impl Judged {
    /// Every coupon with what it does or what is against it, and the names of those that are used.
    pub fn wallet(&self, cart: &Cart, names: &[String]) -> (Vec<WalletQuote>, Vec<String>) {
        let rows = names.iter().zip(&self.rows).zip(self.reasons());
        let wallet: Vec<WalletQuote> = rows
            .map(|((name, row), reasons)| WalletQuote {
                used: reasons.is_empty(),
                expires_at: row.ok().map(|it| self.candidates[it].coupon.expires_at),
                coupon: self.coupon(cart, name, row, reasons),
            })
            .map(|it| WalletQuote {
                expires_at: it.expires_at.filter(|_| it.coupon.coupon_id.is_some()),
                ..it
            })
            .collect();
        let used = wallet.iter().filter(|it| it.used);
        let used = used.map(|it| it.coupon.reference.clone()).collect();
        (wallet, used)
    }

    /// Everything against each coupon, in the order given.
    fn reasons(&self) -> Vec<Vec<ReasonView>> {
        let of = |row: &Result<usize, ErrorCode>| match row {
            Ok(place) => {
                let reasons = &self.priced.coupons[*place].reasons;
                reasons.iter().map(|it| reason_view(*it)).collect()
            }
            Err(code) => vec![code_view(*code)],
        };
        self.rows.iter().map(of).collect()
    }

    /// Refuses when a coupon cannot be used and the others shall not be used without it.
    ///
    /// # Errors
    /// The one reason, or `coupons.not_usable` with all of them.
    pub fn require(&self, policy: CouponPolicy, pointer: &str) -> Result<()> {
        if policy == CouponPolicy::Partial {
            return Ok(());
        }
        let mut errors = Vec::new();
        let mut codes = Vec::new();
        for (i, reasons) in self.reasons().into_iter().enumerate() {
            for reason in reasons {
                codes.push(reason.code.clone());
                let at = format!("{pointer}/coupons/{i}");
                errors.push(FieldError::new(at, &reason.code, reason.text.en));
            }
        }
        let known = |text: &String| {
            ErrorCode::ALL
                .iter()
                .find(|it| it.as_str() == text)
                .copied()
        };
        let code = match codes.as_slice() {
            [] => return Ok(()),
            [one] => known(one).unwrap_or(ErrorCode::CouponsNotUsable),
            _ => ErrorCode::CouponsNotUsable,
        };
        Err(AppError::Refused(Refused {
            code,
            detail: None,
            errors,
            current: None,
            retry_after_s: None,
        }))
    }

    /// The coupons that are used, with what each does.
    pub fn used(&self) -> impl Iterator<Item = (&Candidate, &PricedCoupon)> {
        let rows = self.candidates.iter().zip(&self.priced.coupons);
        rows.filter(|(_, row)| row.applies())
    }

    /// What it all comes to.
    pub fn quote(&self, cart: &Cart, references: &[String], payments: Vec<QuotePayment>) -> Quote {
        let reasons = self.reasons();
        let coupons: Vec<QuoteCoupon> = references
            .iter()
            .zip(&self.rows)
            .zip(reasons)
            .map(|((reference, row), reasons)| self.coupon(cart, reference, row, reasons))
            .collect();
        let lines: Vec<QuoteLine> = cart
            .lines
            .iter()
            .zip(self.priced.discounts.iter().zip(&self.priced.left))
            .map(|(line, (discount, net))| QuoteLine {
                line_id: line.line_id.clone(),
                amount: line.amount,
                discount: *discount,
                net: *net,
            })
            .collect();
        let valid = coupons.iter().all(|it| it.reasons.is_empty())
            && payments.iter().all(|it| it.reason.is_none());
        let paid: i64 = payments.iter().map(|it| it.pays).sum();
        let shipping_discount = self.priced.shipping_discount;
        Quote {
            valid,
            amount: lines.iter().map(|it| it.amount).sum(),
            discount: lines.iter().map(|it| it.discount).sum(),
            shipping: cart.shipping,
            shipping_discount,
            due: self.priced.payable() - paid + cart.shipping - shipping_discount,
            lines,
            coupons,
            payments,
        }
    }

    fn coupon(
        &self,
        cart: &Cart,
        reference: &str,
        row: &Result<usize, ErrorCode>,
        reasons: Vec<ReasonView>,
    ) -> QuoteCoupon {
        let place = row.ok();
        // Nothing is told about a coupon that is not the member's own.
        let own = |it: &usize| self.priced.coupons[*it].reasons != [Reason::NotFound];
        let place = place.filter(own);
        let candidate = place.map(|it| &self.candidates[it]);
        let row = place.map(|it| &self.priced.coupons[it]);
        let gift = candidate.and_then(|it| match &it.terms.discount {
            Discount::Gift { sku } => Some(sku.clone()),
            _ => None,
        });
        QuoteCoupon {
            reference: reference.to_owned(),
            coupon_id: candidate.map(|it| it.coupon.id),
            template_id: candidate.map(|it| it.coupon.template),
            name: candidate.map(|it| it.terms.name.clone()),
            version: candidate.map(|it| it.coupon.version),
            gift_sku: gift.filter(|_| reasons.is_empty()),
            reasons,
            discount: row.map_or(0, PricedCoupon::discount),
            shipping_discount: row.map_or(0, |it| it.shipping_discount),
            shares: row.map_or_else(Vec::new, |it| shares(cart, it)),
        }
    }
}

/// What a coupon takes off each line.
pub(super) fn shares(cart: &Cart, row: &PricedCoupon) -> Vec<CouponShare> {
    let pairs = cart.lines.iter().zip(&row.shares);
    pairs
        .map(|(line, share)| CouponShare {
            line_id: line.line_id.clone(),
            discount: *share,
            returned: 0,
        })
        .collect()
}

/// A payment that can be made, shared over what the lines still cost.
pub(super) fn payment(asset: Asset, amount: i64, pays: i64, left: &mut [i64]) -> QuotePayment {
    let shares = share_payment(pays, left);
    for (left, share) in left.iter_mut().zip(&shares) {
        *left -= share;
    }
    QuotePayment {
        asset,
        amount,
        pays,
        shares,
        reason: None,
    }
}

/// What shall pay besides money, in the order in which it pays.
pub(super) fn wanted_payments(checkout: &Checkout) -> Vec<(Asset, i64)> {
    [
        (Asset::Points, checkout.points),
        (Asset::Credit, checkout.credit),
    ]
    .into_iter()
    .filter(|it| it.1 > 0)
    .collect()
}
