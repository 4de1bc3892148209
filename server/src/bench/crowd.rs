//! A crowd before a flash sale: very many members who are signed in, and a sale that is open.

use crate::App;
use crate::auth::Subject;
use crate::error::Result;
use crate::members::service::{self as members, NewMember};
use crate::sales::service::{self as sales, Change};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::json;
use shared::ids::{FlashSaleId, MemberId, SessionId};
use shared::sales::SaleDefinition;
use uuid::Uuid;

/// Members who are signed in have a session with the id of the member.
const SIGN_IN: &str = "INSERT INTO sessions \
     (id, audience, subject_id, token_hash, rotated_at, created_at, expires_at) \
     SELECT id, 'member', id, 'none', 0, 0, 9000000000000 FROM members \
     WHERE id NOT IN (SELECT id FROM sessions)";
/// Everybody who is signed in that way.
const SIGNED_IN: &str = "SELECT id FROM sessions WHERE id = subject_id ORDER BY id";

#[derive(FromQueryResult)]
struct SignedIn {
    id: Uuid,
}

/// Makes members who are signed in.
pub(super) async fn gather(app: &App, members: usize) -> Result<()> {
    let new: Vec<NewMember> = (0..members)
        .map(|number| NewMember {
            external_id: Some(format!("crowd-{number}")),
            ..NewMember::default()
        })
        .collect();
    let run = app.db.write((app.clone(), new), |tx, (app, new)| {
        Box::pin(async move {
            members::create_all(tx, app, new.clone()).await?;
            tx.execute_unprepared(SIGN_IN).await?;
            Ok(())
        })
    });
    run.await
}

/// Access tokens of the crowd, a line each.
pub(super) async fn tokens(app: &App) -> Result<String> {
    let query = Statement::from_string(app.db.backend(), SIGNED_IN);
    let rows = SignedIn::find_by_statement(query)
        .all(app.db.read())
        .await?;
    let mut lines = String::new();
    for SignedIn { id } in rows {
        let subject = Subject::Member(MemberId::from(id));
        let (token, _) = app
            .auth
            .issue(subject, SessionId::from(id), 0, app.db.now())?;
        lines.push_str(&token);
        lines.push('\n');
    }
    Ok(lines)
}

/// Makes a sale of milk, one for each member, that is open for a day.
pub(super) async fn open_sale(app: &App, stock: i64) -> Result<FlashSaleId> {
    let now = app.db.now();
    let name = json!({ "zh-CN": "牛奶", "en": "Milk" });
    let definition: SaleDefinition = serde_json::from_value(json!({
        "title": name,
        "products": [{
            "sku": "milk", "name": name, "price": 990, "list_price": 1990,
            "stock": stock, "per_member": 1,
        }],
        "starts_at": now,
        "ends_at": now.plus_days(1),
        "payment_minutes": 60,
    }))?;
    let args = (app.clone(), definition);
    let run = app.db.write(args, |tx, (app, definition)| {
        Box::pin(async move {
            let id = sales::create(tx, app, definition, "bench").await?;
            sales::change(tx, id, Change::Publish, "bench").await?;
            Ok(id)
        })
    });
    run.await
}
