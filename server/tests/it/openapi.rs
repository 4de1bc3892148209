//! The description of the API: kept in the repository, complete, and in order.

use serde_json::Value;

/// Where the description is kept.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_kept_description_is_the_present_one() {
    let present = format!("{}\n", server::http::document());
    if std::env::var_os("COTERIE_UPDATE_OPENAPI").is_some() {
        std::fs::write(KEPT, &present).expect("the description can be written");
    }
    let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
    assert!(
        kept == present,
        "server/openapi.json is not the present description; look at the difference after\n  \
         COTERIE_UPDATE_OPENAPI=1 cargo test -p server --test it openapi"
    );
}

/// Every operation of the description: method, path with ids filled in, and what it says.
fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let filled = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part });
            let filled = filled.collect::<Vec<_>>().join("/");
            found.push((method.to_uppercase(), filled, operation.clone()));
        }
    }
    found
}

#[test]
fn every_tag_is_described_and_used() {
    let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
    let described: Vec<&str> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| it["description"].as_str().is_some_and(|it| !it.is_empty()))
        .filter_map(|it| it["name"].as_str())
        .collect();
    let operations = operations();
    let used = operations.iter().filter_map(|it| it.2["tags"][0].as_str());
    let mut used: Vec<&str> = used.collect();
    for tag in &used {
        assert!(
            described.contains(tag),
            "the tag {tag} has no description in http/openapi.rs"
        );
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(
        used.len(),
        described.len(),
        "a tag without operations: {described:?}"
    );
}

#[test]
fn the_changelog_names_every_operation() {
    let changelog = include_str!("../../../CHANGELOG.md");
    for (method, path, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            changelog.contains(&format!("`{name}`")),
            "{method} {path}: say in CHANGELOG.md that `{name}` is there now"
        );
    }
}

#[test]
fn every_error_code_and_limit_is_told() {
    let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
    let said = document["info"]["description"].as_str().unwrap_or_default();
    for code in shared::problem::ErrorCode::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.status());
        assert!(said.contains(&row), "{row}");
    }
    assert!(said.contains("| One API key | 6000 |"), "{said}");
}

#[test]
fn every_operation_is_named_once_and_is_described() {
    let mut names = Vec::new();
    for (method, path, operation) in operations() {
        let name = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            name.contains('_'),
            "{method} {path} has no name like verb_resource: {name}"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|it| !it.is_empty()),
            "{method} {path} has no summary"
        );
        assert!(path.starts_with("/api/v1/"), "{path}");
        names.push(name);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two operations have one name");
    assert!(count > 40, "{count}");
}
