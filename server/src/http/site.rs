//! The pages: the two shells, their files, and the headers that keep browsers safe.
//!
//! `cargo xtask` prepares a folder with compressed copies and a `manifest.json`; this
//! module serves it. Nothing here knows what the pages do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, USER_AGENT, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, any_service};
use serde::Deserialize;
use shared::embed::origins::{OWN, is_source};
use shared::wechat::rules::is_inside;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// What the pages are made of, and who may show them in a frame.
#[derive(Clone, Debug)]
pub struct Site {
    /// The folder that `cargo xtask` prepared.
    pub dir: PathBuf,
    /// Sources for `frame-ancestors` of the member centre besides our own pages, such as
    /// `https://shop.example`.
    pub frame_ancestors: Vec<String>,
    /// Whether the member centre may use WeChat's own script inside WeChat.
    pub wechat: bool,
}

/// The folder `site` beside the program, where `cargo xtask dist` puts it.
#[must_use]
pub fn default_dir() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.with_file_name("site")
}

/// The list that comes with the site.
#[derive(Deserialize)]
struct Manifest {
    shells: BTreeMap<String, Shell>,
    files: Vec<String>,
}

/// One HTML page that starts one program.
#[derive(Deserialize)]
struct Shell {
    file: String,
    script_hashes: Vec<String>,
    style_hashes: Vec<String>,
}

/// Where WeChat's own script for pages comes from.
const WECHAT_SCRIPTS: &str = " https://res.wx.qq.com";

/// Nothing of the pages needs any of these.
const PERMISSIONS: &str =
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Everything that is not the API: assets, root files, the console's shell, and the member
/// centre's shell for every other address. Mount it as the fallback.
///
/// # Errors
/// When the folder does not hold a site, or a frame ancestor is not one.
pub fn router(site: &Site) -> Result<Router> {
    let path = site.dir.join("manifest.json");
    let bytes = fs::read(&path).with_context(|| {
        format!(
            "no site in {}: build it with cargo xtask serve",
            site.dir.display()
        )
    })?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))?;
    let shell = |name: &str, frames: Frames| -> Result<MethodRouter> {
        let shell = manifest
            .shells
            .get(name)
            .with_context(|| format!("{} has no shell {name}", path.display()))?;
        shell_page(site, shell, frames)
    };
    let console = shell("console", Frames::Holds)?;
    let mut router = Router::new()
        .nest_service("/assets", assets(&site.dir))
        .route("/console", console.clone())
        .route("/console/{*rest}", console)
        // The API answers for itself; what it does not know must not look like a page.
        .route("/api", any(not_found))
        .route("/api/{*rest}", any(not_found));
    // The component kit, in the sites of developers and tests.
    if manifest.shells.contains_key("kit") {
        router = router.route("/kit", shell("kit", Frames::Holds)?);
    }
    for name in &manifest.files {
        router = router.route(&format!("/{name}"), root_file(&site.dir, name));
    }
    let member = shell("member", Frames::IsHeld)?;
    let everywhere = from_fn(general_headers);
    Ok(router.fallback_service(member).layer(everywhere))
}

/// A path that nothing answers to.
async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Files that never change: their names do.
fn assets(dir: &Path) -> MethodRouter {
    let files = ServeDir::new(dir.join("assets"))
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    any_service(files).layer(from_fn(keep_for_ever))
}

/// Lets browsers keep what they got; an error may be gone in a moment.
async fn keep_for_ever(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let kept = match response.status() {
        status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
            "public, max-age=31536000, immutable"
        }
        _ => "no-store",
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

/// The icon and its like: their names stay, so they are kept for an hour.
fn root_file(dir: &Path, name: &str) -> MethodRouter {
    let file = ServeFile::new(dir.join(name))
        .precompressed_br()
        .precompressed_gzip();
    let kept = HeaderValue::from_static("public, max-age=3600");
    let keep = SetResponseHeaderLayer::overriding(CACHE_CONTROL, kept);
    any_service(file).layer(keep)
}

/// What a shell has to do with frames.
#[derive(Debug, Clone, Copy)]
enum Frames {
    /// The sites of the list show it in theirs, and our own console does.
    IsHeld,
    /// It shows the member centre in one, and nobody shows it.
    Holds,
}

/// One shell with its policy, asked for anew each time and sent only when it has changed.
fn shell_page(site: &Site, shell: &Shell, frames: Frames) -> Result<MethodRouter> {
    let file = ServeFile::new(site.dir.join(&shell.file))
        .precompressed_br()
        .precompressed_gzip();
    let (frames, in_wechat) = match frames {
        Frames::IsHeld => {
            let ancestors = ancestors(&site.frame_ancestors)?;
            (format!("frame-ancestors {ancestors}"), site.wechat)
        }
        Frames::Holds => ("frame-src 'self'; frame-ancestors 'none'".to_owned(), false),
    };
    let policies = Arc::new(Policies {
        plain: HeaderValue::from_str(&policy(shell, "", &frames))?,
        in_wechat: match in_wechat {
            true => Some(HeaderValue::from_str(&policy(
                shell,
                WECHAT_SCRIPTS,
                &frames,
            ))?),
            false => None,
        },
    });
    let judge = from_fn_with_state(policies, with_policy);
    let keep = from_fn(ask_again);
    Ok(any_service(file).layer(judge).layer(keep))
}

/// The policies of a shell.
struct Policies {
    plain: HeaderValue,
    /// Inside WeChat, where an account is set up for it.
    in_wechat: Option<HeaderValue>,
}

/// Gives a shell its policy: only inside WeChat may WeChat's own script run.
async fn with_policy(
    State(policies): State<Arc<Policies>>,
    request: Request,
    next: Next,
) -> Response {
    let agent = request.headers().get(USER_AGENT);
    let agent = agent.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let policy = match &policies.in_wechat {
        Some(policy) if is_inside(agent) => policy.clone(),
        _ => policies.plain.clone(),
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    if policies.in_wechat.is_some() {
        headers.append(VARY, HeaderValue::from_static("user-agent"));
    }
    response
}

/// A hand-off address holds a code that opens an account: it stays out of caches and out
/// of what other sites get to see.
async fn ask_again(request: Request, next: Next) -> Response {
    let secret = request.uri().path().starts_with("/e/");
    let mut response = next.run(request).await;
    let kept = if secret { "no-store" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    if secret {
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    response
}

/// The content security policy of a shell.
fn policy(shell: &Shell, others: &str, frames: &str) -> String {
    let quote =
        |hashes: &[String]| -> String { hashes.iter().map(|hash| format!(" '{hash}'")).collect() };
    let scripts = quote(&shell.script_hashes);
    let styles = quote(&shell.style_hashes);
    format!(
        "default-src 'none'; \
         script-src 'self' 'wasm-unsafe-eval'{scripts}{others}; \
         style-src 'self'{styles}; \
         img-src 'self' data:; \
         connect-src 'self'; \
         font-src 'self'; \
         manifest-src 'self'; \
         base-uri 'none'; \
         form-action 'self'; \
         {frames}"
    )
}

/// The sources for `frame-ancestors`, refusing what would end the directive and start another.
fn ancestors(sources: &[String]) -> Result<String> {
    let mut all = vec![OWN];
    for source in sources.iter().filter(|it| *it != OWN) {
        if !is_source(source) {
            bail!("not a site that may show the pages in a frame: {source:?}");
        }
        all.push(source);
    }
    Ok(all.join(" "))
}

/// What every answer carries.
async fn general_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await.into_response();
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(PERMISSIONS),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Method;
    use tower::ServiceExt;

    /// A folder as `cargo xtask` leaves it, with as little in it as can be.
    fn prepared() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let manifest = r#"{
            "shells": {
                "member": {"file": "member.html", "script_hashes": ["sha256-AAA="],
                           "style_hashes": ["sha256-BBB="], "assets": []},
                "console": {"file": "console.html", "script_hashes": [],
                            "style_hashes": [], "assets": []}
            },
            "files": ["icon.svg"]
        }"#;
        fs::create_dir(dir.path().join("assets")).expect("an empty folder takes a folder");
        for (name, content) in [
            ("manifest.json", manifest),
            ("member.html", "the member centre"),
            ("member.html.br", "packed by br"),
            ("member.html.gz", "packed by gz"),
            ("console.html", "the console"),
            ("icon.svg", "<svg/>"),
            ("assets/member-1.wasm", "module"),
            ("assets/member-1.wasm.br", "module by br"),
            ("assets/member-1.wasm.gz", "module by gz"),
            ("assets/member-1.js", "script"),
        ] {
            fs::write(dir.path().join(name), content).expect("the folder takes a file");
        }
        dir
    }

    fn site(dir: &tempfile::TempDir, ancestors: &[&str]) -> Site {
        Site {
            dir: dir.path().to_owned(),
            frame_ancestors: ancestors.iter().map(|s| (*s).to_owned()).collect(),
            wechat: false,
        }
    }

    /// What came back: status, the named headers, body.
    struct Answer {
        response: axum::http::response::Parts,
        body: String,
    }

    impl Answer {
        fn header(&self, name: &str) -> &str {
            let value = self.response.headers.get(name);
            value.map_or("", |value| value.to_str().expect("headers are text here"))
        }
    }

    async fn ask(method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let dir = prepared();
        let router = router(&site(&dir, &[])).expect("the folder is a site");
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("the request is valid");
        let response = router.oneshot(request).await.expect("a router never fails");
        let (response, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("the body arrives");
        let body = String::from_utf8(body.to_vec()).expect("the body is text here");
        Answer { response, body }
    }

    async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(Method::GET, path, headers).await
    }

    #[tokio::test]
    async fn every_page_address_gets_its_shell() {
        for (path, body) in [
            ("/", "the member centre"),
            ("/points", "the member centre"),
            ("/consoles", "the member centre"),
            ("/console", "the console"),
            ("/console/members/mem_1", "the console"),
        ] {
            let answer = get(path, &[]).await;
            assert_eq!(answer.response.status, StatusCode::OK, "{path}");
            assert_eq!(answer.body, body, "{path}");
            assert_eq!(answer.header("content-type"), "text/html", "{path}");
            assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_not_a_page() {
        for path in [
            "/assets/member-0.wasm",
            "/assets/",
            "/api",
            "/api/v2/nothing",
        ] {
            let answer = get(path, &[]).await;
            assert_eq!(answer.response.status, StatusCode::NOT_FOUND, "{path}");
            assert!(
                !answer.header("cache-control").contains("immutable"),
                "{path}"
            );
        }
        let out = get("/assets/..%2fmanifest.json", &[]).await;
        assert_eq!(out.response.status, StatusCode::NOT_FOUND);
        let posted = ask(Method::POST, "/points", &[]).await;
        assert_eq!(posted.response.status, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn assets_are_kept_for_ever_and_have_their_types() {
        for (path, kind) in [
            ("/assets/member-1.wasm", "application/wasm"),
            ("/assets/member-1.js", "text/javascript"),
        ] {
            let answer = get(path, &[]).await;
            assert_eq!(answer.response.status, StatusCode::OK);
            assert_eq!(answer.header("content-type"), kind);
            assert_eq!(
                answer.header("cache-control"),
                "public, max-age=31536000, immutable"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }

    #[tokio::test]
    async fn the_smallest_copy_that_the_browser_knows_is_sent() {
        for (accepts, encoding, body) in [
            ("gzip, deflate, br, zstd", "br", "module by br"),
            ("gzip", "gzip", "module by gz"),
            ("identity", "", "module"),
        ] {
            let answer = get("/assets/member-1.wasm", &[("accept-encoding", accepts)]).await;
            assert_eq!(answer.header("content-encoding"), encoding);
            assert_eq!(answer.body, body);
            assert!(answer.header("vary").contains("accept-encoding"));
        }
    }

    #[tokio::test]
    async fn a_shell_that_has_not_changed_is_not_sent_again() {
        let dir = prepared();
        let router = router(&site(&dir, &[])).expect("the folder is a site");
        let ask = |tag: Option<HeaderValue>| {
            let mut request = Request::builder().uri("/");
            if let Some(tag) = tag {
                request = request.header("if-none-match", tag);
            }
            let request = request.body(Body::empty()).expect("the request is valid");
            router.clone().oneshot(request)
        };
        let first = ask(None).await.expect("a router never fails");
        let tag = first.headers().get("etag").cloned();
        assert!(tag.is_some());
        let second = ask(tag).await.expect("a router never fails");
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(second.headers()["cache-control"], "no-cache");
    }

    #[tokio::test]
    async fn the_policy_allows_our_own_scripts_and_no_others() {
        let console = get("/console", &[]).await;
        let policy = console.header("content-security-policy");
        assert!(policy.ends_with("frame-src 'self'; frame-ancestors 'none'"));
        let answer = get("/", &[]).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-AAA='; "));
        assert!(policy.contains("style-src 'self' 'sha256-BBB='; "));
        assert!(policy.ends_with("frame-ancestors 'self'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(
            answer.header("referrer-policy"),
            "strict-origin-when-cross-origin"
        );
    }

    #[tokio::test]
    async fn wechats_script_may_run_inside_wechat_where_it_is_set_up() {
        let dir = prepared();
        let phone = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.47";
        for (set_up, path, agent, allowed) in [
            (true, "/", phone, true),
            (true, "/sales/x", phone, true),
            (true, "/console", phone, false),
            (true, "/", "Mozilla/5.0 (iPhone) Safari/604.1", false),
            (true, "/", "", false),
            (false, "/", phone, false),
        ] {
            let site = Site {
                wechat: set_up,
                ..site(&dir, &[])
            };
            let router = router(&site).expect("the folder is a site");
            let request = Request::builder().uri(path).header("user-agent", agent);
            let request = request.body(Body::empty()).expect("the request is valid");
            let response = router.oneshot(request).await.expect("a router never fails");
            let header = |name: &str| {
                let all = response.headers().get_all(name).iter();
                let all: Vec<_> = all.map(|it| it.to_str().expect("text")).collect();
                all.join(", ")
            };
            let policy = header("content-security-policy");
            let case = format!("{set_up} {path} {agent}: {policy}");
            assert_eq!(policy.contains("qq.com"), allowed, "{case}");
            let scripts =
                "script-src 'self' 'wasm-unsafe-eval' 'sha256-AAA=' https://res.wx.qq.com; ";
            assert_eq!(policy.contains(scripts), allowed, "{case}");
            let told = header("vary").contains("user-agent");
            assert_eq!(told, set_up && path != "/console", "{case}");
        }
    }

    #[tokio::test]
    async fn a_hand_off_address_leaves_no_trace() {
        let answer = get("/e/one-time-code", &[]).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }

    #[test]
    fn frame_ancestors_cannot_smuggle_in_a_directive() {
        let ancestors = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|s| (*s).to_owned()).collect();
            super::ancestors(&list).map_err(|error| error.to_string())
        };
        assert_eq!(ancestors(&[]), Ok("'self'".to_owned()));
        assert_eq!(
            ancestors(&["'self'", "https://shop.example"]),
            Ok("'self' https://shop.example".to_owned())
        );
        for bad in ["https://a.example; script-src *", "a b", "", "a,b", "a\nb"] {
            assert!(ancestors(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_folder_without_a_site_is_told_with_the_remedy() {
        let empty = tempfile::tempdir().expect("a temporary folder can be made");
        let error = router(&site(&empty, &[])).expect_err("there is no manifest");
        assert!(error.to_string().contains("cargo xtask serve"), "{error}");
    }
}
