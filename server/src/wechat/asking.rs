//! What is asked of WeChat: a token with the account's secret, and a ticket with the token.
//!
//! The token is the "stable" one. The older `token` ends whatever token was given before, so that
//! this server and the shop's other systems with the same account would end each other's; and it
//! takes the secret in the address, where logs along the way would keep it.

use crate::config::Wechat;
use crate::outgoing::{Answer, Outgoing};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Longest wait for an answer of WeChat.
const WITHIN: Duration = Duration::from_secs(5);
/// Longest token or ticket, in bytes; WeChat asks for room for 512.
const MAX_VALUE: usize = 2048;
/// Longest life of a token or ticket, in seconds; WeChat's last two hours.
const MAX_LIFE_S: i64 = 86_400;

/// An official account, and what asks WeChat for it.
pub struct Account {
    pub(super) settings: Wechat,
    outgoing: Outgoing,
}

/// What WeChat lends: a token or a ticket.
#[derive(Clone)]
pub(super) struct Lent {
    pub(super) value: String,
    pub(super) seconds: i64,
}

/// Why WeChat lent nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It answered with this code.
    Refused(i64),
    /// No answer came, or none that can be read.
    Unheard(String),
}

/// How it answers: with a code, or with what was asked for.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    errcode: i64,
    access_token: Option<String>,
    ticket: Option<String>,
    expires_in: Option<i64>,
}

impl Account {
    /// An account; `private` allows an API inside the operator's own network. An address without
    /// encryption is on this machine, as the settings are checked to say.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read.
    pub(crate) fn new(settings: Wechat, private: bool) -> Result<Self, reqwest::Error> {
        let private = private || settings.api_url.starts_with("http://");
        Ok(Self {
            outgoing: Outgoing::new(private)?,
            settings,
        })
    }

    /// A token for this account.
    pub(super) async fn token(&self) -> Result<Lent, Trouble> {
        let url = format!("{}/cgi-bin/stable_token", self.settings.api_url);
        let body = json!({
            "grant_type": "client_credential",
            "appid": self.settings.app_id,
            "secret": self.settings.app_secret,
        });
        let asked = self.outgoing.post(&url, &[], body.to_string());
        let said = heard(tokio::time::timeout(WITHIN, asked).await)?;
        lent(said.access_token, said.expires_in)
    }

    /// A ticket for signatures.
    pub(super) async fn ticket(&self, token: &str) -> Result<Lent, Trouble> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("access_token", token)
            .append_pair("type", "jsapi")
            .finish();
        let url = format!("{}/cgi-bin/ticket/getticket?{query}", self.settings.api_url);
        let asked = self.outgoing.get(&url);
        let said = heard(tokio::time::timeout(WITHIN, asked).await)?;
        lent(said.ticket, said.expires_in)
    }
}

type Waited = Result<Result<Answer, String>, tokio::time::error::Elapsed>;

fn heard(answer: Waited) -> Result<Said, Trouble> {
    let unheard = |what: &str| Trouble::Unheard(what.to_owned());
    let answer = answer.map_err(|_| unheard("timed out"))?;
    let answer = answer.map_err(Trouble::Unheard)?;
    if answer.status != 200 {
        return Err(Trouble::Unheard(format!("answered {}", answer.status)));
    }
    let said: Result<Said, _> = serde_json::from_slice(&answer.body);
    let said = said.map_err(|_| unheard("the answer cannot be read"))?;
    match said.errcode {
        0 => Ok(said),
        code => Err(Trouble::Refused(code)),
    }
}

fn lent(value: Option<String>, seconds: Option<i64>) -> Result<Lent, Trouble> {
    let is_value = |it: &String| {
        (1..=MAX_VALUE).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_graphic())
    };
    match (value.filter(is_value), seconds) {
        (Some(value), Some(seconds)) if seconds > 0 => Ok(Lent {
            value,
            seconds: seconds.min(MAX_LIFE_S),
        }),
        _ => Err(Trouble::Unheard(
            "the answer lacks what was asked for".to_owned(),
        )),
    }
}

impl Trouble {
    /// Whether the token is to blame, so that another may help.
    pub(super) const fn is_of_token(&self) -> bool {
        matches!(self, Self::Refused(40001 | 40014 | 42001))
    }

    /// How long WeChat is left alone after it, in seconds.
    pub(super) const fn rest_s(&self) -> i64 {
        match self {
            // What a day or a month allows is used up; asking does not bring it back.
            Self::Refused(45009) => 1800,
            // Busy, or asked too often in this minute.
            Self::Refused(-1 | 45011) => 60,
            // Something that people have to set right.
            Self::Refused(_) => 120,
            Self::Unheard(_) => 30,
        }
    }

    /// What it means, for whoever runs this server. WeChat's own words stay out of the log: they may
    /// quote what was sent.
    pub(super) fn in_words(&self) -> String {
        let meaning = match self {
            Self::Unheard(what) => return what.clone(),
            Self::Refused(-1) => "WeChat is busy",
            Self::Refused(40001 | 40014 | 42001) => "the token is not accepted",
            Self::Refused(40013) => "there is no account with this id",
            Self::Refused(40125) => "the secret is wrong",
            Self::Refused(40164) => {
                "this server's address is not on the account's list: add it under basic configuration"
            }
            Self::Refused(40243) => "the secret is frozen",
            Self::Refused(45009) => "as many requests were made as a day allows",
            Self::Refused(45011) => "too many requests in a minute",
            Self::Refused(48001) => "the account may not use this interface",
            Self::Refused(50002 | 50004 | 50007) => "the account is not active",
            Self::Refused(_) => "see WeChat's list of codes",
        };
        match self {
            Self::Refused(code) => format!("WeChat answered {code}: {meaning}"),
            Self::Unheard(_) => meaning.to_owned(),
        }
    }
}
