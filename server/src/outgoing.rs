//! Requests of ours to addresses that people wrote into forms or settings: only to public ones, without
//! following redirects, and bounded in time and size. A name is judged by the addresses that it
//! leads to at that moment, so that it cannot lead elsewhere after it was looked at.

pub mod signature;

use futures::FutureExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for a whole answer.
const ANSWER: Duration = Duration::from_secs(15);
/// As much of an answer is read, in bytes.
const MOST: usize = 64 * 1024;
/// Longest address, in bytes.
const MAX_URL: usize = 2000;

/// What asks others.
pub struct Outgoing {
    client: Client,
    /// Whether addresses that are not public may be asked, and without encryption.
    private: bool,
}

/// What another server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// For how long it asked to be left alone (`Retry-After`), in milliseconds.
    pub retry_after_ms: Option<i64>,
    /// The beginning of the body, at most 64 KiB.
    pub body: Vec<u8>,
}

/// Names lead to their public addresses only.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|it| is_public(it.ip())).collect();
            if public.is_empty() {
                return Err("no public address".into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        }
        .boxed()
    }
}

impl Outgoing {
    /// What asks others; `private` allows addresses that are not public and `http://`, for
    /// receivers in the shop's own network.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read.
    pub fn new(private: bool) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder()
            .user_agent(concat!("Coterie/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // A proxy would look names up by itself, and go where we do not.
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .https_only(!private);
        if !private {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self {
            client: client.build()?,
            private,
        })
    }

    /// Checks an address before it is kept.
    ///
    /// # Errors
    /// What is wrong with it, for whoever wrote it.
    pub fn check(&self, url: &str) -> Result<Url, &'static str> {
        const EXPECTED: &str = "expected an address that begins with https://";
        if url.len() > MAX_URL {
            return Err("expected at most 2000 characters");
        }
        let url: Url = url.parse().map_err(|_| EXPECTED)?;
        if url.scheme() != "https" && !(self.private && url.scheme() == "http") {
            return Err(EXPECTED);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("expected an address without a name and a password");
        }
        let host = url.host_str().ok_or(EXPECTED)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let is_private = literal.parse().is_ok_and(|it: IpAddr| !is_public(it));
        if is_private && !self.private {
            return Err("expected a public address; this server is not allowed to ask others");
        }
        Ok(url)
    }

    /// Asks for something, and waits for the answer as with [`Outgoing::post`].
    ///
    /// # Errors
    /// What it met, without the address, which may hold a secret.
    pub async fn get(&self, url: &str) -> Result<Answer, String> {
        let url = self.check(url).map_err(str::to_owned)?;
        answer(self.client.get(url)).await
    }

    /// Sends a request and waits for the answer, a quarter of a minute at most.
    ///
    /// # Errors
    /// What it met, without the address, which may hold a secret.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Answer, String> {
        let url = self.check(url).map_err(str::to_owned)?;
        let mut request = self.client.post(url).body(body);
        request = request.header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        answer(request).await
    }
}

/// Sends a request and reads the beginning of what comes back.
async fn answer(request: RequestBuilder) -> Result<Answer, String> {
    let mut response = request.send().await.map_err(|it| told(&it))?;
    let status = response.status().as_u16();
    let retry_after_ms = retry_after(response.headers());
    let mut body = Vec::new();
    while body.len() < MOST
        && let Some(piece) = response.chunk().await.map_err(|it| told(&it))?
    {
        let room = MOST - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    Ok(Answer {
        status,
        retry_after_ms,
        body,
    })
}

/// Milliseconds of a `Retry-After`, which is in seconds or a date (RFC 9110, 10.2.3). A date is
/// compared with the date of the answer itself, so that nobody's clock matters.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let value = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(i64::from(seconds) * 1000);
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(text(DATE)?).ok()?;
    let wait = until.duration_since(now).unwrap_or_default();
    i64::try_from(wait.as_millis()).ok()
}

fn told(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "no connection: the address does not answer, is not public, or its certificate is not valid"
    } else {
        "the connection broke"
    };
    what.to_owned()
}

/// Whether an address belongs to the public internet, by the special-purpose registries of IANA
/// (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let assignments = a == 192 && b == 0 && c == 0;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    !(it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_documentation()
        || it.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || assignments
        || benchmarks)
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    if let Some(mapped) = it.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [a, b, ..] = it.segments();
    // Global unicast is 2000::/3; within it, Teredo and its neighbours, documentation and 6to4
    // lead elsewhere.
    let global = a & 0xe000 == 0x2000;
    let special = a == 0x2001 && b < 0x0200;
    let documentation = (a == 0x2001 && b == 0x0db8) || a == 0x3fff;
    global && !special && !documentation && a != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_public_are_a_table() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("100.63.0.1", true),
            ("2606:4700::1111", true),
            ("::ffff:8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("192.0.0.8", false),
            ("198.18.0.1", false),
            ("203.0.113.5", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("::", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("fc00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("2002:7f00:1::", false),
        ] {
            let parsed = address.parse().expect("an address");
            assert_eq!(is_public(parsed), public, "{address}");
        }
    }

    #[test]
    fn an_address_is_checked_before_it_is_kept() {
        let strict = Outgoing::new(false).expect("a client");
        for (url, fine) in [
            ("https://hooks.example/a?key=b", true),
            ("https://8.8.8.8/", true),
            ("http://hooks.example/", false),
            ("ftp://hooks.example/", false),
            ("https://name:word@hooks.example/", false),
            ("https://127.0.0.1/", false),
            ("https://2130706433/", false),
            ("https://0x7f.1/", false),
            ("https://[::1]/", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("not an address", false),
        ] {
            assert_eq!(strict.check(url).is_ok(), fine, "{url}");
        }
        let open = Outgoing::new(true).expect("a client");
        assert!(open.check("http://127.0.0.1:9/").is_ok());
        assert!(open.check("file:///etc/passwd").is_err());
    }

    #[test]
    fn how_long_to_wait_is_read_from_seconds_and_dates() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (value, expected) in [
            ("120", Some(120_000)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("99999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().expect("a header"));
            headers.insert(DATE, date.parse().expect("a header"));
            assert_eq!(retry_after(&headers), expected, "{value}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_asked() {
        let strict = Outgoing::new(false).expect("a client");
        let met = strict
            .post("https://localhost:1/", &[], String::new())
            .await;
        assert!(met.is_err_and(|it| it.starts_with("no connection")));
    }
}
