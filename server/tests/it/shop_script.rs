//! The shop that a shell plays, over a real connection.

use crate::support::{Shop, TestApp, on_both};
use std::path::Path;
use std::process::{Command, Stdio};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shell_plays_a_shop_and_everything_ends_as_the_rules_say() {
    on_both(async |app: &TestApp| {
        for program in ["curl", "jq"] {
            let found = Command::new(program)
                .arg("--version")
                .stdout(Stdio::null())
                .status();
            assert!(
                found.is_ok_and(|it| it.success()),
                "{program} is missing; install it with: apt-get install {program}"
            );
        }
        let shop = Shop::open(app).await;
        // The shell's clock is the real one.
        app.clock.set(
            server::clock::Clock::now(&server::clock::SystemClock::default()).plus_millis(60_000),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = server::http::router(app.app.clone())
            .into_make_service_with_connect_info::<std::net::SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/shop.sh");
        let key = shop.key.clone();
        let run = tokio::task::spawn_blocking(move || {
            Command::new("sh")
                .arg(script)
                .env("BASE", format!("http://{address}"))
                .env("KEY", key)
                .output()
        });
        let output = run.await.expect("it runs").expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}\n{wrong}");
        assert!(said.ends_with("all is as the rules say\n"), "{said}");
        serving.abort();
        shop.assert_books().await;
    })
    .await;
}
