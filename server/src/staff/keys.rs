//! API keys: `ck_<id>_<secret>`, so that a key can be looked up by its id and compared by a hash.

use super::key_store;
use crate::App;
use crate::audit;
use crate::auth::Actor;
use crate::db::text::to_json;
use crate::db::{Cursor, Tx, paged};
use crate::error::{AppError, Result};
use crate::ids::{hash_secret, secret};
use sea_orm::ConnectionTrait;
use shared::ids::ApiKeyId;
use shared::members::rules::normalise_name;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::staff::Scope;
use shared::staff::api::{ApiKey, CreateApiKey, CreatedApiKey};
use subtle::ConstantTimeEq;

/// What every key begins with, so that scanners of source code can find it.
const PREFIX: &str = "ck_";
/// Hexadecimal characters of a secret.
const SECRET_LEN: usize = 64;

/// What authenticating by a key needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    secret_hash: String,
    /// What the key may do.
    pub scopes: Vec<Scope>,
}

/// The id and the secret of what may be a key.
#[must_use]
pub fn parse_key(text: &str) -> Option<(ApiKeyId, &str)> {
    let (suffix, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let id = format!("{}_{suffix}", ApiKeyId::PREFIX).parse().ok()?;
    let hexadecimal = secret.len() == SECRET_LEN && secret.bytes().all(|it| it.is_ascii_hexdigit());
    hexadecimal.then_some((id, secret))
}

fn key_text(id: ApiKeyId, secret: &str) -> String {
    let id = id.to_string();
    let suffix = id.rsplit('_').next().unwrap_or_default();
    format!("{PREFIX}{suffix}_{secret}")
}

/// Whether the secret is the key's; never for a key that does not exist.
#[must_use]
pub fn is_secret(facts: Option<&KeyFacts>, secret: &str) -> bool {
    let hash = hash_secret(secret);
    let known = facts.map_or("", |it| it.secret_hash.as_str());
    known.as_bytes().ct_eq(hash.as_bytes()).into()
}

/// A key that is not revoked.
///
/// # Errors
/// When the database fails.
pub async fn key_facts(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<Option<KeyFacts>> {
    let row = key_store::find(db, id)
        .await?
        .filter(|it| it.revoked_at.is_none());
    let Some(row) = row else { return Ok(None) };
    let scopes = key_store::to_key(&row)?.scopes;
    Ok(Some(KeyFacts {
        secret_hash: row.secret_hash,
        scopes,
    }))
}

/// Writes that a key is used now.
///
/// # Errors
/// When the database fails.
pub async fn note_key_use(app: &App, id: ApiKeyId) -> Result<()> {
    app.db
        .write(id, |tx, id| Box::pin(key_store::note_use(tx, *id)))
        .await
}

/// What keys are called.
///
/// # Errors
/// When the database fails.
pub async fn key_names_of(
    db: &impl ConnectionTrait,
    keys: &[ApiKeyId],
) -> Result<Vec<(ApiKeyId, String)>> {
    key_store::names(db, keys).await
}

/// Makes a key; its secret is in the answer and nowhere else.
///
/// # Errors
/// `request.invalid` when it has no name or no scope.
pub async fn create_key(app: &App, request: CreateApiKey, actor: Actor) -> Result<CreatedApiKey> {
    let name = normalise_name(&request.name);
    let name = name.ok_or_else(|| {
        AppError::invalid_field("/name", "invalid", "expected 1 to 60 characters")
    })?;
    let mut scopes = Vec::new();
    for scope in request.scopes {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(AppError::invalid_field(
            "/scopes",
            "required",
            "expected at least one scope",
        ));
    }
    let secret = secret();
    let args = (name, scopes, hash_secret(&secret), actor);
    let made = app.db.write(args, |tx, (name, scopes, hash, actor)| {
        Box::pin(insert(tx, name, scopes, hash, *actor))
    });
    let key = made.await?;
    let secret = key_text(key.id, &secret);
    Ok(CreatedApiKey { key, secret })
}

async fn insert(
    tx: &Tx,
    name: &str,
    scopes: &[Scope],
    secret_hash: &str,
    actor: Actor,
) -> Result<ApiKey> {
    let id = ApiKeyId::generate(&mut tx.ids());
    let row = key_store::Model {
        id: id.uuid(),
        name: name.to_owned(),
        secret_hash: secret_hash.to_owned(),
        scopes: to_json(&scopes)?,
        created_at: tx.now().as_millis(),
        last_used_at: None,
        revoked_at: None,
    };
    let key = key_store::to_key(&row)?;
    key_store::insert(tx, row).await?;
    let detail = serde_json::json!({ "name": name, "scopes": scopes });
    audit::service::record(
        tx,
        &actor.to_string(),
        "api_key.created",
        &id.to_string(),
        &detail,
    )
    .await?;
    Ok(key)
}

/// Keys, newest first, revoked ones too.
///
/// # Errors
/// When the database fails.
pub async fn list_keys(app: &App, limit: u64, cursor: Option<Cursor>) -> Result<Page<ApiKey>> {
    let rows = key_store::list(app.db.read(), limit, cursor).await?;
    let page = paged(
        rows,
        limit,
        |it| Cursor {
            key: it.created_at,
            id: it.id,
        },
        |it| key_store::to_key(&it),
    );
    let data = page.data.into_iter().collect::<Result<_>>()?;
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
}

/// Revokes a key, at once on this node. Revoking it again changes nothing.
///
/// # Errors
/// `api_keys.not_found`.
pub async fn revoke_key(app: &App, id: ApiKeyId, actor: Actor) -> Result<()> {
    let revoked = app.db.write((id, actor), |tx, (id, actor)| {
        Box::pin(async move {
            key_store::find(tx, *id)
                .await?
                .ok_or(ErrorCode::ApiKeyNotFound)?;
            if key_store::revoke(tx, *id).await? {
                let detail = serde_json::json!({});
                audit::service::record(
                    tx,
                    &actor.to_string(),
                    "api_key.revoked",
                    &id.to_string(),
                    &detail,
                )
                .await?;
            }
            Ok(())
        })
    });
    revoked.await?;
    app.auth.forget();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let id = ApiKeyId::from(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
        let secret = "0123456789abcdef".repeat(4);
        let text = key_text(id, &secret);
        assert_eq!(text, format!("ck_01k0000000e008000000000001_{secret}"));
        assert_eq!(parse_key(&text), Some((id, secret.as_str())));
        for odd in [
            "",
            "ck_",
            "ck_x_y",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}0"),
        ] {
            assert_eq!(parse_key(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_key_that_does_not_exist_has_no_secret() {
        let secret = "0".repeat(64);
        let facts = KeyFacts {
            secret_hash: hash_secret(&secret),
            scopes: vec![],
        };
        assert!(is_secret(Some(&facts), &secret));
        assert!(!is_secret(Some(&facts), &"1".repeat(64)));
        assert!(!is_secret(None, &secret));
    }
}
