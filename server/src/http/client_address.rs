//! Which network address a request came from.

use crate::App;
use crate::config::Config;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The other end of the connection.
#[must_use]
pub fn peer(extensions: &Extensions) -> IpAddr {
    let known = extensions.get::<ConnectInfo<SocketAddr>>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |it| {
        it.0.ip().to_canonical()
    })
}

/// Who asked: the other end of the connection, or what the operator's own proxy says. The last
/// address of the header counts, since everything before it may be the caller's invention.
#[must_use]
pub fn client(config: &Config, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let named = config.trusted_proxy_header.as_deref().and_then(|name| {
        let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        parse(value.rsplit(',').next()?.trim())
    });
    named.unwrap_or_else(|| peer(extensions))
}

/// An address, which may come with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let address = text
        .parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()));
    address.map(|it| it.to_canonical())
}

/// What limits count together: an IPv4 address, or the network that one IPv6 customer has.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() >> 64 << 64)),
    }
}

/// What the caller's network is known by, in handlers.
pub struct Network(pub String);

impl FromRequestParts<App> for Network {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let address = client(&app.config, &parts.headers, &parts.extensions);
        Ok(Self(network(address).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_the_configured_header_is_believed_and_only_its_end() {
        let mut config = Config::for_database("sqlite:unused.db");
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 9], 1234))));
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("203.0.113.7, 198.51.100.2"),
        );
        assert_eq!(client(&config, &headers, &extensions), ip("192.0.2.9"));
        config.trusted_proxy_header = Some("x-forwarded-for".to_owned());
        assert_eq!(client(&config, &headers, &extensions), ip("198.51.100.2"));
        for (value, found) in [
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:198.51.100.3", "198.51.100.3"),
            ("198.51.100.4:80", "198.51.100.4"),
            ("unknown", "192.0.2.9"),
            ("", "192.0.2.9"),
        ] {
            headers.insert("x-forwarded-for", HeaderValue::from_static(value));
            assert_eq!(client(&config, &headers, &extensions), ip(found), "{value}");
        }
        assert_eq!(
            client(&config, &HeaderMap::new(), &Extensions::new()),
            ip("0.0.0.0")
        );
    }

    #[test]
    fn one_customer_is_one_network() {
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_eq!(network(ip("192.0.2.1")), ip("192.0.2.1"));
    }
}
