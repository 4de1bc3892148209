//! Scheduled work: any number of nodes, each thing once, and caught up after a pause.

use crate::support::shop::{contents, line, paid};
use crate::support::{Shop, TestApp, on_both};
use sea_orm::{ConnectionTrait, Statement};
use server::jobs::{JOBS, Job, OUTSIDE, run_all, run_due};
use std::collections::{BTreeMap, BTreeSet};

/// How many rows a query that groups finds for each text.
async fn tally(app: &TestApp, query: &str) -> BTreeMap<String, i64> {
    let rows = app
        .app
        .db
        .read()
        .query_all_raw(Statement::from_string(app.app.db.backend(), query))
        .await
        .expect("the rows are read");
    rows.iter()
        .map(|it| {
            let (text, count) = (it.try_get_by_index(0), it.try_get_by_index(1));
            (text.expect("a text"), count.expect("a count"))
        })
        .collect()
}

/// Forty members, half of them with a tier that time ends.
async fn fill(shop: &Shop<'_>) {
    let events: Vec<_> = (0..40)
        .map(|i| {
            let amount = if i % 2 == 0 { 60_000 } else { 5_000 };
            let contents = contents(Some(&format!("m{i}")), &[line("1", 1, amount)]);
            paid(&format!("o{i}"), shop.now(), &contents)
        })
        .collect();
    for i in 0..40 {
        shop.member(&format!("m{i}")).await;
    }
    for event in &events {
        shop.apply(event).await;
    }
}

const KINDS: &str = "SELECT kind, count(*) FROM ledger_entries GROUP BY kind";
const CAUSES: &str = "SELECT cause, count(*) FROM tier_changes GROUP BY cause";
const TOPICS: &str = "SELECT topic, count(*) FROM outbox GROUP BY topic";

fn counts(rows: &[(&str, i64)]) -> BTreeMap<String, i64> {
    rows.iter()
        .map(|(name, n)| ((*name).to_owned(), *n))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_do_each_thing_once() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        fill(&shop).await;
        let other = app.another_node().await;
        // Step by step over two years, both nodes at the same moment.
        for days in [16, 320, 40, 30, 60, 400] {
            app.clock.advance_days(days);
            let (one, two) = futures::join!(run_due(&app.app), run_due(&other));
            one.expect("one node");
            two.expect("the other node");
        }
        let expected = counts(&[("earn", 40), ("expire", 40)]);
        assert_eq!(tally(app, KINDS).await, expected);
        let expected = counts(&[
            ("joined", 40),
            ("reached", 20),
            ("warned", 20),
            ("grace_began", 20),
            ("lowered", 20),
        ]);
        assert_eq!(tally(app, CAUSES).await, expected);
        shop.assert_books().await;
        other.db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn even_without_leases_nothing_happens_twice() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        fill(&shop).await;
        let nodes = [app.another_node().await, app.another_node().await];
        for days in [16, 700] {
            app.clock.advance_days(days);
            let (one, two, three) =
                futures::join!(run_all(&app.app), run_all(&nodes[0]), run_all(&nodes[1]));
            one.expect("one node");
            two.expect("another node");
            three.expect("a third node");
        }
        assert_eq!(
            tally(app, KINDS).await,
            counts(&[("earn", 40), ("expire", 40)])
        );
        assert_eq!(tally(app, CAUSES).await["lowered"], 20);
        assert_eq!(tally(app, TOPICS).await["tier.warned"], 20);
        shop.assert_books().await;
        for node in nodes {
            node.db.close().await;
        }
    })
    .await;
}

/// When each job ran last.
async fn started(app: &TestApp) -> BTreeMap<String, i64> {
    tally(app, "SELECT name, last_started_at FROM job_leases").await
}

/// Which jobs ran between two looks.
fn ran(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeSet<String> {
    let again = after.iter().filter(|(name, at)| before[*name] != **at);
    again.map(|(name, _)| name.clone()).collect()
}

/// All scheduled work.
fn jobs() -> impl Iterator<Item = &'static Job> {
    JOBS.iter().chain(OUTSIDE)
}

/// The names of the jobs that are due by their own interval.
fn due(is: impl Fn(&Job) -> bool) -> BTreeSet<String> {
    let all = jobs().filter(|it| is(it));
    all.map(|it| it.name.to_owned()).collect()
}

#[tokio::test]
async fn a_job_rests_until_it_is_due_again() {
    on_both(async |app: &TestApp| {
        run_due(&app.app).await.expect("the first run");
        let first = started(app).await;
        let mut all: Vec<&str> = jobs().map(|it| it.name).collect();
        all.sort_unstable();
        assert!(first.keys().eq(all));
        app.advance_seconds(59);
        run_due(&app.app).await.expect("too early for most");
        let second = started(app).await;
        assert_eq!(ran(&first, &second), due(|job| job.every_s <= 59));
        assert!(due(|job| job.every_s <= 59).contains("outbox.run"));
        app.advance_seconds(1);
        run_due(&app.app).await.expect("a minute later");
        let third = started(app).await;
        assert_eq!(
            ran(&second, &third),
            due(|job| [1, 60].contains(&job.every_s))
        );
        assert_eq!(third["points.advance"] - first["points.advance"], 60_000);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_died_is_replaced_after_its_lease() {
    on_both(async |app: &TestApp| {
        run_due(&app.app).await.expect("the first run");
        app.advance_seconds(60);
        let now = app.app.db.now().as_millis();
        let died = format!(
            "UPDATE job_leases SET owner = 'a node that died', lease_until = {}",
            now + 600_000
        );
        let run = app.app.db.write(died, |tx, sql| {
            Box::pin(async move { Ok(tx.execute_unprepared(sql).await?.rows_affected()) })
        });
        assert_eq!(run.await.expect("the rows"), jobs().count() as u64);
        let before = started(app).await;
        app.advance_seconds(599);
        run_due(&app.app).await.expect("another node is at it");
        assert_eq!(started(app).await, before);
        app.advance_seconds(1);
        run_due(&app.app).await.expect("taken over");
        let after = started(app).await;
        assert_eq!(after["points.advance"], now + 600_000);
        let owners = tally(
            app,
            "SELECT name, lease_until FROM job_leases WHERE owner IS NOT NULL",
        )
        .await;
        // What is not due again yet is still in the dead node's hands.
        assert_eq!(
            owners.into_keys().collect::<Vec<_>>(),
            ["messages.ends", "purge"]
        );
    })
    .await;
}

#[tokio::test]
async fn an_edit_on_one_node_reaches_the_other() {
    on_both(async |app: &TestApp| {
        let other = app.another_node().await;
        let mut policy = app.app.rulebook().policies[0].policy.clone();
        policy.points_per_100_minor = 7;
        app.advance_seconds(1);
        let edit = server::programme::service::set_policy(&app.app, policy, 1, "system".to_owned());
        assert_eq!(edit.await.expect("the edit").version, 2);
        assert_eq!(other.rulebook().policies.len(), 1);
        run_due(&other).await.expect("the other node looks");
        assert_eq!(other.rulebook().policies.len(), 2);
        other.db.close().await;
    })
    .await;
}
