//! A message of a `WeCom` group robot.

use super::{Adapter, Shout, Step, Trouble, present, taken};
use crate::App;
use crate::error::Result;
use crate::scenarios::store::channel;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;

/// Longest message that robots take, in bytes of UTF-8.
const MOST: usize = 4096;
/// What a robot says when it was asked too often; it takes 20 messages a minute.
const TOO_OFTEN: i64 = 45009;

/// The adapter.
pub struct Wecom;

/// What a robot answers, with HTTP 200 in any case.
#[derive(Deserialize)]
struct Verdict {
    errcode: i64,
}

impl Adapter for Wecom {
    fn push<'a>(
        &'a self,
        app: &'a App,
        channel: Option<&'a channel::Model>,
        shout: &'a Shout,
    ) -> BoxFuture<'a, Result<Step, Trouble>> {
        async move {
            let channel = present(channel)?;
            let body = serde_json::json!({
                "msgtype": "markdown",
                "markdown": { "content": words(shout) },
            });
            let answer = app.outgoing.post(&channel.url, &[], body.to_string()).await;
            let answer = answer.map_err(Trouble::passing)?;
            taken(&answer)?;
            judge(&answer.body)?;
            Ok(Step::Done)
        }
        .boxed()
    }
}

fn judge(body: &[u8]) -> Result<(), Trouble> {
    match serde_json::from_slice(body) {
        Ok(Verdict { errcode: 0 }) => Ok(()),
        Ok(Verdict { errcode }) if errcode == TOO_OFTEN => {
            Err(Trouble::passing("asked too often (errcode 45009)"))
        }
        Ok(Verdict { errcode }) => Err(Trouble::lasting(format!(
            "the robot refused it (errcode {errcode})"
        ))),
        Err(_) => Err(Trouble::passing("no answer of a group robot")),
    }
}

/// The message: the scene, a few words, the products, and where to see them.
fn words(it: &Shout) -> String {
    let tail = format!("\n[{}]({})", plain(&it.name), it.link);
    let mut text = format!("### {}", plain(&it.title));
    let products = it
        .products
        .iter()
        .map(|it| format!("- {}", plain(&it.name)));
    let lines = std::iter::once(plain(&it.text)).chain(products);
    for line in lines.filter(|it| !it.is_empty()) {
        if text.len() + 1 + line.len() + tail.len() > MOST {
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    text + &tail
}

/// A text without what a robot takes for marks of its language.
fn plain(text: &str) -> String {
    text.replace(['[', ']', '<', '>', '`', '*'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;
    use shared::scenarios::ScenarioProduct;
    use shared::time::Timestamp;

    fn shout(products: usize) -> Shout {
        let product = |number: usize| ScenarioProduct {
            sku: number.to_string(),
            name: format!("牛奶[{number}]").repeat(20),
            price: None,
            link: None,
        };
        Shout {
            id: Uuid::nil().into(),
            posting: None,
            community: Uuid::nil().into(),
            name: "早餐群".to_owned(),
            title: "办公室早餐".to_owned(),
            text: "<b>今天</b>".to_owned(),
            products: (0..products).map(product).collect(),
            link: "https://shop.example/communities/1".to_owned(),
            at: Timestamp::from_millis(0),
            after: None,
            reached: 0,
        }
    }

    #[test]
    fn a_message_fits_and_keeps_its_link() {
        let short = words(&shout(0));
        assert_eq!(
            short,
            "### 办公室早餐\n b 今天 /b \n[早餐群](https://shop.example/communities/1)"
        );
        let long = words(&shout(100));
        assert!(
            long.len() <= MOST && long.len() > MOST - 300,
            "{}",
            long.len()
        );
        assert!(long.ends_with("(https://shop.example/communities/1)"));
    }

    #[test]
    fn what_a_robot_says_is_a_table() {
        for (body, again) in [
            (r#"{"errcode":0,"errmsg":"ok"}"#, None),
            (
                r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
                Some(true),
            ),
            (
                r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
                Some(false),
            ),
            ("<html>", Some(true)),
        ] {
            let met = judge(body.as_bytes()).err().map(|it| it.again);
            assert_eq!(met, again, "{body}");
        }
    }
}
