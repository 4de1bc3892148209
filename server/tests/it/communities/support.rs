//! What the tests of communities share.

use crate::support::{Answer, Shop};
use serde_json::json;
use shared::communities::api::Community;
use shared::staff::Role;

/// Makes a community that is open, with its name as its tag.
pub async fn community(shop: &Shop<'_>, name: &str, capacity: u32) -> Community {
    let staff = shop.app.staff(Role::Operator).await;
    let body = json!({ "name": name, "tags": [name], "capacity": capacity, "open": true });
    let call = shop.app.post("/api/v1/communities").bearer(&staff.token);
    let made = call.json(&body).await;
    made.assert_status(201);
    made.parse()
}

/// Joins by a code.
pub async fn join(shop: &Shop<'_>, token: &str, code: &str) -> Answer {
    let call = shop.app.post("/api/v1/me/communities").bearer(token);
    call.json(&json!({ "code": code })).await
}
