//! `coterie check` finds what is wrong: a shop with a past of every kind is clean, and every kind
//! of damage to its rows is named.

mod groups;

use crate::support::shop::{contents, event, line, paid, refunded};
use crate::support::{Shop, TestApp, on_both};
use sea_orm::ConnectionTrait;

/// What is broken: the table, how, and what the check must say.
struct Damage {
    table: &'static str,
    sql: &'static str,
    says: &'static str,
}

const fn damage(table: &'static str, sql: &'static str, says: &'static str) -> Damage {
    Damage { table, sql, says }
}

/// Each statement changes at least one row, on both databases.
const DAMAGES: &[Damage] = &[
    damage(
        "points_accounts",
        "UPDATE points_accounts SET available = available + 1",
        "available",
    ),
    damage(
        "points_accounts",
        "UPDATE points_accounts SET pending = pending + 1",
        "pending",
    ),
    damage(
        "points_accounts",
        "UPDATE points_accounts SET entries = entries - 1 WHERE entries > 0",
        "number of entries",
    ),
    damage(
        "points_accounts",
        "UPDATE points_accounts SET next_due_at = NULL WHERE next_due_at IS NOT NULL",
        "next due time",
    ),
    damage(
        "points_accounts",
        "UPDATE points_accounts SET next_due_at = next_due_at + 1",
        "next due time",
    ),
    damage(
        "points_accounts",
        "DELETE FROM points_accounts WHERE available > 0",
        "available",
    ),
    damage(
        "points_accounts",
        "UPDATE points_accounts SET available = available + 1 WHERE asset = 'points'",
        "members' balances in the books",
    ),
    damage(
        "lots",
        "UPDATE lots SET remaining = remaining - 1 WHERE remaining > 0",
        "what is left of the lot",
    ),
    damage(
        "lots",
        "UPDATE lots SET clawed = clawed - 1 WHERE clawed > 0",
        "what was clawed back from the lot",
    ),
    damage(
        "lots",
        "UPDATE lots SET expired = expired - 1 WHERE expired > 0",
        "what expired of the lot",
    ),
    damage(
        "lots",
        "UPDATE lots SET absorbed = absorbed + 1 WHERE absorbed <> 0",
        "what settled deficits",
    ),
    damage(
        "lots",
        "UPDATE lots SET amount = amount + 1",
        "sum of what lots gave and took",
    ),
    damage(
        "lots",
        "UPDATE lots SET active = NOT active WHERE remaining > 0",
        "pending",
    ),
    damage(
        "lots",
        "UPDATE lots SET member_id = id",
        "lots that belong to a member",
    ),
    damage(
        "lots",
        "UPDATE lots SET entry_id = id",
        "entry behind lots or movements",
    ),
    damage(
        "lots",
        "DELETE FROM lots WHERE source_kind = 'order'",
        "lot of the points earned",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET amount = amount + 1 WHERE kind = 'earn'",
        "balance after",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET amount = amount + 1 WHERE kind = 'spend'",
        "sum of what lots gave and took",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET amount = amount + 1 WHERE kind = 'spend'",
        "spend on the order",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET balance_after = balance_after + 1",
        "balance after",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET counter_account = 'breakage' WHERE kind = 'earn'",
        "counter-account",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET seq = seq + 100",
        "number in the ledger",
    ),
    damage(
        "ledger_entries",
        "DELETE FROM ledger_entries WHERE seq = 1",
        "number in the ledger",
    ),
    damage(
        "ledger_entries",
        "DELETE FROM ledger_entries WHERE kind = 'clawback'",
        "entry behind lots or movements",
    ),
    damage(
        "ledger_entries",
        "UPDATE ledger_entries SET member_id = id",
        "entries that belong to a member",
    ),
    damage(
        "lot_movements",
        "DELETE FROM lot_movements",
        "sum of what lots gave and took",
    ),
    damage(
        "lot_movements",
        "UPDATE lot_movements SET amount = amount - 1",
        "what is left of the lot",
    ),
    damage(
        "lot_movements",
        "UPDATE lot_movements SET entry_id = lot_id WHERE amount = -900",
        "sum of what lots gave and took",
    ),
    damage(
        "lot_movements",
        "UPDATE lot_movements SET lot_id = entry_id WHERE amount = -900",
        "movements that belong to a lot",
    ),
    damage(
        "adjustments",
        "UPDATE adjustments SET amount = amount + 1 WHERE state = 'applied'",
        "entry of the adjustment",
    ),
    damage(
        "adjustments",
        "UPDATE adjustments SET entry_id = NULL WHERE state = 'applied'",
        "entry of the adjustment",
    ),
    damage(
        "adjustments",
        "DELETE FROM adjustments",
        "entries that an adjustment names",
    ),
    damage(
        "growth_entries",
        "DELETE FROM growth_entries WHERE source_kind = 'order'",
        "growth value of the order",
    ),
    damage(
        "growth_entries",
        "UPDATE growth_entries SET amount = amount + 1 WHERE source_kind = 'order'",
        "growth value of the order",
    ),
    damage(
        "growth_entries",
        "DELETE FROM growth_entries WHERE source_kind = 'refund'",
        "growth value taken back",
    ),
    damage(
        "growth_entries",
        "UPDATE growth_entries SET counted_at = counted_at + 86400000",
        "tier since",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET code = 'diamond'",
        "tier",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET since = since + 1",
        "tier since",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET valid_until = valid_until + 1",
        "tier valid until",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET grace_until = 1",
        "grace until",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET warned = NOT warned",
        "tier warned",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET next_due_at = NULL",
        "tier due",
    ),
    damage(
        "tier_states",
        "UPDATE tier_states SET next_due_at = next_due_at + 86400000",
        "tier due",
    ),
    damage(
        "tier_states",
        "DELETE FROM tier_states",
        "a member with growth has a tier",
    ),
    damage(
        "tier_changes",
        "DELETE FROM tier_changes WHERE cause <> 'joined'",
        "last change of tier",
    ),
    damage(
        "orders",
        "UPDATE orders SET amount = amount + 1",
        "order amount",
    ),
    damage(
        "orders",
        "UPDATE orders SET refunded_amount = refunded_amount - 1 WHERE refunded_amount > 0",
        "refunded amount",
    ),
    damage(
        "orders",
        "UPDATE orders SET status = 'shipped'",
        "order status",
    ),
    damage(
        "orders",
        "UPDATE orders SET lines = REPLACE(lines, '\"refunded_amount\":0', '\"refunded_amount\":500')",
        "refunded amount",
    ),
    damage(
        "orders",
        "UPDATE orders SET receipt = REPLACE(receipt, '\"points\":400', '\"points\":401')",
        "points earned",
    ),
    damage(
        "orders",
        "UPDATE orders SET receipt = REPLACE(receipt, '\"growth\":400', '\"growth\":401')",
        "growth value of the order",
    ),
    damage(
        "orders",
        "UPDATE orders SET receipt = REPLACE(receipt, '\"points_returned\":200', '\"points_returned\":100')",
        "points owed for refunds",
    ),
    damage(
        "orders",
        "UPDATE orders SET receipt = REPLACE(receipt, '\"amount\":200', '\"amount\":201')",
        "spend on the order",
    ),
    damage(
        "orders",
        "UPDATE orders SET receipt = REPLACE(receipt, '\"restored\":100', '\"restored\":99')",
        "given back for the order",
    ),
    damage(
        "orders",
        "UPDATE orders SET receipt = '{}' WHERE receipt LIKE '%\"lot\"%'",
        "entries that a receipt names",
    ),
    damage(
        "orders",
        "DELETE FROM orders WHERE receipt LIKE '%\"lot\"%'",
        "entries that a receipt names",
    ),
];

async fn sql(app: &TestApp, statement: String) -> u64 {
    let run = app.app.db.write(statement, |tx, statement| {
        Box::pin(async move { Ok(tx.execute_unprepared(statement).await?.rows_affected()) })
    });
    run.await.expect("the statement runs")
}

/// Two lines of which one goes back, points spent and in part restored, a deficit that a lot which
/// ends settles, expiry, adjustments, a guest, a cancellation, a tier that ended, and one that
/// stands.
async fn live(shop: &Shop<'_>) {
    shop.members(&["ann", "bo", "cai", "dee", "eve"]).await;
    let lines = [line("1", 2, 40_000), line("2", 1, 20_000)];
    let two = contents(Some("ann"), &lines);
    shop.apply(&paid("a1", shop.now(), &two)).await;
    shop.apply(&refunded("a1-r", "a1", shop.now(), &[("1", Some(1), None)]))
        .await;
    shop.adjust("bo", 500).await.assert_status(201);
    shop.adjust("bo", -100).await.assert_status(201);
    shop.pay("cai", "c1", 100_000).await;
    shop.pass_days(16).await;
    shop.spend("ann", "a2", 200, 20_000)
        .await
        .assert_status(201);
    shop.apply(&paid(
        "a2",
        shop.now(),
        &contents(Some("ann"), &[line("1", 2, 20_000)]),
    ))
    .await;
    shop.apply(&refunded("a2-r", "a2", shop.now(), &[("1", Some(1), None)]))
        .await;
    shop.spend("cai", "c2", 900, 100_000)
        .await
        .assert_status(201);
    shop.apply(&event("cancelled", "c1", shop.now())).await;
    shop.adjust("cai", 50).await.assert_status(201);
    let guest = contents(None, &[line("1", 1, 1_000)]);
    shop.apply(&paid("g1", shop.now(), &guest)).await;
    shop.pay("dee", "d1", 250_000).await;
    shop.pass_days(420).await;
    shop.pay("eve", "e1", 250_000).await;
    shop.pay("ann", "a3", 60_000).await;
    shop.pay("dee", "d2", 3_000).await;
    shop.pass_days(20).await;
    shop.pay("eve", "e2", 5_000).await;
}

/// Does each damage by itself, and expects the check to name it.
async fn assert_named(shop: &Shop<'_>, damages: &[Damage]) {
    let app = shop.app;
    for Damage {
        table,
        sql: statement,
        says,
    } in damages
    {
        sql(app, format!("CREATE TABLE kept AS SELECT * FROM {table}")).await;
        let changed = sql(app, (*statement).to_owned()).await;
        assert!(changed > 0, "{statement} changes something");
        let report = shop.check().await;
        let said: Vec<&str> = report.differences.iter().map(|it| it.what).collect();
        assert!(
            said.contains(says),
            "{statement}: expected {says:?} among {said:?}"
        );
        assert!(!report.is_clean());
        sql(app, format!("DELETE FROM {table}")).await;
        sql(app, format!("INSERT INTO {table} SELECT * FROM kept")).await;
        sql(app, "DROP TABLE kept".to_owned()).await;
    }
}

#[tokio::test]
async fn every_kind_of_damage_is_named() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        live(&shop).await;
        shop.assert_books().await;
        let whole = shop.check().await;
        assert_eq!((whole.members, whole.orders), (5, 10));
        assert!(whole.entries > 15 && whole.lots > 8, "{whole:?}");
        assert_named(&shop, DAMAGES).await;
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_difference_says_where_what_and_how_much() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let member = shop.member("ann").await;
        shop.adjust("ann", 300).await.assert_status(201);
        sql(app, "UPDATE points_accounts SET available = 310".to_owned()).await;
        let report = shop.check().await;
        let said: Vec<String> = report.differences.iter().map(|it| it.to_string()).collect();
        assert_eq!(
            said,
            [
                format!("{member} points: available: expected 300, found 310"),
                "points: members' balances in the books: expected 300, found 310".to_owned(),
            ]
        );
        assert_eq!(report.found, 2);
    })
    .await;
}
