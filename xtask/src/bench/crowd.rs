//! Members who wait for a flash sale, and their rush when it is open.

use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde_json::{Value, json};

use super::Turns;
use super::load::{Client, Sent, Until, on_this_thread, press_all};
use super::shop::{Folder, Server, Start, make_key};
use crate::process::Step;

/// Members, of whom each claims once.
pub(super) const CROWD: u64 = 50_000;
/// Connections of a turn.
pub(super) const MANY: usize = 256;
/// Seconds in which all of them must have looked at the sale.
const LOOKING: u32 = 120;

/// A crowd before a sale that is open, to begin each turn with.
pub(super) struct Crowd {
    folder: Folder,
    pub(super) key: Rc<str>,
    /// The sale.
    pub(super) sale: String,
}

impl Crowd {
    /// Gathers one in a folder, and in a database on PostgreSQL if that is given; `stock` pieces
    /// are to be had.
    pub(super) fn gather(program: &Path, stock: u64, database: Option<&str>) -> Result<Self> {
        let step = Step::start(format!("gathering {CROWD} members"));
        let folder = Folder::new()?;
        let scopes = ["members:write", "points:write", "webhooks:write"];
        let key = make_key(program, folder.path(), database, &scopes)?;
        let server = start(program, &folder, database)?;
        let (address, secret) = (server.address, key.clone());
        let sale = on_this_thread(async move {
            let members = json!({ "members": CROWD });
            post(address, "/api/v1/bench/crowds", &secret, &members).await?;
            let stock = json!({ "stock": stock });
            let sale = post(address, "/api/v1/bench/sales", &secret, &stock).await?;
            let sale: Value = serde_json::from_slice(&sale)?;
            Ok(sale["id"]
                .as_str()
                .context("a sale without an id")?
                .to_owned())
        })?;
        server.stop()?;
        step.done();
        Ok(Self { folder, key, sale })
    }

    /// Lets something happen to the crowd before the first turn.
    pub(super) fn live_through(
        &self,
        program: &Path,
        work: impl FnOnce(&Server) -> Result<()>,
    ) -> Result<()> {
        let server = start(program, &self.folder, None)?;
        work(&server)?;
        server.stop()
    }

    /// Asks in the shop's name.
    pub(super) fn post(&self, server: &Server, path: &str, body: &Value) -> Result<Value> {
        let answer = on_this_thread(post(server.address, path, &self.key, body))?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// A server on a fresh copy.
    pub(super) fn serve(&self, program: &Path) -> Result<(Folder, Server)> {
        let folder = self.folder.copy()?;
        let server = start(program, &folder, None)?;
        Ok((folder, server))
    }

    /// A token of each member. They come in any order, but in the same one in every turn.
    pub(super) fn tokens(&self, server: &Server) -> Result<Rc<[Rc<str>]>> {
        let lines = on_this_thread(ask(
            server.address,
            Method::GET,
            "/api/v1/bench/tokens",
            &self.key,
            String::new(),
        ))?;
        let lines = String::from_utf8(lines)?;
        let mut tokens: Vec<Rc<str>> = lines.lines().map(Into::into).collect();
        fastrand::Rng::with_seed(7).shuffle(&mut tokens);
        Ok(tokens.into())
    }

    /// Lets each member look at the sale once, as people do who wait for it to open. It is not a
    /// part of what is measured.
    pub(super) fn look(&self, server: &Server) -> Result<()> {
        let path = format!("/api/v1/me/flash_sales/{}", self.sale);
        let tokens = self.tokens(server)?;
        let make = move |n: u64| Sent {
            method: Method::GET,
            path: path.clone(),
            bearer: tokens[n as usize % tokens.len()].clone(),
            headers: Vec::new(),
            body: String::new(),
        };
        let looked = on_this_thread(press_all(
            &[server.address],
            MANY,
            until(LOOKING),
            200,
            make,
        ))?;
        let looked = looked.clean("looks at the sale")?;
        if looked.answers < CROWD {
            bail!(
                "void: only {} of {CROWD} had looked at the sale",
                looked.answers
            );
        }
        Ok(())
    }

    /// The n-th member's claim of one piece.
    pub(super) fn claim(&self, tokens: &Rc<[Rc<str>]>) -> impl Fn(u64) -> Sent + 'static {
        let path = format!("/api/v1/flash_sales/{}/claims", self.sale);
        one_each(tokens, path)
    }

    /// Pieces that are held.
    pub(super) fn held(&self, server: &Server, token: &Rc<str>) -> Result<u64> {
        let path = format!("/api/v1/flash_sales/{}/live", self.sale);
        let body = on_this_thread(ask(
            server.address,
            Method::GET,
            &path,
            token,
            String::new(),
        ))?;
        let live: Value = serde_json::from_slice(&body)?;
        let milk = &live["products"][0];
        let (stock, free) = (milk["stock"].as_u64(), milk["free"].as_u64());
        Ok(stock.context("no stock")? - free.context("nothing free")?)
    }

    /// Lets members claim as fast as they are answered; claims in a second.
    pub(super) fn rush(&self, servers: &[&Server], turns: Turns) -> Result<f64> {
        let tokens = self.tokens(servers[0])?;
        let addresses: Vec<SocketAddr> = servers.iter().map(|it| it.address).collect();
        let make = self.claim(&tokens);
        let outcome = on_this_thread(press_all(&addresses, MANY, until(turns.seconds), 201, make))?;
        let outcome = outcome.clean("claims")?;
        self.audit(servers[0], &tokens, outcome.answers)?;
        Ok(outcome.rate())
    }

    /// Refuses a turn in which other claims stand than were answered.
    fn audit(&self, server: &Server, tokens: &Rc<[Rc<str>]>, answers: u64) -> Result<()> {
        let token = tokens.first().context("nobody is there")?;
        let held = self.held(server, token)?;
        if held != answers {
            bail!("void: {answers} claims were answered, and {held} pieces are held");
        }
        Ok(())
    }
}

/// At most so long, and no member twice.
pub(super) const fn until(seconds: u32) -> Until {
    Until {
        answers: CROWD,
        time: Duration::from_secs(seconds as u64),
    }
}

/// One request for each member.
pub(super) fn one_each(tokens: &Rc<[Rc<str>]>, path: String) -> impl Fn(u64) -> Sent + 'static {
    let tokens = tokens.clone();
    move |n| Sent {
        method: Method::POST,
        path: path.clone(),
        bearer: tokens[n as usize % tokens.len()].clone(),
        headers: vec![("idempotency-key", format!("claim-{n}"))],
        body: r#"{"sku":"milk","quantity":1}"#.to_owned(),
    }
}

pub(super) fn start(program: &Path, folder: &Folder, database: Option<&str>) -> Result<Server> {
    let start = Start {
        database: database.map(str::to_owned),
        ..Start::default()
    };
    Server::start(program, folder.path(), &start)
}

async fn post(address: SocketAddr, path: &str, bearer: &Rc<str>, body: &Value) -> Result<Vec<u8>> {
    ask(address, Method::POST, path, bearer, body.to_string()).await
}

async fn ask(
    address: SocketAddr,
    method: Method,
    path: &str,
    bearer: &Rc<str>,
    body: String,
) -> Result<Vec<u8>> {
    let mut client = Client::connect(address).await?;
    let sent = Sent {
        method,
        path: path.to_owned(),
        bearer: bearer.clone(),
        headers: Vec::new(),
        body,
    };
    let answer = client.ask(sent).await?;
    if !(200..300).contains(&answer.status) {
        let said = String::from_utf8_lossy(&answer.body);
        bail!("{path}: {}: {said}", answer.status);
    }
    Ok(answer.body.to_vec())
}
