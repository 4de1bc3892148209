//! Playing a story line by line.

use super::Described;
use crate::support::{Call, TestApp};
use futures::StreamExt;
use serde_json::{Map, Value, json};
use server::auth::Actor;
use shared::staff::api::CreateStaff;
use shared::staff::{Role, Scope};
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// The lines of a story: what begins with a blank goes on with the line before.
pub fn lines(story: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let said = story
        .lines()
        .filter(|it| !it.trim().is_empty() && !it.starts_with('#'));
    for line in said {
        match lines.last_mut() {
            Some(last) if line.starts_with(' ') => last.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Who plays a story, and what came of it.
pub struct Player<'a> {
    app: &'a TestApp,
    operations: Vec<Described>,
    names: BTreeMap<String, String>,
    cookies: BTreeMap<&'static str, String>,
    intents: usize,
    /// The first request of each operation, with its answer.
    pub examples: Map<String, Value>,
}

/// What came back.
struct Said {
    status: u16,
    body: Value,
    etag: String,
}

/// Whose pages ask.
fn side(path: &str) -> &'static str {
    if path.contains("staff_sessions") {
        "console"
    } else {
        "member"
    }
}

impl<'a> Player<'a> {
    /// A shop with an owner, and a key for its systems.
    pub async fn new(app: &'a TestApp, operations: Vec<Described>) -> Self {
        let owner = CreateStaff {
            email: "owner@example.com".to_owned(),
            name: "Owner".to_owned(),
            role: Role::Admin,
            password: "correct horse battery".to_owned(),
        };
        let made = server::staff::service::create(&app.app, owner, Actor::System).await;
        made.expect("the account is made");
        let key = app.api_key(&Scope::ALL).await;
        Self {
            app,
            operations,
            names: BTreeMap::from([("key".to_owned(), key)]),
            cookies: BTreeMap::new(),
            intents: 0,
            examples: Map::new(),
        }
    }

    /// Plays a line. What comes back must be good.
    pub async fn play(&mut self, line: &str) {
        let (asked, keeps) = line.split_once(" -> ").unwrap_or((line, ""));
        let mut parts = asked.trim().splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (who, method, path, rest) = (part(), part(), part(), part());
        let path = format!("/api/v1{}", self.filled(path));
        let (seen, body) = match rest.strip_prefix("if:") {
            Some(rest) => rest.split_once(' ').unwrap_or((rest, "")),
            None => ("", rest),
        };
        let (seen, body) = (self.filled(seen), self.filled(body));
        let said = self.ask(line, (who, method, &path), &seen, &body).await;
        self.keep(line, keeps, &said);
        let asked = serde_json::from_str(&body)
            .unwrap_or_else(|_| json!(body.strip_prefix("csv:").map(|it| it.replace("\\n", "\n"))));
        let name = self.operation(method, &path);
        let example =
            json!({ "path": path, "body": asked, "status": said.status, "answer": said.body });
        self.examples.entry(name).or_insert(example);
    }

    /// A request, with whatever this caller sends along.
    fn call(&mut self, line: &str, (who, method, path): (&str, &str, &str)) -> Call {
        self.intents += 1;
        let intent = format!("example-{}", self.intents);
        let mut call = self.app.call(method, path).idempotency_key(&intent);
        if who != "-" {
            let token = self.names.get(who);
            call = call.bearer(token.unwrap_or_else(|| panic!("{line}: nobody is {who}")));
        }
        let sessions = ["/sessions", "/sign_ups", "/staff_sessions"];
        if sessions.iter().any(|it| path.contains(it)) {
            call = call.page(side(path));
            if let Some(cookie) = self.cookies.get(side(path)) {
                call = call.cookie(cookie);
            }
        }
        call
    }

    async fn ask(&mut self, line: &str, asked: (&str, &str, &str), seen: &str, body: &str) -> Said {
        let path = asked.2;
        let mut call = self.call(line, asked);
        if !seen.is_empty() {
            call = call.header("if-match", &format!("\"{seen}\""));
        }
        if let Some(file) = body.strip_prefix("csv:") {
            call = call.raw(file.replace("\\n", "\n"));
            call = call.header("content-type", "text/csv");
        } else if !body.is_empty() {
            call = call.raw(body);
        }
        if path.ends_with("/events") {
            let first = call.stream().await.next().await.expect("an event");
            let body = json!(String::from_utf8_lossy(&first.expect("it arrives")));
            let (status, etag) = (200, String::new());
            return Said { status, body, etag };
        }
        let answer = call.await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!((200..300).contains(&answer.status), "{line}: {text}");
        if answer.headers.contains_key("set-cookie") {
            self.cookies.insert(side(path), answer.cookie());
        }
        let etag = answer.headers.get("etag").and_then(|it| it.to_str().ok());
        let etag = etag.unwrap_or_default().trim_matches('"').to_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Said {
            status: answer.status,
            body,
            etag,
        }
    }

    /// Keeps parts of an answer: `name=/pointer`, `name=/pointer|tail`, `name=etag`.
    fn keep(&mut self, line: &str, keeps: &str, said: &Said) {
        for keep in keeps.split_whitespace() {
            let (name, from) = keep.split_once('=').expect("a name and where it is");
            let (pointer, tail) = from.split_once('|').unwrap_or((from, ""));
            let found = said.body.pointer(pointer);
            let mut text = match found {
                _ if pointer == "etag" => said.etag.clone(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => panic!("{line}: no {pointer} in {}", said.body),
            };
            if !tail.is_empty() {
                text = text
                    .rsplit(['/', '#'])
                    .next()
                    .unwrap_or_default()
                    .to_owned();
            }
            self.names.insert(name.to_owned(), text);
        }
    }

    /// A text with names and times in their places.
    fn filled(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '@']) {
            let (before, mark) = rest.split_at(at);
            out.push_str(before);
            let word = |it: char| it.is_ascii_alphanumeric() || "_+-".contains(it);
            let end = mark[1..]
                .find(|it| !word(it))
                .map_or(mark.len(), |it| it + 1);
            let name = &mark[1..end];
            match self.names.get(name) {
                Some(value) if mark.starts_with('$') => out.push_str(value),
                _ => match self.time(name).filter(|_| mark.starts_with('@')) {
                    Some(time) => out.push_str(&time),
                    None => out.push_str(&mark[..end]),
                },
            }
            rest = &mark[end..];
        }
        out + rest
    }

    /// `+60` is so many seconds from now, `-1d` the day so long ago.
    fn time(&self, text: &str) -> Option<String> {
        let now: Timestamp = self.app.app.db.now();
        if let Some(days) = text.strip_suffix('d') {
            let rulebook = self.app.app.rulebook();
            let zone = rulebook.zone_of("");
            return Some(now.plus_days(days.parse().ok()?).date_in(&zone).to_string());
        }
        let seconds: i64 = text.parse().ok().filter(|_| text.starts_with(['+', '-']))?;
        Some(now.plus_millis(seconds * 1000).to_string())
    }

    /// The name of the operation at an address: of several, the one with the fewest parameters.
    fn operation(&self, method: &str, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |it: &&Described| {
            let same = |(a, b): (&String, &&str)| a.starts_with('{') || a == *b;
            it.method == method
                && it.path.len() == parts.len()
                && it.path.iter().zip(&parts).all(same)
        };
        let open = |it: &&Described| it.path.iter().filter(|it| it.starts_with('{')).count();
        let found = self.operations.iter().filter(fits).min_by_key(open);
        found.map_or_else(
            || panic!("no operation is {method} {path}"),
            |it| it.name.clone(),
        )
    }
}
