//! Coupons: pairs of validate and redeem over HTTP against requests that do nothing, and a million
//! codes.

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde_json::{Value, json};

use super::figures::{Figures, median};
use super::load::{Client, Sent, Until, on_this_thread, press};
use super::shop::{ADJUSTMENT, Folder, Server, Start, Template};
use super::{Turns, check};
use crate::process::Step;

/// Codes of the batch that is measured.
const CODES: i64 = 1_000_000;
/// Most seconds that making them may take.
const CODES_MAX_S: f64 = 20.0;
/// Most memory of the server meanwhile, in megabytes.
const MEMORY_MAX_MB: f64 = 200.0;
/// How often a batch is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Compares pairs of validate and redeem with pairs of requests that do nothing.
pub(crate) fn compare(program: &Path, turns: Turns, figures: &mut Figures) -> Result<()> {
    let template = Template::make(program, None)?;
    let step = Step::start("validating and redeeming coupons");
    let (mut ours, mut nothing) = (Vec::new(), Vec::new());
    for pair in 0..turns.pairs {
        let rate = redeeming(program, &template, turns.seconds)?;
        eprintln!("    {pair}: validate and redeem {rate:.0} pairs/s");
        ours.push(rate);
        let rate = doing_nothing(program, &template, turns.seconds)?;
        eprintln!("    {pair}: no write {rate:.0} pairs/s");
        nothing.push(rate);
    }
    step.done();
    figures.tell("coupon_pairs_per_s", median(&ours), "1/s");
    figures.tell("no_write_pairs_per_s", median(&nothing), "1/s");
    let ratios: Vec<f64> = ours.iter().zip(&nothing).map(|(a, b)| a / b).collect();
    figures.ratio("coupon_pairs_vs_no_write", &ratios, None);
    Ok(())
}

const fn for_seconds(seconds: u32) -> Until {
    Until {
        answers: u64::MAX,
        time: Duration::from_secs(seconds as u64),
    }
}

/// Pairs in a second on a fresh database: even requests validate, odd ones redeem the same
/// member's coupon for an order of their own.
fn redeeming(program: &Path, template: &Template, seconds: u32) -> Result<f64> {
    let folder = template.copy()?;
    let server = Server::start(program, folder.path(), &Start::default())?;
    let key = template.key.clone();
    let coupons = on_this_thread(issue(server.address, key.clone(), template.members.clone()))?;
    let members = template.members.clone();
    let make = move |n: u64| {
        let place = ((n / 2) as usize).wrapping_mul(617) % members.len();
        let checkout =
            json!({ "member": members[place], "coupons": [coupons[place]], "cart": cart() });
        if n.is_multiple_of(2) {
            return post(
                "/api/v1/coupon_validations",
                &key,
                format!("v-{n}"),
                &checkout,
            );
        }
        let body = json!({ "order_id": format!("bench-{n}"), "checkout": checkout });
        post("/api/v1/coupon_redemptions", &key, format!("r-{n}"), &body)
    };
    let outcome = on_this_thread(press(server.address, for_seconds(seconds), 201, make))?;
    server.stop()?;
    check(program, folder.path())?;
    match outcome.others.keys().find(|it| **it != 200) {
        Some(status) => bail!("void: {} answers were {status}", outcome.others[status]),
        None => Ok(outcome.answers as f64 / outcome.seconds),
    }
}

/// Pairs of authenticated requests that do nothing, in a second.
fn doing_nothing(program: &Path, template: &Template, seconds: u32) -> Result<f64> {
    let folder = template.copy()?;
    let server = Server::start(program, folder.path(), &Start::default())?;
    let key = template.key.clone();
    let make = move |_| Sent {
        method: Method::POST,
        path: "/api/v1/bench/no_write".to_owned(),
        bearer: key.clone(),
        headers: Vec::new(),
        body: ADJUSTMENT.to_owned(),
    };
    let outcome = on_this_thread(press(server.address, for_seconds(seconds), 201, make))?;
    let outcome = outcome.clean("no write")?;
    server.stop()?;
    Ok(outcome.rate() / 2.0)
}

fn cart() -> Value {
    json!({ "currency": "CNY", "shipping": 800, "lines": [
        { "line_id": "a", "sku": "tea", "quantity": 2, "amount": 6_000 },
        { "line_id": "b", "sku": "mug", "quantity": 1, "amount": 4_000 },
    ] })
}

fn post(path: &str, key: &Rc<str>, intent: String, body: &Value) -> Sent {
    Sent {
        method: Method::POST,
        path: path.to_owned(),
        bearer: key.clone(),
        headers: vec![("idempotency-key", intent)],
        body: body.to_string(),
    }
}

async fn ask(client: &mut Client, sent: Sent) -> Result<Value> {
    let answer = client.ask(sent).await?;
    if !(200..300).contains(&answer.status) {
        bail!(
            "{}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

fn id(value: &Value, name: &str) -> Result<String> {
    let text = value[name].as_str().with_context(|| format!("no {name}"))?;
    Ok(text.to_owned())
}

/// Makes a template with a budget and begins it.
async fn template_of(client: &mut Client, key: &Rc<str>) -> Result<String> {
    let terms = json!({
        "name": { "zh-CN": "券", "en": "Coupon" },
        "discount": { "kind": "amount_off", "amount": 1_000 },
        "threshold_amount": 5_000,
        "validity": { "kind": "days", "days": 30 },
        "limits": { "uses_per_coupon": 1_000, "budget_amount": 1_000_000_000 },
    });
    let made = ask(
        client,
        post("/api/v1/coupon_templates", key, "t".to_owned(), &terms),
    )
    .await?;
    let made = id(&made, "id")?;
    let path = format!("/api/v1/coupon_templates/{made}/states");
    let begin = post(&path, key, "s".to_owned(), &json!({ "state": "active" }));
    ask(client, begin).await?;
    Ok(made)
}

/// Gives every member a coupon that can be used many times.
async fn issue(
    address: std::net::SocketAddr,
    key: Rc<str>,
    members: Rc<[String]>,
) -> Result<Vec<String>> {
    let mut client = Client::connect(address).await?;
    let template = template_of(&mut client, &key).await?;
    let path = format!("/api/v1/coupon_templates/{template}/publications");
    let mut coupons = Vec::with_capacity(members.len());
    for (n, member) in members.iter().enumerate() {
        let body = json!({ "member": member, "source_id": format!("bench-{n}") });
        let given = ask(&mut client, post(&path, &key, format!("p-{n}"), &body)).await?;
        coupons.push(id(&given, "coupon_id")?);
    }
    Ok(coupons)
}

/// Makes a million codes: how long it takes, how much memory the server has at most, and when the
/// first of them leave when they are exported.
pub(crate) fn make_codes(program: &Path, figures: &mut Figures) -> Result<()> {
    let template = Template::make(program, None)?;
    let step = Step::start(format!("making {CODES} codes"));
    let folder: Folder = template.copy()?;
    let server = Server::start(program, folder.path(), &Start::default())?;
    let (seconds, first_byte, lines) =
        on_this_thread(measure(server.address, template.key.clone()))?;
    let memory = server.peak_mb()?;
    server.stop()?;
    check(program, folder.path())?;
    step.done();
    if lines != CODES as u64 + 1 {
        bail!("void: the export has {lines} lines");
    }
    figures.at_most("million_codes", seconds, "s", CODES_MAX_S);
    figures.at_most("million_codes_peak_memory", memory, "MB", MEMORY_MAX_MB);
    figures.at_most("export_first_byte", first_byte, "s", 1.0);
    Ok(())
}

async fn measure(address: std::net::SocketAddr, key: Rc<str>) -> Result<(f64, f64, u64)> {
    let mut client = Client::connect(address).await?;
    let template = template_of(&mut client, &key).await?;
    let path = format!("/api/v1/coupon_templates/{template}/code_batches");
    let began = Instant::now();
    let body = json!({ "count": CODES });
    let batch = ask(&mut client, post(&path, &key, "c".to_owned(), &body)).await?;
    let path = format!("/api/v1/code_batches/{}", id(&batch, "id")?);
    let get = |path: String| Sent {
        method: Method::GET,
        path,
        bearer: key.clone(),
        headers: Vec::new(),
        body: String::new(),
    };
    loop {
        let now = ask(&mut client, get(path.clone())).await?;
        match now["state"].as_str() {
            Some("done") => break,
            Some("running") => tokio::time::sleep(LOOK).await,
            _ => bail!("the batch is {now}"),
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let (first_byte, lines) = client.stream_lines(get(format!("{path}/codes"))).await?;
    Ok((seconds, first_byte, lines))
}
