//! Turns `locales/*.json` into functions, so that a missing text or placeholder fails the build.
//!
//! Each key becomes one function that holds its text in every language. The linker drops the
//! texts that an entry point does not use, so a shopper never downloads the console's words.
//! (A translation library was measured at 19 KB of compressed wasm before the first page.)

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// The languages: file name and variant of `shared::text::Locale`; the first is the reference.
const LOCALES: [(&str, &str); 2] = [("zh-CN", "ZhCn"), ("en", "En")];

/// One text in one language: a sentence, or one for a single thing and one for others.
enum Message {
    Plain(String),
    Plural { one: String, other: String },
}

impl Message {
    fn parse(value: &Value, place: &str) -> Self {
        let text = |it: &Value| it.as_str().map(str::to_owned);
        let read = match value {
            Value::String(it) => Some(Self::Plain(it.clone())),
            Value::Object(forms) => forms.get("other").and_then(text).map(|other| {
                let one = forms.get("one").and_then(text);
                Self::Plural {
                    one: one.unwrap_or_else(|| other.clone()),
                    other,
                }
            }),
            _ => None,
        };
        read.unwrap_or_else(|| panic!("{place}: expected a text, or an object with `other`"))
    }

    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Plain(it) => vec![it],
            Self::Plural { one, other } => vec![one, other],
        }
    }

    fn is_plural(&self) -> bool {
        matches!(self, Self::Plural { .. })
    }
}

/// The names between braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{')
        .skip(1)
        .filter_map(|it| it.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn read(locale: &str) -> Map<String, Value> {
    let path = format!("locales/{locale}.json");
    println!("cargo:rerun-if-changed={path}");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|it| panic!("{path}: {it}"));
    serde_json::from_str(&text).unwrap_or_else(|it| panic!("{path}: {it}"))
}

/// All texts of one language by group and key.
fn messages(locale: &str) -> BTreeMap<(String, String), Message> {
    let mut all = BTreeMap::new();
    for (group, keys) in read(locale) {
        let keys = keys
            .as_object()
            .unwrap_or_else(|| panic!("{locale}: {group} is no group"));
        for (key, value) in keys {
            let place = format!("{locale}: {group}.{key}");
            all.insert((group.clone(), key.clone()), Message::parse(value, &place));
        }
    }
    all
}

/// The arm of one language: what the text becomes, as Rust.
fn arm(message: &Message, names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return format!("{:?}", message.texts()[0]);
    }
    let used = |text: &str| {
        let bound: Vec<String> = placeholders(text)
            .iter()
            .map(|it| format!("{it} = args.{it}"))
            .collect();
        format!("format!({text:?}, {})", bound.join(", "))
    };
    match message {
        Message::Plain(text) => used(text),
        Message::Plural { one, other } => format!(
            "if *args.count == 1 {{ {} }} else {{ {} }}",
            used(one),
            used(other)
        ),
    }
}

/// One function, and the struct of its arguments when the text has placeholders.
fn function(key: &str, by_locale: &[(&str, &Message)]) -> String {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (_, message) in by_locale {
        names.extend(message.texts().into_iter().flat_map(placeholders));
    }
    let plural = by_locale.iter().any(|(_, it)| it.is_plural());
    assert!(
        !plural || !names.is_empty(),
        "{key}: a plural shows its number"
    );
    let mut out = String::new();
    let (args, result) = if names.is_empty() {
        (String::new(), "&'static str")
    } else {
        let mut fields = String::new();
        if plural {
            fields.push_str("pub count: &'a i64, ");
        }
        for name in names.iter().filter(|it| !(plural && *it == "count")) {
            let _ = write!(fields, "pub {name}: &'a dyn core::fmt::Display, ");
        }
        let _ = writeln!(out, "    pub struct {key}<'a> {{ {fields}}}");
        (format!(", args: {key}<'_>"), "String")
    };
    let _ = writeln!(out, "    pub fn {key}(locale: Locale{args}) -> {result} {{");
    let _ = writeln!(out, "        match locale {{");
    for (variant, message) in by_locale {
        let _ = writeln!(
            out,
            "            Locale::{variant} => {},",
            arm(message, &names)
        );
    }
    out.push_str("        }\n    }\n");
    out
}

/// The build that ships is taken apart into a file for each lazy page, for which xtask needs to
/// know where the linker has put what. A quick one stays whole.
fn split() {
    println!("cargo::rustc-check-cfg=cfg(whole)");
    let set = |name: &str| std::env::var(name).unwrap_or_default();
    if !set("TARGET").starts_with("wasm32") {
        return;
    }
    if set("OPT_LEVEL") == "z" {
        // The component kit has no lazy pages.
        for program in ["member", "console"] {
            println!("cargo::rustc-link-arg-bin={program}=--emit-relocs");
        }
        // Rust's own library says that it uses references and several results, and does not;
        // wasm-bindgen would believe it and insist on what old browsers lack.
        println!("cargo::rustc-link-arg-bins=--no-check-features");
        println!(
            "cargo::rustc-link-arg-bins=--features=bulk-memory,bulk-memory-opt,mutable-globals,\
             nontrapping-fptoint,sign-ext"
        );
    } else {
        println!("cargo::rustc-cfg=whole");
    }
}

fn main() {
    split();
    let all: Vec<_> = LOCALES
        .iter()
        .map(|(file, variant)| (*file, *variant, messages(file)))
        .collect();
    for (file, _, texts) in &all[1..] {
        for (one, other, name) in [(&all[0].2, texts, *file), (texts, &all[0].2, all[0].0)] {
            let missing = one.keys().find(|it| !other.contains_key(*it));
            assert!(missing.is_none(), "{name} lacks {missing:?}");
        }
    }
    let mut groups: BTreeMap<&str, String> = BTreeMap::new();
    for key in all[0].2.keys() {
        let by_locale: Vec<_> = all
            .iter()
            .map(|(_, it, texts)| (*it, &texts[key]))
            .collect();
        *groups.entry(&key.0).or_default() += &function(&key.1, &by_locale);
    }
    let mut out = String::new();
    for (group, functions) in groups {
        let _ = write!(
            out,
            "pub mod {group} {{\n    use shared::text::Locale;\n{functions}}}\n"
        );
    }
    let folder = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&folder).join("text.rs"), out).expect("OUT_DIR can be written");
}
