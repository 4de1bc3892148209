//! What Coterie tells the shop's systems, as the description of the API has it.

use crate::webhooks::{WHEN, example};
use shared::webhooks::events::EventType;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathItemBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{Object, SchemaType, Type};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, Paths, PathsBuilder, Ref, ResponseBuilder,
};

/// Adds every event to the description of the API, as a request that Coterie sends.
pub(super) fn describe(document: &mut OpenApi) {
    let all = EventType::ALL.iter();
    let paths = all.fold(PathsBuilder::new(), |paths, kind| {
        paths.path(kind.as_str(), told(*kind))
    });
    let paths: Paths = paths.build();
    document.webhooks = Some(paths);
}

fn told(kind: EventType) -> PathItem {
    let text = |format: Option<&str>| -> Object {
        let plain = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        match format {
            Some(name) => plain.format(Some(utoipa::openapi::SchemaFormat::Custom(name.into()))),
            None => plain,
        }
        .build()
    };
    let kind_only = ObjectBuilder::from(text(None)).enum_values(Some([kind.as_str()]));
    let body = ObjectBuilder::new()
        .property("type", kind_only)
        .property("timestamp", text(Some("date-time")))
        .property("data", Ref::from_schema_name(kind.schema()))
        .required("type")
        .required("timestamp")
        .required("data");
    let mut written = serde_json::to_value(example(kind)).unwrap_or_default();
    written["timestamp"] = serde_json::json!(WHEN);
    let content = ContentBuilder::new()
        .schema(Some(body))
        .example(Some(written))
        .build();
    let request = RequestBodyBuilder::new()
        .content("application/json", content)
        .build();
    let taken =
        ResponseBuilder::new().description("Taken; any 2xx is. Anything else is tried again");
    let operation = OperationBuilder::new()
        .summary(Some(kind.description().en))
        .request_body(Some(request))
        .response("2XX", taken)
        .build();
    PathItemBuilder::new()
        .operation(HttpMethod::Post, operation)
        .build()
}
