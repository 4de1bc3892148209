//! A signed request to an address of the shop, by the Standard Webhooks specification.

use super::{Adapter, Shout, Step, Trouble, present, taken};
use crate::App;
use crate::error::{AppError, Result};
use crate::scenarios::store::channel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The adapter.
pub struct Webhook;

impl Adapter for Webhook {
    fn push<'a>(
        &'a self,
        app: &'a App,
        channel: Option<&'a channel::Model>,
        shout: &'a Shout,
    ) -> BoxFuture<'a, Result<Step, Trouble>> {
        async move {
            let channel = present(channel)?;
            let body = body(shout);
            let id = shout.id.to_string();
            let sent = (app.db.now().as_millis() / 1000).to_string();
            let secret = channel.secret.as_deref().unwrap_or_default();
            let signature = sign(secret, &format!("{id}.{sent}.{body}"))?;
            let headers = [
                ("webhook-id", id),
                ("webhook-timestamp", sent),
                ("webhook-signature", signature),
            ];
            let answer = app.outgoing.post(&channel.url, &headers, body).await;
            taken(&answer.map_err(Trouble::passing)?)?;
            Ok(Step::Done)
        }
        .boxed()
    }
}

fn body(it: &Shout) -> String {
    let kind = match it.posting {
        Some(_) => "community.scenario_posted",
        None => "community.trial",
    };
    serde_json::json!({
        "type": kind,
        "timestamp": it.at,
        "data": {
            "community_id": it.community,
            "community": it.name,
            "posting_id": it.posting,
            "title": it.title,
            "text": it.text,
            "products": it.products,
            "link": it.link,
        },
    })
    .to_string()
}

/// The signature of a text: `v1,` and the Base64 of its HMAC with SHA-256.
fn sign(secret: &str, text: &str) -> Result<String> {
    let key = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(key).map_err(AppError::internal)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(AppError::internal)?;
    mac.update(text.as_bytes());
    Ok(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // The example of the specification's reference libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let text = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(
            sign(secret, text).expect("a signature"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
