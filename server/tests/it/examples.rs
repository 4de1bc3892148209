//! The worked examples of the API's description: one story, `examples/story.txt`, played against a
//! real server, in which every operation is called. What was asked and answered is kept in
//! `server/examples.json`, from which the description takes its examples.

mod lots;
mod player;

use crate::support::{Receiver, Shop, TestApp, on_both_with};
use crate::wechat;
use player::Player;
use serde_json::Value;

/// Where the examples are kept.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples.json");
/// Operations that need a code from somebody's authenticator.
const WITHOUT: [&str; 4] = [
    "confirm_totp",
    "disable_totp",
    "renew_recovery_codes",
    "reset_totp",
];

/// An operation of the description.
pub struct Described {
    /// The method.
    pub method: String,
    /// The path as it is declared, in parts.
    pub path: Vec<String>,
    /// Its name.
    pub name: String,
}

fn described() -> Vec<Described> {
    let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            found.push(Described {
                method: method.to_uppercase(),
                path: path.split('/').map(str::to_owned).collect(),
                name: operation["operationId"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
    }
    found
}

#[tokio::test]
async fn every_operation_has_an_example_that_was_played() {
    let tickets = Receiver::open().await;
    let configure = |config: &mut server::config::Config| {
        config.sandbox = true;
        config.send_to_private = true;
        config.wechat = Some(wechat::account(&tickets));
    };
    on_both_with(configure, async |app: &TestApp| {
        tickets.say([wechat::token(1), wechat::ticket(1)]);
        let mut player = Player::new(app, described()).await;
        for line in player::lines(include_str!("examples/story.txt")) {
            player.play(&line).await;
        }
        Shop::open(app).await.assert_books().await;
        let examples = player.examples;
        let missing: Vec<String> = described()
            .into_iter()
            .filter(|it| !examples.contains_key(&it.name) && !WITHOUT.contains(&it.name.as_str()))
            .map(|it| format!("{} {} ({})", it.method, it.path.join("/"), it.name))
            .collect();
        assert!(missing.is_empty(), "add to server/tests/it/examples/story.txt: {missing:#?}");
        let present = format!("{}\n", lots::settled(Value::Object(examples)));
        if std::env::var_os("COTERIE_UPDATE_OPENAPI").is_some() {
            std::fs::write(KEPT, &present).expect("the examples can be written");
        }
        let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
        let other = kept.lines().zip(present.lines()).find(|it| it.0 != it.1);
        assert!(
            kept == present,
            "server/examples.json is not what happens now, {other:?}; look at the difference after\n  \
             COTERIE_UPDATE_OPENAPI=1 cargo test -p server --test it examples"
        );
    })
    .await;
}
