//! The one list of sites that may hold the member centre: browsers read it as `frame-ancestors`,
//! the page as the origins that it speaks with.

/// What stands for the server's own pages in the list.
pub const OWN: &str = "'self'";

/// Whether an entry of the list can be one: `'self'`, `https://shop.example`,
/// `https://*.shop.example`, each with a port if there is one.
#[must_use]
pub fn is_source(source: &str) -> bool {
    source == OWN || host_of(source).is_some_and(|host| is_host(host.trim_start_matches("*.")))
}

/// Whether the list has `origin`, given `own`, the origin of the page itself.
#[must_use]
pub fn allows(sources: &[String], own: &str, origin: &str) -> bool {
    sources
        .iter()
        .any(|source| match source.split_once("//*.") {
            _ if source == OWN => origin == own,
            Some((scheme, below)) => is_below(scheme, below, origin),
            None => source == origin,
        })
}

/// Whether `origin` is a host below `below`, by the same scheme.
fn is_below(scheme: &str, below: &str, origin: &str) -> bool {
    let host = origin
        .strip_prefix(scheme)
        .and_then(|it| it.strip_prefix("//"));
    let name = host.and_then(|it| it.strip_suffix(below)?.strip_suffix('.'));
    name.is_some_and(|it| !it.is_empty() && it.bytes().all(is_of_name))
}

fn host_of(source: &str) -> Option<&str> {
    let https = source.strip_prefix("https://");
    https.or_else(|| source.strip_prefix("http://"))
}

/// A name or an address, with a port or without. Browsers write origins in small letters.
#[must_use]
pub fn is_host(host: &str) -> bool {
    let (name, port) = host
        .rsplit_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let digits =
        |it: &str| !it.is_empty() && it.len() <= 5 && it.bytes().all(|b| b.is_ascii_digit());
    !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(is_of_name)
        && port.is_none_or(digits)
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_site_or_all_below_one() {
        for source in [
            "'self'",
            "https://shop.example",
            "https://shop.example:8443",
            "https://*.shop.example",
            "http://127.0.0.1:3000",
        ] {
            assert!(is_source(source), "{source}");
        }
        for odd in [
            "",
            "*",
            "https:",
            "https://",
            "https://*",
            "https://*.",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/path",
            "https://a@shop.example",
            "https://shop.example:*",
            "https://shop.example:",
            "https://Shop.example",
            "https://a.*.example",
            "https://shop.example; script-src *",
            "javascript://shop.example",
            "null",
        ] {
            assert!(!is_source(odd), "{odd}");
        }
    }

    #[test]
    fn only_the_very_origin_is_allowed() {
        let list = ["'self'", "https://shop.example", "https://*.m.example:8443"];
        let list = list.map(str::to_owned);
        let own = "https://club.example";
        for origin in [own, "https://shop.example", "https://a.b.m.example:8443"] {
            assert!(allows(&list, own, origin), "{origin}");
        }
        for origin in [
            "",
            "null",
            "http://shop.example",
            "https://shop.example:444",
            "https://shop.example.evil.example",
            "https://evilshop.example",
            "https://m.example:8443",
            "https://.m.example:8443",
            "https://a.m.example",
            "http://a.m.example:8443",
            "https://evil.example/.m.example:8443",
            "https://evil.example:1@a.m.example:8443",
        ] {
            assert!(!allows(&list, own, origin), "{origin}");
        }
        assert!(!allows(&[], own, own));
    }
}
