//! Use cases of staff and API keys.

pub use super::keys::{
    KeyFacts, create_key, is_secret, key_facts, key_names_of, list_keys, note_key_use, parse_key,
    revoke_key,
};

pub use super::resets::{create_reset, purge_resets, reset_password};
pub use super::views::{change_view, create_view, delete_view, list_views};

pub use super::second_factor::{
    Proof, begin, confirm, disable, policy, prove, remove_for, renew_codes, reset, second_factor,
    set_policy,
};

use super::{second_factor as factor, store};
use crate::App;
use crate::audit;
use crate::auth::Actor;
use crate::db::text::DbText;
use crate::db::{Cursor, Tx, paged};
use crate::error::{AppError, Result};
use crate::sessions;
use sea_orm::ConnectionTrait;
use shared::ids::StaffId;
use shared::members::rules::{check_password, normalise_email, normalise_name};
use shared::page::Page;
use shared::problem::{ErrorCode, FieldError};
use shared::staff::Role;
use shared::staff::api::{CreateStaff, Staff, UpdateStaff};

/// What signing in needs to know of an account.
#[derive(Clone)]
pub struct Login {
    /// The account.
    pub id: StaffId,
    /// What the person is called.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether the account may sign in.
    pub active: bool,
    /// Hash of the password.
    pub password_hash: String,
    /// Counts what ends all of the person's tokens.
    pub epoch: i32,
    /// Whether the console stays closed until a second factor is set up.
    pub must_enrol: bool,
}

async fn to_login(db: &impl ConnectionTrait, row: store::Model) -> Result<Login> {
    let (_, must_enrol) = factor::state(db, row.id.into()).await?;
    Ok(Login {
        id: row.id.into(),
        role: Role::from_db(&row.role)?,
        name: row.name,
        active: row.active,
        password_hash: row.password_hash,
        epoch: row.auth_epoch,
        must_enrol,
    })
}

/// What signing in needs to know of this account.
///
/// # Errors
/// When the database fails.
pub async fn login(db: &impl ConnectionTrait, id: StaffId) -> Result<Option<Login>> {
    match store::find(db, id).await? {
        Some(row) => Ok(Some(to_login(db, row).await?)),
        None => Ok(None),
    }
}

/// Sets the password of an account, inside a write.
///
/// # Errors
/// When the database fails.
pub async fn set_password(tx: &Tx, id: StaffId, hash: &str) -> Result<()> {
    store::set_password(tx, id, hash).await
}

/// What signing in needs to know of the account with this address, which is in lower case.
///
/// # Errors
/// When the database fails.
pub async fn login_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Login>> {
    match store::find_by_email(db, email).await? {
        Some(row) => Ok(Some(to_login(db, row).await?)),
        None => Ok(None),
    }
}

/// What people of the staff are called.
///
/// # Errors
/// When the database fails.
pub async fn names_of(
    db: &impl ConnectionTrait,
    staff: &[StaffId],
) -> Result<Vec<(StaffId, String)>> {
    store::names(db, staff).await
}

/// Open accounts of community managers, by their names.
///
/// # Errors
/// When the database fails.
pub async fn community_managers(db: &impl ConnectionTrait) -> Result<Vec<(StaffId, String)>> {
    store::with_role(db, Role::CommunityManager).await
}

/// What an account may do; `None` when there is none, or it is closed.
///
/// # Errors
/// When the database fails.
pub async fn role_of(db: &impl ConnectionTrait, id: StaffId) -> Result<Option<Role>> {
    let row = store::find(db, id).await?;
    let row = row.filter(|it| it.active);
    row.map(|it| Role::from_db(&it.role)).transpose()
}

/// Makes an account.
///
/// # Errors
/// `request.invalid` with every wrong field; `staff.email_taken`.
pub async fn create(app: &App, request: CreateStaff, actor: Actor) -> Result<Staff> {
    let (email, name) = (
        normalise_email(&request.email),
        normalise_name(&request.name),
    );
    let mut errors = Vec::new();
    if email.is_none() {
        errors.push(FieldError::new(
            "/email",
            "invalid",
            "expected an e-mail address",
        ));
    }
    if name.is_none() {
        errors.push(FieldError::new(
            "/name",
            "invalid",
            "expected 1 to 60 characters",
        ));
    }
    errors.extend(check_password(&request.password).err());
    let (Some(email), Some(name), true) = (email, name, errors.is_empty()) else {
        return Err(AppError::invalid(errors));
    };
    let password_hash = app.auth.passwords.hash(request.password).await?;
    let row = store::Model {
        id: StaffId::generate(&mut app.db.ids()).uuid(),
        email,
        name,
        role: request.role.to_db().to_owned(),
        password_hash,
        active: true,
        auth_epoch: 0,
        created_at: app.db.now().as_millis(),
    };
    let staff = store::to_staff(&row, false)?;
    let made = app.db.write((row, actor), |tx, (row, actor)| {
        Box::pin(insert(tx, row, *actor))
    });
    // Two may ask for the same address at the same moment.
    made.await.map_err(|it| {
        if it.is_taken() {
            ErrorCode::StaffEmailTaken.into()
        } else {
            it
        }
    })?;
    Ok(staff)
}

async fn insert(tx: &Tx, row: &store::Model, actor: Actor) -> Result<()> {
    if store::find_by_email(tx, &row.email).await?.is_some() {
        return Err(ErrorCode::StaffEmailTaken.into());
    }
    store::insert(tx, row.clone()).await?;
    let id = StaffId::from(row.id).to_string();
    let detail = serde_json::json!({ "email": row.email, "role": row.role });
    audit::service::record(tx, &actor.to_string(), "staff.created", &id, &detail).await
}

/// Accounts, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, limit: u64, cursor: Option<Cursor>) -> Result<Page<Staff>> {
    let rows = store::list(app.db.read(), limit, cursor).await?;
    let ids = rows.iter().map(|it| it.id);
    let protected = super::second_factor_store::enabled(app.db.read(), ids).await?;
    let page = paged(
        rows,
        limit,
        |it| Cursor {
            key: it.created_at,
            id: it.id,
        },
        |it| store::to_staff(&it, protected.contains(&it.id)),
    );
    let data = page.data.into_iter().collect::<Result<_>>()?;
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
}

/// One account.
///
/// # Errors
/// `staff.not_found`.
pub async fn get(app: &App, id: StaffId) -> Result<Staff> {
    let row = store::find(app.db.read(), id)
        .await?
        .ok_or(ErrorCode::StaffNotFound)?;
    let (protected, _) = factor::state(app.db.read(), id).await?;
    store::to_staff(&row, protected)
}

/// The account with this e-mail address.
///
/// # Errors
/// `staff.not_found`.
pub async fn find_by_email(app: &App, email: &str) -> Result<StaffId> {
    let email = email.trim().to_lowercase();
    let row = store::find_by_email(app.db.read(), &email).await?;
    row.map(|it| it.id.into())
        .ok_or_else(|| ErrorCode::StaffNotFound.into())
}

/// Changes an account. Whoever may sign in no more, or as something else, is signed out.
///
/// # Errors
/// `staff.not_found`, `request.invalid`; `auth.forbidden` for one's own role or one's own
/// deactivation, so that an admin always remains.
pub async fn change(app: &App, id: StaffId, request: UpdateStaff, actor: Actor) -> Result<Staff> {
    let own = matches!(actor, Actor::Staff(own, _) if own == id);
    if own && (request.role.is_some() || request.active == Some(false)) {
        return Err(AppError::refused(
            ErrorCode::Forbidden,
            "another admin has to change your role or deactivate your account",
        ));
    }
    let name = request.name.as_deref().map(|it| {
        normalise_name(it).ok_or_else(|| {
            AppError::invalid_field("/name", "invalid", "expected 1 to 60 characters")
        })
    });
    let request = UpdateStaff {
        name: name.transpose()?,
        ..request
    };
    let done = app
        .db
        .write((id, request, actor), |tx, (id, request, actor)| {
            Box::pin(apply(tx, *id, request, *actor))
        });
    done.await?;
    app.auth.forget();
    get(app, id).await
}

async fn apply(tx: &Tx, id: StaffId, request: &UpdateStaff, actor: Actor) -> Result<()> {
    let before = store::find(tx, id).await?.ok_or(ErrorCode::StaffNotFound)?;
    let mut row = before.clone();
    if let Some(name) = &request.name {
        row.name.clone_from(name);
    }
    if let Some(role) = request.role {
        role.to_db().clone_into(&mut row.role);
    }
    row.active = request.active.unwrap_or(row.active);
    if row == before {
        return Ok(());
    }
    let detail = serde_json::json!({
        "from": { "name": before.name, "role": before.role, "active": before.active },
        "to": { "name": row.name, "role": row.role, "active": row.active },
    });
    let signs_out = row.role != before.role || row.active != before.active;
    row.auth_epoch += i32::from(signs_out);
    store::update(tx, row).await?;
    if signs_out {
        sessions::service::end_all_of_staff(tx, id).await?;
    }
    let (actor, target) = (actor.to_string(), id.to_string());
    audit::service::record(tx, &actor, "staff.changed", &target, &detail).await
}

/// Stops an account from signing in and ends its sessions, at once on this node.
///
/// # Errors
/// `staff.not_found`; `auth.forbidden` for one's own account, so that an admin always remains.
pub async fn deactivate(app: &App, id: StaffId, actor: Actor) -> Result<Staff> {
    if matches!(actor, Actor::Staff(own, _) if own == id) {
        return Err(AppError::refused(
            ErrorCode::Forbidden,
            "another admin has to deactivate your account",
        ));
    }
    let done = app.db.write((id, actor), |tx, (id, actor)| {
        Box::pin(async move {
            if !store::deactivate(tx, *id).await? {
                return Err(ErrorCode::StaffNotFound.into());
            }
            sessions::service::end_all_of_staff(tx, *id).await?;
            let detail = serde_json::json!({});
            audit::service::record(
                tx,
                &actor.to_string(),
                "staff.deactivated",
                &id.to_string(),
                &detail,
            )
            .await
        })
    });
    done.await?;
    app.auth.forget();
    get(app, id).await
}
