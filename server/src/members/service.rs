//! Use cases of members.

mod list;

pub use list::{MemberFilter, export, list};

use super::store::{self, ActiveModel, Column, Entity, Model};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, to_json};
use crate::error::{AppError, Result};
use crate::tasks;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, Condition, QueryOrder, QuerySelect};
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::{Consents, Member, UpdateMe, UpsertMember};
use shared::members::rules::{normalise_email, normalise_name, normalise_phone, set_birthday};
use shared::orders::rules::is_reference;
use shared::problem::{ErrorCode, FieldError};
use shared::text::Locale;
use shared::time::{Day, Timestamp};
use std::collections::HashMap;

/// What use cases need to know of a member.
#[derive(Debug, Clone)]
pub struct MemberFacts {
    /// The member.
    pub id: MemberId,
    /// Whether the member may use the programme.
    pub status: MemberStatus,
    /// The zone of the member's days.
    pub zone: TimeZone,
    /// When the member joined.
    pub joined_at: Timestamp,
}

fn facts(row: &Model) -> Result<MemberFacts> {
    Ok(MemberFacts {
        id: MemberId::from(row.id),
        status: MemberStatus::from_db(&row.status)?,
        zone: shared::time::zone(&row.time_zone).map_err(AppError::internal)?,
        joined_at: Timestamp::from_millis(row.joined_at),
    })
}

/// Takes members for the rest of a write, in one order so that two writes never wait for each
/// other. Members that do not exist are left out.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &Tx, members: &[MemberId]) -> Result<Vec<MemberFacts>> {
    store::lock(tx, members).await?.iter().map(facts).collect()
}

/// Takes one member.
///
/// # Errors
/// `members.not_found`, also for an erased member.
pub async fn lock_existing(tx: &Tx, member: MemberId) -> Result<MemberFacts> {
    let found = lock(tx, &[member]).await?.into_iter().next();
    found
        .filter(|it| it.status != MemberStatus::Erased)
        .ok_or_else(|| ErrorCode::MemberNotFound.into())
}

/// Takes one member who may spend.
///
/// # Errors
/// `members.not_found`, `members.frozen`.
pub async fn lock_active(tx: &Tx, member: MemberId) -> Result<MemberFacts> {
    let found = lock_existing(tx, member).await?;
    if found.status == MemberStatus::Frozen {
        Err(ErrorCode::MemberFrozen.into())
    } else {
        Ok(found)
    }
}

/// A member to be made.
#[derive(Debug, Clone, Default)]
pub struct NewMember {
    /// The shop's own customer id.
    pub external_id: Option<String>,
    /// What to call the member.
    pub name: Option<String>,
    /// E-mail address, as typed.
    pub email: Option<String>,
    /// Phone number, as typed.
    pub phone: Option<String>,
    /// Birthday.
    pub birthday: Option<Date>,
    /// IANA zone; the programme's when absent.
    pub time_zone: Option<String>,
    /// Language; the default when absent.
    pub locale: Option<Locale>,
    /// Consents per channel.
    pub consents: Option<Consents>,
    /// Hash of the password, for members who sign in with one.
    pub password_hash: Option<String>,
    /// When the member joined; now when absent.
    pub joined_at: Option<Timestamp>,
}

/// Makes a member.
///
/// # Errors
/// `request.invalid` with every wrong field; `members.contact_taken`, `members.external_id_taken`.
pub async fn create(tx: &Tx, app: &App, new: NewMember) -> Result<MemberId> {
    let row = new_row(tx, app, new)?;
    refuse_taken(tx, &row, None).await?;
    let id = MemberId::from(row.id);
    let member = store::to_member(&row)?;
    active(row).insert(tx).await?;
    tx.touch(id);
    let payload = serde_json::json!({ "member_id": id, "external_id": member.external_id });
    let message = crate::outbox::service::Message {
        topic: "member.created",
        member: Some(id),
        payload,
    };
    crate::outbox::service::publish(tx, vec![message]).await?;
    Ok(id)
}

/// Makes many members at once whose fields were checked, as an import does.
///
/// # Errors
/// When one of them exists.
pub async fn create_all(tx: &Tx, app: &App, new: Vec<NewMember>) -> Result<Vec<MemberId>> {
    let rows: Vec<Model> = new
        .into_iter()
        .map(|it| new_row(tx, app, it))
        .collect::<Result<_>>()?;
    let ids = rows.iter().map(|it| MemberId::from(it.id)).collect();
    let rows: Vec<ActiveModel> = rows.into_iter().map(active).collect();
    for chunk in rows.chunks(1000) {
        Entity::insert_many(chunk.to_vec())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(ids)
}

/// Takes back members that this write has made and that nothing came of.
///
/// # Errors
/// When the database fails.
pub async fn unmake(tx: &Tx, members: &[MemberId]) -> Result<()> {
    for chunk in members.chunks(1000) {
        let ids = chunk.iter().map(|it| it.uuid());
        let query = Entity::delete_many().filter(Column::Id.is_in(ids));
        query.exec(tx).await?;
    }
    Ok(())
}

fn active(row: Model) -> ActiveModel {
    let mut active: ActiveModel = row.into();
    active = active.reset_all();
    active
}

fn new_row(tx: &Tx, app: &App, new: NewMember) -> Result<Model> {
    let mut check = Check {
        errors: Vec::new(),
        country: &app.config.phone_country_code,
    };
    let rulebook = app.rulebook();
    let today = tx.now().date_in(&rulebook.zone);
    let birthday = new.birthday.map(|wanted| set_birthday(None, wanted, today));
    if matches!(birthday, Some(Err(_))) {
        check.wrong("/birthday", "expected a date in the past");
    }
    let mut row = Model {
        id: MemberId::generate(&mut tx.ids()).uuid(),
        external_id: check.external_id(new.external_id),
        name: check.name(new.name),
        email: check.email(new.email),
        phone: check.phone(new.phone),
        birthday: birthday.and_then(Result::ok).map(|it| it.to_string()),
        time_zone: check
            .zone(new.time_zone)
            .unwrap_or_else(|| rulebook.programme.time_zone.clone()),
        locale: new.locale.unwrap_or_default().to_db().to_owned(),
        consents: to_json(&new.consents.unwrap_or_default())?,
        status: MemberStatus::Active.to_db().to_owned(),
        password_hash: new.password_hash,
        auth_epoch: 0,
        search_text: String::new(),
        joined_at: new
            .joined_at
            .unwrap_or_else(|| tx.now())
            .min(tx.now())
            .as_millis(),
        created_at: tx.now().as_millis(),
        updated_at: tx.now().as_millis(),
    };
    row.search_text = store::search_text(&row);
    check.done(row)
}

/// Collects every wrong field of a member's record.
struct Check<'a> {
    errors: Vec<FieldError>,
    country: &'a str,
}

impl Check<'_> {
    fn wrong(&mut self, pointer: &str, message: &str) {
        self.errors
            .push(FieldError::new(pointer, "invalid", message));
    }

    fn field(
        &mut self,
        pointer: &str,
        message: &str,
        text: Option<String>,
        f: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let text = text?;
        let fine = f(&text);
        if fine.is_none() {
            self.wrong(pointer, message);
        }
        fine
    }

    fn external_id(&mut self, text: Option<String>) -> Option<String> {
        let read = |it: &str| is_reference(it).then(|| it.to_owned());
        self.field(
            "/external_id",
            "expected 1 to 100 visible characters",
            text,
            read,
        )
    }

    fn name(&mut self, text: Option<String>) -> Option<String> {
        self.field("/name", "expected 1 to 60 characters", text, normalise_name)
    }

    fn email(&mut self, text: Option<String>) -> Option<String> {
        self.field(
            "/email",
            "expected an address such as li@example.com",
            text,
            normalise_email,
        )
    }

    fn phone(&mut self, text: Option<String>) -> Option<String> {
        let country = self.country;
        let read = |it: &str| normalise_phone(it, country);
        self.field(
            "/phone",
            "expected a number such as +86 138 0013 8000",
            text,
            read,
        )
    }

    fn zone(&mut self, text: Option<String>) -> Option<String> {
        let read = |it: &str| shared::time::zone(it).is_ok().then(|| it.to_owned());
        self.field(
            "/time_zone",
            "expected an IANA time zone such as Asia/Shanghai",
            text,
            read,
        )
    }

    fn done<T>(self, value: T) -> Result<T> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(AppError::invalid(self.errors))
        }
    }
}

async fn refuse_taken(tx: &Tx, row: &Model, own: Option<Uuid>) -> Result<()> {
    let taken = |column: Column, value: &Option<String>, code: ErrorCode| {
        let value = value.clone();
        async move {
            let Some(value) = value else { return Ok(()) };
            let mut query = Entity::find().filter(column.eq(value));
            if let Some(own) = own {
                query = query.filter(Column::Id.ne(own));
            }
            match query.one(tx).await? {
                Some(_) => Err(AppError::from(code)),
                None => Ok(()),
            }
        }
    };
    taken(
        Column::ExternalId,
        &row.external_id,
        ErrorCode::ExternalIdTaken,
    )
    .await?;
    taken(Column::Email, &row.email, ErrorCode::ContactTaken).await?;
    taken(Column::Phone, &row.phone, ErrorCode::ContactTaken).await
}

/// Creates the member with this external id, or changes what is given.
///
/// # Errors
/// `request.invalid`, `members.contact_taken`, `members.birthday_already_set`.
pub async fn upsert(
    tx: &Tx,
    app: &App,
    request: &UpsertMember,
    actor: &str,
) -> Result<(bool, Member)> {
    let found = Entity::find()
        .filter(Column::ExternalId.eq(request.external_id.as_str()))
        .lock_exclusive()
        .one(tx)
        .await?;
    let Some(mut row) = found else {
        let new = NewMember {
            external_id: Some(request.external_id.clone()),
            name: request.name.clone(),
            email: request.email.clone(),
            phone: request.phone.clone(),
            birthday: request.birthday.map(Day::date),
            time_zone: request.time_zone.clone(),
            locale: request.locale,
            consents: request.consents,
            password_hash: None,
            joined_at: request.joined_at,
        };
        let id = create(tx, app, new).await?;
        audit::service::record(
            tx,
            actor,
            "member.created",
            &id.to_string(),
            &serde_json::json!({}),
        )
        .await?;
        return Ok((true, get(tx, id).await?));
    };
    let mut check = Check {
        errors: Vec::new(),
        country: &app.config.phone_country_code,
    };
    row.name = check.name(request.name.clone()).or(row.name);
    row.email = check.email(request.email.clone()).or(row.email);
    row.phone = check.phone(request.phone.clone()).or(row.phone);
    let old_zone = row.time_zone.clone();
    row.time_zone = check
        .zone(request.time_zone.clone())
        .unwrap_or(row.time_zone);
    row.locale = request
        .locale
        .map_or(row.locale, |it| it.to_db().to_owned());
    if let Some(consents) = request.consents {
        row.consents = to_json(&consents)?;
    }
    let mut row = check.done(row)?;
    if let Some(wanted) = request.birthday.map(Day::date) {
        row.birthday = Some(birthday(&row, wanted, tx.now())?.to_string());
    }
    refuse_taken(tx, &row, Some(row.id)).await?;
    tasks::service::zone_changed(tx, row.id.into(), &old_zone, &row.time_zone).await?;
    let member = update(tx, row).await?;
    audit::service::record(
        tx,
        actor,
        "member.changed",
        &member.id.to_string(),
        &serde_json::json!({}),
    )
    .await?;
    Ok((false, member))
}

fn birthday(row: &Model, wanted: Date, now: Timestamp) -> Result<Date> {
    let zone = shared::time::zone(&row.time_zone).map_err(AppError::internal)?;
    let current = row.birthday.as_deref().and_then(|it| it.parse().ok());
    set_birthday(current, wanted, now.date_in(&zone)).map_err(|code| match code {
        ErrorCode::InvalidInput => {
            AppError::invalid_field("/birthday", "invalid", "expected a date in the past")
        }
        code => code.into(),
    })
}

async fn update(tx: &Tx, mut row: Model) -> Result<Member> {
    row.search_text = store::search_text(&row);
    row.updated_at = tx.now().as_millis();
    let member = store::to_member(&row)?;
    active(row).update(tx).await?;
    tx.touch(member.id);
    Ok(member)
}

/// Changes one's own record.
///
/// # Errors
/// `request.invalid`, `members.birthday_already_set`, `members.frozen`.
pub async fn update_me(tx: &Tx, app: &App, member: MemberId, request: &UpdateMe) -> Result<Member> {
    lock_active(tx, member).await?;
    let mut row = store::find(tx, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    let mut check = Check {
        errors: Vec::new(),
        country: &app.config.phone_country_code,
    };
    row.name = check.name(request.name.clone()).or(row.name);
    let mut row = check.done(row)?;
    if let Some(locale) = request.locale {
        row.locale = locale.to_db().to_owned();
    }
    if let Some(consents) = request.consents {
        row.consents = to_json(&consents)?;
    }
    if let Some(wanted) = request.birthday.map(Day::date) {
        row.birthday = Some(birthday(&row, wanted, tx.now())?.to_string());
    }
    update(tx, row).await
}

/// Freezes a member, or releases one.
///
/// # Errors
/// `members.not_found`, `request.invalid` without a reason.
pub async fn set_status(
    tx: &Tx,
    member: MemberId,
    status: MemberStatus,
    reason: &str,
    actor: &str,
) -> Result<Member> {
    let reason = reason.trim();
    if !(3..=200).contains(&reason.chars().count()) {
        return Err(AppError::invalid_field(
            "/reason",
            "out_of_range",
            "say why, in 3 to 200 characters",
        ));
    }
    lock_existing(tx, member).await?;
    let mut row = store::find(tx, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    let detail = serde_json::json!({ "from": row.status, "to": status.to_db(), "reason": reason });
    status.to_db().clone_into(&mut row.status);
    let changed = update(tx, row).await?;
    audit::service::record(
        tx,
        actor,
        "member.status_changed",
        &member.to_string(),
        &detail,
    )
    .await?;
    Ok(changed)
}

/// What use cases need to know of one member, outside a write.
///
/// # Errors
/// `members.not_found`.
pub async fn facts_of(db: &impl ConnectionTrait, member: MemberId) -> Result<MemberFacts> {
    let row = store::find(db, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    facts(&row)
}

/// What use cases need to know of a member whose record was read.
#[must_use]
pub fn facts_from(app: &App, record: &Member) -> MemberFacts {
    MemberFacts {
        id: record.id,
        status: record.status,
        zone: app.rulebook().zone_of(&record.time_zone),
        joined_at: record.joined_at,
    }
}

/// Whether a member's record has all that a shop would like to know: a name, a birthday, and a
/// phone number or an e-mail address.
#[must_use]
pub const fn is_complete(member: &Member) -> bool {
    member.name.is_some()
        && member.birthday.is_some()
        && (member.phone.is_some() || member.email.is_some())
}

/// Members whose records are complete, as [`is_complete`] says.
///
/// # Errors
/// When the database fails.
pub async fn with_complete_profiles(db: &impl ConnectionTrait) -> Result<Vec<MemberId>> {
    let reachable = Condition::any()
        .add(Column::Phone.is_not_null())
        .add(Column::Email.is_not_null());
    let query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Name.is_not_null())
        .filter(Column::Birthday.is_not_null())
        .filter(Column::Status.ne(MemberStatus::Erased.to_db()))
        .filter(reachable);
    let ids: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(ids.into_iter().map(MemberId::from).collect())
}

/// A member's record.
///
/// # Errors
/// `members.not_found`.
pub async fn get(db: &impl ConnectionTrait, member: MemberId) -> Result<Member> {
    let row = store::find(db, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    store::to_member(&row)
}

/// The member that a reference names: `mem_…`, or `ext:` and the shop's own id.
///
/// # Errors
/// `members.not_found`.
pub async fn resolve(db: &impl ConnectionTrait, reference: &str) -> Result<MemberId> {
    if let Some(external) = reference.strip_prefix("ext:") {
        let found = store::ids_by_external(db, &[external.to_owned()]).await?;
        return found
            .first()
            .map(|it| it.1)
            .ok_or_else(|| ErrorCode::MemberNotFound.into());
    }
    let id: MemberId = reference
        .parse()
        .map_err(|_| AppError::from(ErrorCode::MemberNotFound))?;
    match store::find(db, id).await? {
        Some(_) => Ok(id),
        None => Err(ErrorCode::MemberNotFound.into()),
    }
}

/// The members that references name, at once; unknown ones are left out.
///
/// # Errors
/// When the database fails.
pub async fn resolve_all(
    db: &impl ConnectionTrait,
    references: &[String],
) -> Result<Vec<(String, MemberId)>> {
    let external: Vec<String> = references
        .iter()
        .filter_map(|it| it.strip_prefix("ext:"))
        .map(str::to_owned)
        .collect();
    let by_external = store::ids_by_external(db, &external).await?;
    let mut found: Vec<(String, MemberId)> = by_external
        .into_iter()
        .map(|(it, id)| (format!("ext:{it}"), id))
        .collect();
    found.extend(
        references
            .iter()
            .filter_map(|it| Some((it.clone(), it.parse().ok()?))),
    );
    Ok(found)
}

/// Facts of these members; of those who do not exist there are none.
///
/// # Errors
/// When the database fails.
pub async fn all_facts(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<MemberFacts>> {
    let ids = members.iter().map(|it| it.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    rows.iter().map(facts).collect()
}

/// What members are called: their name, or else the shop's id.
///
/// # Errors
/// When the database fails.
pub async fn names_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, String>> {
    let ids = members.iter().map(|it| it.uuid());
    let rows: Vec<(Uuid, Option<String>, Option<String>)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name, Column::ExternalId])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let named = |(id, name, external): (Uuid, Option<String>, Option<String>)| {
        Some((MemberId::from(id), name.or(external)?))
    };
    Ok(rows.into_iter().filter_map(named).collect())
}

/// Facts of up to `limit` members in the order of their ids, after `after`.
///
/// # Errors
/// When the database fails.
pub async fn facts_after(
    db: &impl ConnectionTrait,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberFacts>> {
    let mut query = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.uuid()));
    }
    query.all(db).await?.iter().map(facts).collect()
}
