//! What must never be in the sources: who knows whom, where writes are made, what ships to
//! browsers. Each rule is an absence.

use shared::problem::ErrorCode;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A source file: its path from the root of the repository, and its text.
struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the server is in the repository")
        .to_owned()
}

fn collect(folder: &Path, ends: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                collect(&path, ends, found);
            }
        } else if path.to_string_lossy().ends_with(ends) {
            let text = std::fs::read_to_string(&path).expect("a source is text");
            let path = path.strip_prefix(root()).expect("in the repository");
            let path = path.to_string_lossy().into_owned();
            found.push(Source { path, text });
        }
    }
}

/// Sources below a folder of the repository, at least as many as are surely there.
fn sources(folder: &str, ends: &str, least: usize) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), ends, &mut found);
    assert!(found.len() >= least, "{folder}: only {} files", found.len());
    found
}

/// Fails for each line that has `word` in a file where `allowed` says no.
fn assert_absent(files: &[Source], word: &str, allowed: impl Fn(&str) -> bool) {
    for file in files.iter().filter(|it| !allowed(&it.path)) {
        for (number, line) in file.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            assert!(!code.contains(word), "{}:{}: {word}", file.path, number + 1);
        }
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn is_routes(path: &str) -> bool {
    path.contains("routes")
}

fn is_service(path: &str) -> bool {
    name(path) == "service.rs" || path.contains("/service/")
}

fn is_store(path: &str) -> bool {
    name(path).ends_with("store.rs") || name(path) == "lease.rs"
}

#[test]
fn only_routes_and_http_know_http() {
    let files = sources("server/src", ".rs", 60);
    let knows = |path: &str| {
        is_routes(path)
            || path.starts_with("server/src/http/")
            || path.starts_with("server/src/auth/")
    };
    assert_absent(&files, "use axum", knows);
    for word in ["axum", "utoipa", "StatusCode", "HeaderMap"] {
        assert_absent(&files, word, |path| !is_service(path) && !is_store(path));
    }
    assert_absent(&files, "utoipa", knows);
}

#[test]
fn only_stores_and_queries_know_the_database() {
    let files = sources("server/src", ".rs", 60);
    for word in ["use sea_orm", "sea_orm::", "sqlx::"] {
        assert_absent(&files, word, |path| {
            let outside = is_routes(path)
                || path.starts_with("server/src/http/")
                || path.starts_with("server/src/cli/")
                || path.starts_with("server/src/import/")
                || [
                    "ids.rs",
                    "clock.rs",
                    "config.rs",
                    "demo.rs",
                    "check.rs",
                    "effects.rs",
                ]
                .iter()
                .any(|it| {
                    path == format!("server/src/{it}") || path == format!("server/src/orders/{it}")
                });
            !outside || path == "server/src/orders/check.rs"
        });
    }
    let declares = |path: &str| is_store(path) || path == "server/src/db/idempotency.rs";
    assert_absent(&files, "DeriveEntityModel", declares);
}

#[test]
fn calls_go_from_routes_to_services_to_stores() {
    let files = sources("server/src", ".rs", 60);
    let store_only = |path: &str| !is_store(path);
    for word in ["service::", "routes::", "crate::http"] {
        assert_absent(&files, word, store_only);
    }
    let service_only = |path: &str| !is_service(path);
    assert_absent(&files, "routes::", service_only);
    assert_absent(&files, "super::routes", service_only);
    // Services count attempts in buckets; of requests and answers they know nothing.
    for file in files.iter().filter(|it| is_service(&it.path)) {
        let rest = file.text.replace("crate::http::rate_limit", "");
        assert!(!rest.contains("crate::http"), "{}", file.path);
    }
    let routes_only = |path: &str| !is_routes(path);
    assert_absent(&files, "store::", routes_only);
}

#[test]
fn a_feature_never_touches_anothers_store() {
    let files = sources("server/src", ".rs", 60);
    let features: Vec<&Source> = files
        .iter()
        .filter(|it| name(&it.path) == "mod.rs")
        .collect();
    assert!(features.len() > 10);
    for file in features {
        for open in [
            "pub mod store",
            "pub(crate) mod store",
            "pub mod key_store",
            "pub mod lease",
        ] {
            assert!(!file.text.contains(open), "{}: {open}", file.path);
        }
    }
}

#[test]
fn every_write_goes_through_the_write_path() {
    let files = sources("server/src", ".rs", 60);
    let writer = |path: &str| path == "server/src/db/write.rs";
    for word in [
        ".begin(",
        ".begin_with",
        ".transaction(",
        ".transaction_with",
        "TransactionTrait",
    ] {
        assert_absent(&files, word, writer);
    }
    let lints = std::fs::read_to_string(root().join("server/clippy.toml")).expect("the lints");
    for method in [
        "begin",
        "begin_with_config",
        "begin_with_options",
        "transaction",
        "transaction_with_config",
    ] {
        let path = format!("\"sea_orm::TransactionTrait::{method}\"");
        assert!(lints.contains(&path), "{path} is refused by clippy");
    }
    // What only reads is never given to something that writes.
    for file in &files {
        let dense: String = file.text.split_whitespace().collect();
        for verb in [
            "exec",
            "exec_without_returning",
            "exec_with_returning",
            "insert",
            "update",
            "delete",
            "save",
        ] {
            for reader in ["app.db.read()", "self.read()", "db.read()"] {
                let call = format!(".{verb}({reader})");
                assert!(!dense.contains(&call), "{}: {call}", file.path);
            }
        }
    }
}

#[test]
fn what_was_recorded_is_never_changed() {
    let files = sources("server/src", ".rs", 60);
    for file in &files {
        let dense: String = file.text.split_whitespace().collect();
        for record in ["entry", "movement", "growth", "change"] {
            for verb in [
                "update",
                "update_many",
                "update_by_id",
                "delete",
                "delete_many",
                "delete_by_id",
            ] {
                let call = format!("{record}::Entity::{verb}");
                assert!(!dense.contains(&call), "{}: {call}", file.path);
            }
        }
    }
    let audit = files
        .iter()
        .find(|it| it.path.ends_with("audit/store.rs"))
        .expect("the trail");
    // The name of a person who was erased goes, and nothing else ever changes.
    assert_eq!(audit.text.matches("update").count(), 1);
    assert!(audit.text.contains("async fn redact(") && !audit.text.contains("delete"));
}

/// Packages that a member of the workspace is built from, for a target or for this machine.
fn packages(member: &str, target: Option<&str>) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--package", member])
        .args(target.iter().flat_map(|it| ["--target", it]))
        .output()
        .expect("cargo runs");
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let text = String::from_utf8_lossy(&tree.stdout).into_owned();
    let names = text.lines().filter_map(|it| it.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn pages_hold_nothing_of_the_server_and_the_server_nothing_of_pages() {
    let app = packages("app", Some("wasm32-unknown-unknown"));
    assert!(app.contains(&"shared".to_owned()) && app.contains(&"leptos".to_owned()));
    for package in [
        "server",
        "sea-orm",
        "sqlx",
        "sqlx-core",
        "tokio",
        "utoipa",
        "axum",
        "hyper",
    ] {
        assert!(
            !app.contains(&package.to_owned()),
            "the pages hold {package}"
        );
    }
    let server = packages("server", None);
    assert!(server.contains(&"sea-orm".to_owned()));
    for package in [
        "app",
        "leptos",
        "leptos_router",
        "wasm-bindgen-cli-support",
        "xtask",
    ] {
        assert!(
            !server.contains(&package.to_owned()),
            "the server holds {package}"
        );
    }
    let shared = packages("shared", Some("wasm32-unknown-unknown"));
    for package in ["tokio", "getrandom", "rand", "utoipa", "leptos", "sea-orm"] {
        assert!(
            !shared.contains(&package.to_owned()),
            "the rules hold {package}"
        );
    }
}

#[test]
fn tests_are_all_run_and_none_waits_for_time() {
    let mut tests = sources("server/tests", ".rs", 10);
    tests.extend(sources("shared/tests", ".rs", 3));
    // This file names what it forbids.
    tests.retain(|it| !it.path.ends_with("invariants.rs") && !it.path.ends_with("purity.rs"));
    for word in ["#[ignore", "sleep(", "should_panic]"] {
        assert_absent(&tests, word, |_| false);
    }
    for file in sources("server/src", ".rs", 60)
        .iter()
        .chain(&sources("shared/src", ".rs", 20))
    {
        assert!(!file.text.contains("#[ignore"), "{}", file.path);
    }
    let journeys = sources("end2end", ".ts", 3);
    for word in ["waitForTimeout", ".skip(", ".only(", ".fixme("] {
        assert_absent(&journeys, word, |_| false);
    }
}

/// Functions of a formatted source: the line on which each begins and how many it has.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (begin, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let words = code.split("fn ").next().unwrap_or_default();
        let starts = code.contains("fn ")
            && words.split_whitespace().all(|it| {
                it.starts_with("pub") || ["async", "const", "unsafe", "extern"].contains(&it)
            });
        if !starts || code.ends_with(';') {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        if let Some(length) = lines[begin..].iter().position(|it| *it == end) {
            found.push((begin + 1, length + 1));
        }
    }
    found
}

#[test]
fn functions_stay_short() {
    let mut counted = 0;
    let mut long = Vec::new();
    for folder in [
        "server/src",
        "server/tests",
        "shared/src",
        "shared/tests",
        "app/src",
        "xtask/src",
    ] {
        for file in sources(folder, ".rs", 3) {
            for (line, length) in functions(&file.text) {
                counted += 1;
                if length > 70 {
                    long.push(format!("{}:{line}: {length} lines", file.path));
                }
            }
        }
    }
    assert!(counted > 1_000, "{counted} functions");
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_code_of_a_refusal_is_given_by_something() {
    let mut files = sources("server/src", ".rs", 60);
    files.extend(sources("shared/src", ".rs", 20));
    files.retain(|it| !it.path.ends_with("shared/src/problem.rs"));
    for code in ErrorCode::ALL {
        let used = format!("ErrorCode::{code:?}");
        let found = files.iter().any(|it| {
            it.text.match_indices(&used).any(|(at, _)| {
                let next = it.text[at + used.len()..].chars().next();
                !next.is_some_and(|it| it.is_alphanumeric())
            })
        });
        assert!(found, "nothing answers with {}", code.as_str());
    }
}
