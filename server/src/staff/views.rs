//! Views of lists that staff save for themselves.

use super::view_store;
use crate::App;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use shared::ids::{SavedViewId, StaffId};
use shared::members::rules::normalise_name;
use shared::problem::{ErrorCode, FieldError};
use shared::staff::api::{SaveView, SavedList, SavedView};

/// Most views of one person.
const MOST: u64 = 50;
/// Longest query of a view, in characters.
const QUERY_MAX: usize = 2_000;

/// Name and query as they are kept.
fn check(request: &SaveView) -> Result<(String, String)> {
    let mut errors = Vec::new();
    let name = normalise_name(&request.name);
    if name.is_none() {
        errors.push(FieldError::new(
            "/name",
            "invalid",
            "expected 1 to 60 characters",
        ));
    }
    let query = request.query.trim_start_matches('?');
    if query.chars().count() > QUERY_MAX || query.chars().any(|it| it.is_control() || it == '#') {
        errors.push(FieldError::new(
            "/query",
            "invalid",
            "expected query parameters, at most 2,000 characters",
        ));
    }
    match name {
        Some(name) if errors.is_empty() => Ok((name, query.to_owned())),
        _ => Err(AppError::invalid(errors)),
    }
}

/// The views of one of the staff, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list_views(
    app: &App,
    staff: StaffId,
    list: Option<SavedList>,
) -> Result<Vec<SavedView>> {
    let rows = view_store::of_staff(app.db.read(), staff, list, MOST).await?;
    rows.iter().map(view_store::to_view).collect()
}

/// Saves a view.
///
/// # Errors
/// `request.invalid`, `staff.views_full`.
pub async fn create_view(app: &App, staff: StaffId, request: SaveView) -> Result<SavedView> {
    let (name, query) = check(&request)?;
    let row = view_store::Model {
        id: SavedViewId::generate(&mut app.db.ids()).uuid(),
        staff_id: staff.uuid(),
        list: request.list.to_db().to_owned(),
        name,
        query,
        created_at: app.db.now().as_millis(),
    };
    let view = view_store::to_view(&row)?;
    let made = app.db.write((staff, row), |tx, (staff, row)| {
        Box::pin(async move {
            let known = view_store::of_staff(tx, *staff, None, MOST).await?;
            if known.len() as u64 >= MOST {
                return Err(ErrorCode::SavedViewsFull.into());
            }
            view_store::insert(tx, row.clone()).await
        })
    });
    made.await?;
    Ok(view)
}

/// Changes a view of one's own.
///
/// # Errors
/// `request.invalid`, `staff.view_not_found`.
pub async fn change_view(
    app: &App,
    staff: StaffId,
    id: SavedViewId,
    request: SaveView,
) -> Result<SavedView> {
    let (name, query) = check(&request)?;
    let args = (staff, id, request.list, name, query);
    let changed = app.db.write(args, |tx, (staff, id, list, name, query)| {
        Box::pin(async move {
            let found = view_store::find(tx, *staff, *id).await?;
            let mut row = found.ok_or(ErrorCode::SavedViewNotFound)?;
            list.to_db().clone_into(&mut row.list);
            row.name.clone_from(name);
            row.query.clone_from(query);
            let view = view_store::to_view(&row)?;
            view_store::update(tx, row).await?;
            Ok(view)
        })
    });
    changed.await
}

/// Drops a view of one's own.
///
/// # Errors
/// `staff.view_not_found`.
pub async fn delete_view(app: &App, staff: StaffId, id: SavedViewId) -> Result<()> {
    let deleted = app.db.write((staff, id), |tx, (staff, id)| {
        Box::pin(view_store::delete(tx, *staff, *id))
    });
    if deleted.await? {
        Ok(())
    } else {
        Err(ErrorCode::SavedViewNotFound.into())
    }
}
