//! A fresh database for every test, of both kinds.

use super::TestApp;
use sea_orm::{ConnectionTrait, Database};
use server::config::Config;

/// Runs a test on SQLite and then on PostgreSQL.
pub(crate) async fn on_both(test: impl AsyncFn(&TestApp)) {
    on_both_with(|_| {}, test).await;
}

/// Runs a test on both databases with other settings than the default.
pub(crate) async fn on_both_with(configure: impl Fn(&mut Config), test: impl AsyncFn(&TestApp)) {
    println!("on SQLite");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    run(&url, &configure, &test).await;

    println!("on PostgreSQL");
    let cluster = std::env::var("COTERIE_TEST_POSTGRES_URL").expect(
        "COTERIE_TEST_POSTGRES_URL is not set; run cargo xtask test, which starts PostgreSQL",
    );
    let name = format!(
        "test_{}",
        server::ids::hex(&server::ids::random_bytes::<8>())
    );
    let admin = Database::connect(&cluster)
        .await
        .expect("PostgreSQL answers");
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database is made");
    let (server, _) = cluster
        .rsplit_once('/')
        .expect("the address names a database");
    run(&format!("{server}/{name}"), &configure, &test).await;
    // A test that failed leaves its database to be looked at; the whole cluster goes in the end.
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .expect("and dropped");
    admin.close().await.expect("the connection closes");
}

async fn run(url: &str, configure: impl Fn(&mut Config), test: &impl AsyncFn(&TestApp)) {
    let app = TestApp::start(url, configure).await;
    test(&app).await;
    app.app.db.close().await;
}
