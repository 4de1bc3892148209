//! What the description tells besides operations: worked examples, every error code, how often
//! anyone may ask.

use crate::config::Limits;
use serde_json::{Map, Value};
use shared::problem::ErrorCode;
use shared::text::Locale;
use std::fmt::Write as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, PathItem};
use utoipa::openapi::{Content, OpenApi as Document, RefOr};

/// What was asked and answered when a test played the API; the same test keeps the file.
const EXAMPLES: &str = include_str!("../../examples.json");

/// Adds to each operation the example that was played.
pub(super) fn add_examples(document: &mut Document) {
    let examples: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            let name = operation.operation_id.as_deref().unwrap_or_default();
            if let Some(example) = examples.get(name) {
                add(path, operation, example);
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ];
    all.into_iter().flatten()
}

fn add(path: &str, operation: &mut Operation, example: &Value) {
    let asked = example["path"].as_str().unwrap_or_default();
    let (address, query) = asked.split_once('?').unwrap_or((asked, ""));
    let in_path = path.split('/').zip(address.split('/'));
    let in_path = in_path.filter_map(|(name, value)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, value))
    });
    let in_query = query.split('&').filter_map(|it| it.split_once('='));
    let given: Vec<(&str, &str)> = in_path.chain(in_query).collect();
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some((_, value)) = given.iter().find(|it| it.0 == parameter.name)
        {
            let with = ParameterBuilder::from(parameter.clone()).example(Some(Value::from(*value)));
            *parameter = with.build();
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        show(body.content.values_mut(), &example["body"]);
    }
    let status = example["status"].to_string();
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(&status) {
        show(response.content.values_mut(), &example["answer"]);
    }
}

fn show<'a>(contents: impl Iterator<Item = &'a mut RefOr<Content>>, example: &Value) {
    for content in contents {
        if let RefOr::T(content) = content {
            content.example = Some(example.clone());
        }
    }
}

/// How often anyone may ask, and every code that an answer may carry, as Markdown.
pub(super) fn rules() -> String {
    let mut text = String::from(LIMITS);
    let limits = Limits::default();
    for (who, most) in [
        ("One API key", limits.key_per_minute),
        ("One member, or one of the staff", limits.caller_per_minute),
        (
            "One network address without a valid token",
            limits.address_per_minute,
        ),
        (
            "Sign-ins of one network address",
            limits.sign_in_address_per_minute,
        ),
        ("Sign-ins to one account", limits.sign_in_account_per_minute),
        (
            "Codes that one member types in",
            limits.coupon_codes_per_minute,
        ),
        (
            "Flash sale claims of one member",
            limits.sale_claims_per_minute,
        ),
        (
            "Flash sale claims of one network address",
            limits.sale_claims_address_per_minute,
        ),
    ] {
        // Writing to a text never fails.
        let _written = writeln!(text, "| {who} | {most} |");
    }
    text.push_str(CODES);
    for code in ErrorCode::ALL {
        let (status, title) = (code.status(), code.title(Locale::En));
        let _written = writeln!(text, "| `{}` | {status} | {title} |", code.as_str());
    }
    text.push_str("\n</details>\n");
    text
}

const LIMITS: &str = "\n\n## How often\n\nRequests a minute; an operator can change them. Every answer tells what is \
left in `RateLimit`; 429 comes with `Retry-After`, and nothing is lost by asking again.\n\n| who | requests |\n| --- | \
--- |\n";

const CODES: &str = "\n## Error codes\n\nA code never changes its meaning. `title` is the same in the caller's language, \
`detail` has facts of the one case, `errors` names each wrong part of the input.\n\n<details><summary>Every \
code</summary>\n\n| code | status | title |\n| --- | --- | --- |\n";
