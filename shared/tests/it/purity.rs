//! The rules read no clock, no random number, no environment and no global: their callers pass
//! everything in.

use std::path::{Path, PathBuf};

/// What would let a rule read something that its caller did not pass.
const FORBIDDEN: [&str; 12] = [
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "now_v7",
    "new_v4",
    "TimeZone::system",
    "std::env",
    "std::fs",
    "static mut",
    "thread_local",
    "rand::",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// Whether a line has the word from the start of a name on: `Brand::` is not `rand::`.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(place, _)| {
        let before = line[..place].chars().next_back();
        !before.is_some_and(|it| it.is_alphanumeric() || it == '_')
    })
}

#[test]
fn sources_read_nothing_that_was_not_passed_in() {
    let mut found = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 20, "the sources are there");
    for path in found {
        let text = std::fs::read_to_string(&path).expect("a source");
        for (number, line) in text.lines().enumerate() {
            for word in FORBIDDEN {
                assert!(
                    !names(line, word),
                    "{}:{}: {word}",
                    path.display(),
                    number + 1
                );
            }
            let global = line
                .trim_start()
                .trim_start_matches("pub ")
                .starts_with("static ");
            assert!(!global, "{}:{}: a global", path.display(), number + 1);
        }
    }
}

/// A fraction of a point is nobody's, and sums of fractions are not what people reckon. Only the
/// contrast of colours is worked out in fractions.
#[test]
fn amounts_are_whole_numbers() {
    let mut found = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    for path in found {
        let text = std::fs::read_to_string(&path).expect("a source");
        let has = |word| text.lines().any(|line| names(line, word));
        let fractions = has("f64") || has("f32");
        assert_eq!(
            fractions,
            path.ends_with("programme/brand.rs"),
            "{}",
            path.display()
        );
    }
}

/// The line of a manifest that declares `name`.
fn declared<'a>(manifest: &'a str, name: &str) -> &'a str {
    let line = manifest.lines().find(|it| it.starts_with(name));
    line.expect("the dependency is declared")
}

#[test]
fn dependencies_have_no_clock_and_no_randomness_on() {
    let workspace = include_str!("../../../Cargo.toml");
    let own = include_str!("../../Cargo.toml");
    for (name, allowed) in [("jiff =", ["alloc"].as_slice()), ("uuid =", [].as_slice())] {
        let line = declared(workspace, name);
        assert!(line.contains("default-features = false"), "{line}");
        let features = line.split_once("features = [").map_or("", |it| it.1);
        let features: Vec<&str> = features.split('"').skip(1).step_by(2).collect();
        assert_eq!(features, allowed, "{line}");
    }
    let dependencies = own.split("[dependencies]").nth(1).expect("dependencies");
    let dependencies = dependencies.split("\n[").next().expect("a section");
    for name in ["jiff", "uuid"] {
        assert!(
            dependencies.contains(&format!("{name}.workspace = true\n")),
            "{name}"
        );
    }
    for name in ["rand", "getrandom", "fastrand", "chrono", "time"] {
        assert!(
            !dependencies.lines().any(|it| it.starts_with(name)),
            "{name}"
        );
    }
}
