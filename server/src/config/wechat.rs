//! Settings of WeChat. The secret comes from the environment alone, so that no file holds it.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use shared::embed::origins::is_host;
use shared::wechat::rules::is_this_machine;

/// The variable with the secret.
pub(super) const APP_SECRET: &str = "COTERIE_WECHAT_APP_SECRET";

/// Longest id of an account; WeChat's have 18 characters.
const APP_ID_MAX: usize = 64;

/// An official account, and for which pages it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Wechat {
    /// Its id, which browsers get to know.
    pub app_id: String,
    /// Its secret, which they do not.
    pub app_secret: String,
    /// Where WeChat's API is, without a slash at its end.
    pub api_url: String,
    /// Hosts, with their ports if they have any, whose pages are signed.
    pub hosts: Vec<String>,
}

/// Everything but the secret.
impl std::fmt::Debug for Wechat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wechat")
            .field("app_id", &self.app_id)
            .field("api_url", &self.api_url)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// The settings as they are written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    app_id: Option<String>,
    api_url: String,
    hosts: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app_id: None,
            api_url: "https://api.weixin.qq.com".to_owned(),
            hosts: Vec::new(),
        }
    }
}

impl Settings {
    /// The account with its secret; nothing when there is neither.
    pub(super) fn complete(
        self,
        secret: Option<String>,
        public_url: &str,
    ) -> Result<Option<Wechat>> {
        let (app_id, app_secret) = match (self.app_id, secret) {
            (None, None) => return Ok(None),
            (Some(_), None) => bail!("wechat.app_id needs {APP_SECRET} in the environment"),
            (None, Some(_)) => bail!("{APP_SECRET} needs wechat.app_id beside it"),
            (Some(id), Some(secret)) => (id, secret),
        };
        let is_id = (1..=APP_ID_MAX).contains(&app_id.len())
            && app_id.bytes().all(|it| it.is_ascii_alphanumeric());
        if !is_id {
            bail!("wechat.app_id: expected letters and digits, such as wx0123456789abcdef");
        }
        let api_url = self.api_url.trim_end_matches('/').to_owned();
        check_api_url(&api_url)?;
        let mut hosts = self.hosts;
        if hosts.is_empty() {
            let own = public_url.split_once("://").map_or("", |(_, host)| host);
            hosts.push(own.to_ascii_lowercase());
        }
        if let Some(odd) = hosts.iter().find(|it| !is_host(it)) {
            bail!("wechat.hosts: expected hosts such as club.example, not {odd:?}");
        }
        Ok(Some(Wechat {
            app_id,
            app_secret,
            api_url,
            hosts,
        }))
    }
}

/// The secret is sent there, so it goes encrypted, or stays on this machine.
fn check_api_url(url: &str) -> Result<()> {
    let safe = url.strip_prefix("https://");
    let near = url
        .strip_prefix("http://")
        .filter(|it| is_this_machine(it.split('/').next().unwrap_or_default()));
    let fine = safe.or(near).is_some_and(|rest| {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        is_host(host) && !path.contains(['?', '#'])
    });
    if !fine {
        bail!("wechat.api_url: expected https:// and a host, not {url:?}");
    }
    Ok(())
}
