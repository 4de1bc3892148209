//! What may be signed, over which text, and what of a page may be handed on.

/// Longest address of a page, in bytes.
pub const MAX_URL: usize = 2000;

/// Why a page is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has more than [`MAX_URL`] bytes.
    TooLong,
    /// It is not the address of a page: not `https://`, or with characters that addresses do not
    /// have.
    NoPage,
    /// The list does not have its host.
    OtherHost,
}

/// The part of a page's address that is signed: all but what stands behind `#`. Only pages of the
/// listed hosts, by https; what runs on this machine may do without encryption. A host is compared
/// as a whole, with its port, so that nothing before or behind it can pass for it.
///
/// # Errors
/// Why it is not signed.
pub fn page_to_sign<'a>(url: &'a str, hosts: &[String]) -> Result<&'a str, Refusal> {
    let page = url.split('#').next().unwrap_or_default();
    if page.len() > MAX_URL {
        return Err(Refusal::TooLong);
    }
    if !page.bytes().all(|it| it.is_ascii_graphic()) {
        return Err(Refusal::NoPage);
    }
    let (host, is_plain) = match (page.strip_prefix("https://"), page.strip_prefix("http://")) {
        (Some(rest), _) => (host(rest), false),
        (_, Some(rest)) => (host(rest), true),
        _ => return Err(Refusal::NoPage),
    };
    if !hosts.iter().any(|it| it == host) {
        return Err(Refusal::OtherHost);
    }
    match is_plain && !is_this_machine(host) {
        true => Err(Refusal::NoPage),
        false => Ok(page),
    }
}

/// The host, with its port, of what stands behind the scheme.
fn host(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Whether a host, with a port or without, is the machine that asks.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// The text whose SHA-1 is the signature: its parts in the order of their names, as they are.
#[must_use]
pub fn string_to_sign(ticket: &str, nonce: &str, timestamp: i64, page: &str) -> String {
    format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}")
}

/// Whether a browser's name for itself is that of WeChat showing a page: not of WeCom, whose
/// accounts are others, and not of a mini-program, where pages hand nothing on themselves.
#[must_use]
pub fn is_inside(user_agent: &str) -> bool {
    let name = user_agent.to_ascii_lowercase();
    name.contains("micromessenger") && !name.contains("wxwork") && !name.contains("miniprogram")
}

/// Which address WeChat checks a signature against: on iOS the one that it opened, however far its
/// visitor has gone since; elsewhere the one that the page has now.
#[must_use]
pub fn checked_page<'a>(user_agent: &str, landing: &'a str, current: &'a str) -> &'a str {
    let is_ios = ["iPhone", "iPad", "iPod"]
        .iter()
        .any(|it| user_agent.contains(it));
    if is_ios { landing } else { current }
}

/// The address, without its host, that a page at `path` is handed on as: its own where others may
/// see it, else Home. What is private, and what opens an account, is never handed on.
#[must_use]
pub fn shared_path(path: &str) -> &str {
    let mut parts = path.strip_prefix('/').unwrap_or_default().split('/');
    let is_name = |it: &str| !it.is_empty() && it.bytes().all(is_of_name);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("sales"), None, None) => "/sales",
        // One's own claims are nobody else's.
        (Some("sales"), Some(sale), None) if sale != "claims" && is_name(sale) => path,
        (Some("c" | "r"), Some(code), None) if is_name(code) => path,
        _ => "/",
    }
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 \
                          MicroMessenger/8.0.47(0x18002f2c) NetType/WIFI Language/zh_CN";
    const ANDROID: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile \
                           Safari/537.36 MMWEBID/1 MicroMessenger/8.0.47 WeChat/arm64";

    fn hosts() -> Vec<String> {
        ["club.example", "127.0.0.1:3000", "10.0.0.1"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn only_pages_of_the_listed_hosts_are_signed() {
        let long = format!("https://club.example/{}", "a".repeat(MAX_URL));
        for (url, expected) in [
            ("https://club.example/", Ok("https://club.example/")),
            ("https://club.example", Ok("https://club.example")),
            (
                "https://club.example/tasks?month=2026-06#x?y#z",
                Ok("https://club.example/tasks?month=2026-06"),
            ),
            (
                "https://club.example?a=https://b.example/",
                Ok("https://club.example?a=https://b.example/"),
            ),
            (
                "http://127.0.0.1:3000/sales",
                Ok("http://127.0.0.1:3000/sales"),
            ),
            (long.as_str(), Err(Refusal::TooLong)),
            ("http://club.example/", Err(Refusal::NoPage)),
            ("http://10.0.0.1/", Err(Refusal::NoPage)),
            ("ftp://club.example/", Err(Refusal::NoPage)),
            ("//club.example/", Err(Refusal::NoPage)),
            ("https://club.example/a b", Err(Refusal::NoPage)),
            ("https://club.example/\nx", Err(Refusal::NoPage)),
            ("https://club.example/茶", Err(Refusal::NoPage)),
            ("", Err(Refusal::NoPage)),
            ("https://www.club.example/", Err(Refusal::OtherHost)),
            (
                "https://club.example.evil.example/",
                Err(Refusal::OtherHost),
            ),
            ("https://club.example:8443/", Err(Refusal::OtherHost)),
            (
                "https://club.example@evil.example/",
                Err(Refusal::OtherHost),
            ),
            (
                "https://evil.example\\@club.example/",
                Err(Refusal::OtherHost),
            ),
            ("https://evil.example/club.example", Err(Refusal::OtherHost)),
            (
                "https://evil.example#@club.example/",
                Err(Refusal::OtherHost),
            ),
            ("https://", Err(Refusal::OtherHost)),
        ] {
            assert_eq!(page_to_sign(url, &hosts()), expected, "{url}");
        }
        assert_eq!(
            page_to_sign("https://club.example/", &[]),
            Err(Refusal::OtherHost)
        );
    }

    #[test]
    fn the_text_to_sign_is_that_of_the_official_example() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        let text = string_to_sign(
            ticket,
            "Wm3WZYTPz0wzccnW",
            1_414_587_457,
            "http://mp.weixin.qq.com?params=value",
        );
        assert_eq!(
            text,
            "jsapi_ticket=sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg\
             &noncestr=Wm3WZYTPz0wzccnW&timestamp=1414587457&url=http://mp.weixin.qq.com?params=value"
        );
    }

    #[test]
    fn wechat_is_neither_wecom_nor_a_mini_program_nor_another_browser() {
        for (agent, expected) in [
            (IPHONE.to_owned(), true),
            (ANDROID.to_owned(), true),
            (format!("{ANDROID} miniProgram/wx1"), false),
            (format!("{IPHONE} wxwork/4.1"), false),
            (ANDROID.replace("MicroMessenger/8.0.47", ""), false),
            (String::new(), false),
        ] {
            assert_eq!(is_inside(&agent), expected, "{agent}");
        }
    }

    #[test]
    fn ios_checks_the_landing_page_and_the_others_the_current_one() {
        for (agent, expected) in [(IPHONE, "landing"), (ANDROID, "current"), ("", "current")] {
            assert_eq!(
                checked_page(agent, "landing", "current"),
                expected,
                "{agent}"
            );
        }
    }

    #[test]
    fn what_is_private_is_handed_on_as_home() {
        for (path, expected) in [
            ("/", "/"),
            ("/sales", "/sales"),
            ("/sales/", "/"),
            ("//sales/sale_01h", "/"),
            ("/sales/sale_01h", "/sales/sale_01h"),
            ("/sales/claims", "/"),
            ("/sales/a/b", "/"),
            ("/c/QWERT2", "/c/QWERT2"),
            ("/r/AB-C_2", "/r/AB-C_2"),
            ("/c/", "/"),
            ("/r/a%2fb", "/"),
            ("/e/one-time-code", "/"),
            ("/me/privacy", "/"),
            ("/invite", "/"),
            ("/coupons/cpn_1", "/"),
            ("/sign-in", "/"),
            ("", "/"),
        ] {
            assert_eq!(shared_path(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn what_is_signed_is_a_page_of_the_list_without_its_fragment(
            url in "(https?://)?[a-z.@:\\\\/?#0-9-]{0,40}(club\\.example)?[ -~]{0,40}",
        ) {
            if let Ok(page) = page_to_sign(&url, &hosts()) {
                prop_assert!(!page.contains('#') && url.starts_with(page));
                let rest = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://127.0.0.1:3000").map(|_| "127.0.0.1:3000"));
                let rest = rest.expect("one of the two schemes");
                prop_assert!(hosts().iter().any(|host| {
                    rest.strip_prefix(host.as_str()).is_some_and(|it| it.is_empty() || it.starts_with(['/', '?']))
                }), "{page}");
            }
        }

        #[test]
        fn the_parts_of_a_signed_text_can_be_told_apart(
            ticket in "[A-Za-z0-9_-]{1,80}", nonce in "[a-z0-9]{1,32}", timestamp in 0..=i64::MAX, page in "[!-~]{1,60}",
        ) {
            let text = string_to_sign(&ticket, &nonce, timestamp, &page);
            let mut parts = text.splitn(4, '&');
            for part in [
                format!("jsapi_ticket={ticket}"), format!("noncestr={nonce}"), format!("timestamp={timestamp}"),
                format!("url={page}"),
            ] {
                prop_assert_eq!(parts.next(), Some(part.as_str()));
            }
        }

        #[test]
        fn what_is_handed_on_never_has_a_secret(path in "/[a-z]{0,6}(/[!-~]{0,12}){0,3}") {
            let shared = shared_path(&path);
            prop_assert!(shared.starts_with('/') && !shared.contains(['?', '#', '%', '\\']), "{}", shared);
            prop_assert!(!shared.starts_with("//") && !shared.starts_with("/e/"), "{}", shared);
        }
    }
}
