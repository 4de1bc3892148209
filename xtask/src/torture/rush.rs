//! A flash sale in the midst of it: few pieces, and members who claim again and again.

use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde_json::{Value, json};

use crate::bench::{Client, Sent, Template};

/// Pieces that are to be had in a round.
const STOCK: u64 = 400;
/// Members who claim.
const CLAIMANTS: usize = 40;
/// Pieces that one of them can have.
const LIMIT: u64 = 20;

/// The sale of one round.
pub(super) struct Rush {
    sale: String,
    tokens: Vec<Rc<str>>,
}

impl Rush {
    /// Opens a sale and signs members in.
    pub(super) async fn open(template: &Template, address: SocketAddr) -> Result<Self> {
        let mut client = Client::connect(address).await?;
        let (email, password) = &template.staff;
        let sign_in = json!({ "email": email, "password": password });
        let page = ("x-coterie-client", "console".to_owned());
        let path = "/api/v1/staff_sessions";
        let signed_in = ask(&mut client, path, "", page, &sign_in).await?;
        let staff = text(&signed_in, "access_token")?;
        let sale = open_sale(&mut client, &staff).await?;
        let mut tokens = Vec::with_capacity(CLAIMANTS);
        for member in template.members.iter().take(CLAIMANTS) {
            tokens.push(sign_in_member(&mut client, &template.key, member).await?);
        }
        Ok(Self { sale, tokens })
    }

    /// The n-th claim of one piece.
    pub(super) fn claim(&self, n: u64) -> Sent {
        Sent {
            method: Method::POST,
            path: format!("/api/v1/flash_sales/{}/claims", self.sale),
            bearer: self.tokens[n as usize % self.tokens.len()].clone(),
            headers: vec![("idempotency-key", format!("claim-{n}"))],
            body: r#"{"sku":"milk","quantity":1}"#.to_owned(),
        }
    }

    /// Whether what is held can be what was answered: not less, not more than there is, and
    /// nobody over the limit.
    pub(super) async fn audit(&self, client: &mut Client, numbers: &[u64]) -> Result<()> {
        let sent = Sent {
            method: Method::GET,
            path: format!("/api/v1/flash_sales/{}/live", self.sale),
            bearer: self.tokens[0].clone(),
            headers: Vec::new(),
            body: String::new(),
        };
        let live: Value = serde_json::from_slice(&client.ask(sent).await?.body)?;
        let free = live["products"][0]["free"].as_u64().context("no stock")?;
        let held = STOCK - free.min(STOCK);
        let answered = numbers.len() as u64;
        if held < answered {
            bail!("{answered} claims were answered, and {held} pieces are held");
        }
        for claimant in 0..self.tokens.len() {
            let own = |it: &&u64| **it as usize % self.tokens.len() == claimant;
            let has = numbers.iter().filter(own).count() as u64;
            if has > LIMIT {
                bail!("a member has {has} pieces where {LIMIT} can be had");
            }
        }
        Ok(())
    }
}

async fn open_sale(client: &mut Client, staff: &str) -> Result<String> {
    let name = json!({ "zh-CN": "牛奶", "en": "Milk" });
    let now = jiff::Timestamp::now();
    let sale = json!({
        "title": name,
        "products": [{
            "sku": "milk", "name": name, "price": 990, "list_price": 1990,
            "stock": STOCK, "per_member": LIMIT,
        }],
        "starts_at": now.to_string(),
        "ends_at": (now + jiff::SignedDuration::from_hours(24)).to_string(),
        "payment_minutes": 60,
    });
    let intent = || ("idempotency-key", fastrand::u64(..).to_string());
    let made = ask(client, "/api/v1/flash_sales", staff, intent(), &sale).await?;
    let id = text(&made, "id")?.to_string();
    let publish = format!("/api/v1/flash_sales/{id}/publish");
    ask(client, &publish, staff, intent(), &json!({})).await?;
    Ok(id)
}

/// As the shop's own pages do it: a code that the page exchanges.
async fn sign_in_member(client: &mut Client, key: &Rc<str>, member: &str) -> Result<Rc<str>> {
    let whom = json!({ "member": member });
    let page = ("x-coterie-client", "member".to_owned());
    let handed = ask(client, "/api/v1/embed_sessions", key, page.clone(), &whom).await?;
    let url = text(&handed, "url")?;
    let code = json!({ "code": url.rsplit('/').next() });
    let path = "/api/v1/sessions/exchange";
    let session = ask(client, path, "", page, &code).await?;
    text(&session, "access_token")
}

fn text(from: &Value, name: &str) -> Result<Rc<str>> {
    let found = from[name].as_str();
    Ok(found.with_context(|| format!("no {name}"))?.into())
}

async fn ask(
    client: &mut Client,
    path: &str,
    bearer: &str,
    header: (&'static str, String),
    body: &Value,
) -> Result<Value> {
    let sent = Sent {
        method: Method::POST,
        path: path.to_owned(),
        bearer: bearer.into(),
        headers: vec![header],
        body: body.to_string(),
    };
    let answer = client.ask(sent).await?;
    if !(200..300).contains(&answer.status) {
        let said = String::from_utf8_lossy(&answer.body);
        bail!("{path}: {}: {said}", answer.status);
    }
    Ok(serde_json::from_slice(&answer.body)?)
}
