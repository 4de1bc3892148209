//! Giving what is drawn by lot the same text in every run: ids, codes, secrets.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Stands for what is long and drawn by lot.
const HEX: &str = "b1946ac92492d2347c6235b4d2611184";
/// Stands for a code that people type.
const CODE: &str = "7KQ2M9XD";

/// The examples as text, the same in every run.
pub fn settled(mut examples: Value) -> String {
    let mut drawn = BTreeMap::new();
    replace("", &mut examples, &mut drawn);
    let mut text = serde_json::to_string_pretty(&examples).expect("JSON");
    for (lot, instead) in &drawn {
        text = text.replace(lot, instead);
    }
    with_ids(&text)
}

/// What stands instead of a text that was drawn by lot, by the field it is in.
fn instead(field: &str, text: &str) -> Option<String> {
    let hex = |it: &str| it.len() >= 32 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let code = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '-';
    let fixed = match field {
        "access_token" => "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
        "secret" if text.starts_with("ck_") => "ck_b1946ac92492d2347c6235b4d2611184",
        "secret" if text.starts_with("whsec_") => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "secret" => "JBSWY3DPEHPK3PXP",
        _ if text.starts_with("v1,") => "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "uri" => "otpauth://totp/Coterie:owner@example.com?secret=JBSWY3DPEHPK3PXP",
        "code" | "slug" if !text.is_empty() && text.chars().all(code) => CODE,
        "visit" | "code" | "request_id" if text.len() >= 20 && !text.contains('.') => HEX,
        "pseudonym" => CODE,
        "path" if text.starts_with("/s/") => return Some(format!("/s/{HEX}")),
        "path" if text.starts_with('M') && text.len() > 500 => "M4 4h7v1h-7z…",
        _ if text.contains('\u{fffd}') => "(a picture)",
        _ if hex(text) => HEX,
        _ if text.starts_with("<svg") => "<svg xmlns=\"http://www.w3.org/2000/svg\">…</svg>",
        _ if text.starts_with("http://127.0.0.1") => return Some(address(text)),
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// An address of ours: of the shop's own domain, without what was drawn by lot.
fn address(text: &str) -> String {
    let path = text.splitn(4, '/').nth(3).unwrap_or_default();
    let (kept, lot) = path.rsplit_once(['/', '#']).unwrap_or((path, ""));
    let mark = if path.contains('#') { "#" } else { "/" };
    match (kept, lot) {
        ("hooks" | "", _) | (_, "hooks") => format!("https://hooks.example/{path}"),
        (_, "") => format!("https://members.shop.example/{path}"),
        (kept, lot) if lot.len() >= 20 => format!("https://members.shop.example/{kept}{mark}{HEX}"),
        (kept, _) => format!("https://members.shop.example/{kept}{mark}{CODE}"),
    }
}

fn replace(field: &str, value: &mut Value, drawn: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, it) in fields.iter_mut() {
                if name == "took_ms" {
                    *it = json!(3);
                }
                replace(name, it, drawn);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| replace(field, it, drawn)),
        Value::String(text) => {
            if let Some(fixed) = instead(field, text) {
                if (8..200).contains(&text.len()) && !text.contains(['<', ' ']) {
                    drawn.insert(text.clone(), fixed.clone());
                }
                *text = fixed;
            }
        }
        _ => {}
    }
}

/// Gives ids the same names in every run, in the order in which they appear.
fn with_ids(text: &str) -> String {
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = String::with_capacity(text.len());
    let is_word = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
        let (word, left) = rest.split_at(end);
        rest = left;
        match word.rsplit_once('_').filter(|it| it.1.len() == 26) {
            Some((prefix, _)) => {
                let name = names.entry(word).or_insert_with(|| {
                    let count = counts.entry(prefix).or_default();
                    *count += 1;
                    format!("{prefix}_01k{count:0>23}")
                });
                out.push_str(name);
            }
            None => out.push_str(word),
        }
    }
    out + rest
}
