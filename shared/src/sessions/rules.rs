//! What can be told about a session without asking anyone.

/// What people call a browser and its system, from what the browser calls itself. The order
/// matters: most browsers also call themselves Safari, and Android also calls itself Linux.
#[must_use]
pub fn device_name(user_agent: &str) -> Option<String> {
    const BROWSERS: [(&str, &str); 6] = [
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    let known = |all: &[(&str, &'static str)]| {
        let found = all.iter().find(|(mark, _)| user_agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} · {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::device_name;

    #[test]
    fn browsers_are_called_what_people_call_them() {
        let phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";
        let wechat = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0";
        for (user_agent, name) in [
            (phone, Some("Chrome · Android")),
            (wechat, Some("WeChat · iPhone")),
            (edge, Some("Edge · Windows")),
            ("curl/8.0", None),
        ] {
            assert_eq!(device_name(user_agent).as_deref(), name, "{user_agent}");
        }
    }
}
