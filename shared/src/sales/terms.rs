//! What a sale can be, and what can still be changed of it.

use super::{
    MAX_DAYS, MAX_EARLY, MAX_EARLY_MINUTES, MAX_PAYMENT_MINUTES, MAX_PER_MEMBER, MAX_PRODUCTS,
    MAX_STOCK, Phase, SaleDefinition, SaleProduct,
};
use crate::members::audience::MAX_NAMED;
use crate::orders::rules::is_reference;
use crate::problem::FieldError;
use crate::quantity::MAX_AMOUNT;
use crate::text::Text;
use std::collections::HashSet;

/// What staff do with a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Write all of it anew.
    Rewrite,
    /// Publish it.
    Publish,
    /// Stop it for the moment.
    Pause,
    /// Let it go on.
    Resume,
    /// Add stock.
    AddStock,
    /// Call it off.
    Cancel,
}

/// Whether something can be done with a sale in this phase. A sale that has opened for anybody is
/// not rewritten: people have seen it.
#[must_use]
pub const fn allows(phase: Phase, edit: Edit) -> bool {
    match phase {
        Phase::Draft => matches!(edit, Edit::Rewrite | Edit::Publish | Edit::Cancel),
        Phase::Scheduled => !matches!(edit, Edit::Publish),
        Phase::Early | Phase::Live => !matches!(edit, Edit::Publish | Edit::Rewrite),
        Phase::Ended | Phase::Cancelled => false,
    }
}

/// Checks what staff write; `tiers` are the codes of the ladder. An empty answer means it is fine.
#[must_use]
pub fn check_definition(it: &SaleDefinition, tiers: &[&str]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !is_title(&it.title) {
        errors.push(FieldError::new("/title", "invalid", TITLE));
    }
    if !(1..=MAX_PRODUCTS).contains(&it.products.len()) {
        errors.push(FieldError::new(
            "/products",
            "out_of_range",
            "expected 1 to 50 products",
        ));
    }
    let mut skus = HashSet::new();
    for (place, product) in it.products.iter().enumerate() {
        check_product(product, place, &mut errors);
        if !skus.insert(product.sku.as_str()) {
            let message = "expected each product once";
            errors.push(FieldError::new(
                format!("/products/{place}/sku"),
                "invalid",
                message,
            ));
        }
    }
    check_times(it, &mut errors);
    check_people(it, tiers, &mut errors);
    errors
}

const TITLE: &str = "expected 1 to 100 visible characters in each language";

fn is_title(text: &Text) -> bool {
    is_reference(&text.zh_cn) && is_reference(&text.en)
}

fn check_product(it: &SaleProduct, place: usize, errors: &mut Vec<FieldError>) {
    let mut wrong = |field: &str, code: &str, message: &str| {
        errors.push(FieldError::new(
            format!("/products/{place}/{field}"),
            code,
            message,
        ));
    };
    if !is_reference(&it.sku) {
        wrong("sku", "invalid", "expected 1 to 100 visible characters");
    }
    if !is_title(&it.name) {
        wrong("name", "invalid", TITLE);
    }
    if !(0..=MAX_AMOUNT).contains(&it.price) {
        wrong("price", "out_of_range", "expected an amount in minor units");
    }
    if it.list_price < it.price || it.list_price > MAX_AMOUNT {
        wrong(
            "list_price",
            "out_of_range",
            "expected at least the price of the sale",
        );
    }
    if !(1..=MAX_STOCK).contains(&it.stock) {
        wrong("stock", "out_of_range", "expected 1 to 10000000 pieces");
    }
    if !(1..=MAX_PER_MEMBER).contains(&it.per_member) {
        wrong("per_member", "out_of_range", "expected 1 to 100 pieces");
    }
    if it
        .per_community
        .is_some_and(|quota| !(1..=MAX_STOCK).contains(&quota))
    {
        wrong(
            "per_community",
            "out_of_range",
            "expected 1 to 10000000 pieces",
        );
    }
}

fn check_times(it: &SaleDefinition, errors: &mut Vec<FieldError>) {
    if it.ends_at <= it.starts_at || it.ends_at > it.starts_at.plus_days(MAX_DAYS) {
        errors.push(FieldError::new(
            "/ends_at",
            "out_of_range",
            "expected an instant within 31 days after the start",
        ));
    }
    if !(1..=MAX_PAYMENT_MINUTES).contains(&it.payment_minutes) {
        errors.push(FieldError::new(
            "/payment_minutes",
            "out_of_range",
            "expected 1 to 1440 minutes",
        ));
    }
    // The next sale must not begin before this one is over.
    if it.weekly.is_some() && it.ends_at > it.starts_at.plus_days(6) {
        errors.push(FieldError::new(
            "/weekly",
            "out_of_range",
            "expected a sale of at most 6 days",
        ));
    }
}

fn check_people(it: &SaleDefinition, tiers: &[&str], errors: &mut Vec<FieldError>) {
    let audience = &it.audience;
    if audience.communities.len() > MAX_NAMED || audience.tags.len() > MAX_NAMED {
        errors.push(FieldError::new(
            "/audience",
            "out_of_range",
            "expected at most 50 communities and 50 tags",
        ));
    }
    for (place, tag) in audience.tags.iter().enumerate() {
        if !is_reference(tag) {
            errors.push(FieldError::new(
                format!("/audience/tags/{place}"),
                "invalid",
                "expected 1 to 100 visible characters",
            ));
        }
    }
    let mut tier = |pointer: String, code: &str| {
        if !tiers.contains(&code) {
            errors.push(FieldError::new(
                pointer,
                "invalid",
                "expected the code of a tier of the ladder",
            ));
        }
    };
    if let Some(code) = &audience.minimum_tier {
        tier("/audience/minimum_tier".to_owned(), code);
    }
    for (place, step) in it.early.iter().enumerate() {
        tier(format!("/early/{place}/tier"), &step.tier);
    }
    let range = 1..=MAX_EARLY_MINUTES;
    if it.early.len() > MAX_EARLY || it.early.iter().any(|it| !range.contains(&it.minutes)) {
        errors.push(FieldError::new(
            "/early",
            "out_of_range",
            "expected at most 10 steps of 1 to 10080 minutes",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sales::{EarlyAccess, SaleAudience, Weekly};
    use crate::testing::at;
    use proptest::prelude::*;

    fn sale() -> SaleDefinition {
        SaleDefinition {
            title: Text::new("早餐", "Breakfast"),
            products: vec![product("milk")],
            starts_at: at("2026-06-20T02:00:00Z"),
            ends_at: at("2026-06-20T03:00:00Z"),
            audience: SaleAudience::default(),
            early: Vec::new(),
            payment_minutes: 15,
            weekly: None,
            apology: None,
        }
    }

    fn product(sku: &str) -> SaleProduct {
        SaleProduct {
            sku: sku.to_owned(),
            name: Text::new("牛奶", "Milk"),
            price: 990,
            list_price: 1990,
            stock: 50,
            per_member: 2,
            per_community: None,
        }
    }

    fn pointers(it: &SaleDefinition) -> Vec<String> {
        let errors = check_definition(it, &["basic", "gold"]);
        errors.into_iter().map(|it| it.pointer).collect()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(pointers(&sale()), Vec::<String>::new());
        let step = |tier: &str, minutes| EarlyAccess {
            tier: tier.to_owned(),
            minutes,
        };
        let wrong = SaleDefinition {
            title: Text::new("", "x"),
            products: vec![
                SaleProduct {
                    price: -1,
                    stock: 0,
                    per_member: 0,
                    per_community: Some(0),
                    ..product("milk")
                },
                SaleProduct {
                    list_price: 1,
                    ..product("milk")
                },
            ],
            ends_at: at("2026-06-20T02:00:00Z"),
            audience: SaleAudience {
                communities: Vec::new(),
                tags: vec![String::new()],
                minimum_tier: Some("tin".to_owned()),
            },
            early: vec![step("gold", 0), step("lead", 5)],
            payment_minutes: 0,
            ..sale()
        };
        let expected = [
            "/title",
            "/products/0/price",
            "/products/0/stock",
            "/products/0/per_member",
            "/products/0/per_community",
            "/products/1/list_price",
            "/products/1/sku",
            "/ends_at",
            "/payment_minutes",
            "/audience/tags/0",
            "/audience/minimum_tier",
            "/early/1/tier",
            "/early",
        ];
        assert_eq!(pointers(&wrong), expected);
        let long = SaleDefinition {
            ends_at: at("2026-06-27T02:00:00Z"),
            weekly: Some(Weekly { until: None }),
            ..sale()
        };
        assert_eq!(pointers(&long), ["/weekly"]);
        let empty = SaleDefinition {
            products: Vec::new(),
            ..sale()
        };
        assert_eq!(pointers(&empty), ["/products"]);
    }

    #[test]
    fn what_can_be_changed_is_a_table() {
        use Edit::{AddStock, Cancel, Pause, Publish, Resume, Rewrite};
        let all = [Rewrite, Publish, Pause, Resume, AddStock, Cancel];
        for (phase, allowed) in [
            (Phase::Draft, &[Rewrite, Publish, Cancel][..]),
            (
                Phase::Scheduled,
                &[Rewrite, Pause, Resume, AddStock, Cancel],
            ),
            (Phase::Early, &[Pause, Resume, AddStock, Cancel]),
            (Phase::Live, &[Pause, Resume, AddStock, Cancel]),
            (Phase::Ended, &[]),
            (Phase::Cancelled, &[]),
        ] {
            let found: Vec<Edit> = all.into_iter().filter(|it| allows(phase, *it)).collect();
            assert_eq!(found, allowed, "{phase:?}");
        }
    }

    proptest! {
        #[test]
        fn a_sale_that_is_fine_can_be_counted_with(price in -5_i64..5, stock in -2_i64..3, limit in -1_i64..3, minutes in 0_u32..3) {
            let mut it = sale();
            it.products[0] = SaleProduct { price, stock, per_member: limit, ..product("milk") };
            it.payment_minutes = minutes;
            let fine = check_definition(&it, &[]).is_empty();
            prop_assert_eq!(fine, price >= 0 && stock >= 1 && limit >= 1 && minutes >= 1);
        }
    }
}
