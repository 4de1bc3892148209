//! What Home shows, against a request of the same member for which nothing is looked up.

use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, bail};
use hyper::Method;
use serde::Deserialize;

use super::Turns;
use super::figures::{Figures, median};
use super::load::{Client, Sent, Until, on_this_thread, press};
use super::shop::{Server, Start, Template};
use crate::process::Step;

/// Adjustments that the member's Home has to tell of.
const ACTIVITY: u64 = 20;

/// Compares.
pub(crate) fn compare(program: &Path, turns: Turns, figures: &mut Figures) -> Result<()> {
    let template = Template::make(program, None)?;
    let folder = template.copy()?;
    let server = Server::start(program, folder.path(), &Start::default())?;
    let address = server.address;
    let token: Rc<str> = on_this_thread(sign_up(address, template.key.clone()))?.into();
    let step = Step::start("a member's summary");
    let (mut summary, mut nothing) = (Vec::new(), Vec::new());
    for pair in 0..turns.pairs {
        for (path, rates) in [
            ("/api/v1/me/summary", &mut summary),
            ("/api/v1/bench/no_read", &mut nothing),
        ] {
            press_once(address, path, &token, Duration::from_millis(500))?;
            let time = Duration::from_secs(u64::from(turns.seconds));
            let rate = press_once(address, path, &token, time)?;
            eprintln!("    {pair}: {path} {rate:.0}/s");
            rates.push(rate);
        }
    }
    server.stop()?;
    step.done();
    let ratios: Vec<f64> = summary.iter().zip(&nothing).map(|(a, b)| a / b).collect();
    figures.tell("summaries_per_s", median(&summary), "1/s");
    figures.tell("no_read_per_s", median(&nothing), "1/s");
    figures.ratio("summary_vs_no_read", &ratios, Some(0.6));
    Ok(())
}

fn press_once(
    address: SocketAddr,
    path: &'static str,
    token: &Rc<str>,
    time: Duration,
) -> Result<f64> {
    let token = token.clone();
    let make = move |_| Sent {
        method: Method::GET,
        path: path.to_owned(),
        bearer: token.clone(),
        headers: Vec::new(),
        body: String::new(),
    };
    let until = Until {
        answers: u64::MAX,
        time,
    };
    let outcome = on_this_thread(press(address, until, 200, make))?;
    Ok(outcome.clean(path)?.rate())
}

/// Makes a member who has something to see, and answers with the access token.
async fn sign_up(address: SocketAddr, key: Rc<str>) -> Result<String> {
    #[derive(Deserialize)]
    struct Session {
        access_token: String,
        member_id: String,
    }
    let mut client = Client::connect(address).await?;
    let answer = client
        .ask(Sent {
            method: Method::POST,
            path: "/api/v1/sign_ups".to_owned(),
            bearer: "".into(),
            headers: vec![("x-coterie-client", "member".to_owned())],
            body: r#"{"email":"reader@example.com","password":"a long password"}"#.to_owned(),
        })
        .await?;
    if answer.status != 201 {
        bail!("no sign-up: {}", String::from_utf8_lossy(&answer.body));
    }
    let session: Session = serde_json::from_slice(&answer.body)?;
    for n in 0..ACTIVITY {
        let sent = Sent {
            method: Method::POST,
            path: format!("/api/v1/members/{}/points/adjustments", session.member_id),
            bearer: key.clone(),
            headers: vec![("idempotency-key", format!("activity-{n}"))],
            body: super::shop::ADJUSTMENT.to_owned(),
        };
        let answer = client.ask(sent).await?;
        if answer.status != 201 {
            bail!("no points: {}", String::from_utf8_lossy(&answer.body));
        }
    }
    Ok(session.access_token)
}
