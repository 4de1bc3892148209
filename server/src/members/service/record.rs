//! Making members and changing their records.

use super::super::store::{self, ActiveModel, Column, Entity, Model};
use super::{consents, get, lock_active};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use crate::outbox::service::tell;
use crate::tasks;
use jiff::civil::Date;
use sea_orm::ActiveModelTrait;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::{Consents, Member, UpdateMe, UpsertMember};
use shared::members::rules::{normalise_email, normalise_name, normalise_phone, set_birthday};
use shared::orders::rules::is_reference;
use shared::problem::{ErrorCode, FieldError};
use shared::text::Locale;
use shared::time::{Day, Timestamp};
use shared::webhooks::events::{Event, MemberNamed};

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
    let named = MemberNamed {
        member_id: id,
        external_id: member.external_id,
    };
    tell(tx, Some(id), Event::MemberCreated(named)).await?;
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
        merged_into: None,
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
        return Ok((true, introduce(tx, app, request, actor).await?));
    };
    let mut ended = None;
    if let Some(into) = row.merged_into {
        // What the shop tells of a merged member is about the one who goes on.
        let survivor = store::find(tx, into.into()).await?;
        let survivor = survivor.ok_or(ErrorCode::MemberNotFound)?;
        ended = Some(std::mem::replace(&mut row, survivor));
    }
    // What it has always said of that member is no news.
    let news = |new: Option<String>, known: fn(&Model) -> &Option<String>| {
        new.filter(|it| ended.as_ref().and_then(|row| known(row).as_ref()) != Some(it))
    };
    let mut check = Check {
        errors: Vec::new(),
        country: &app.config.phone_country_code,
    };
    row.name = news(check.name(request.name.clone()), |it| &it.name).or(row.name);
    row.email = news(check.email(request.email.clone()), |it| &it.email).or(row.email);
    row.phone = news(check.phone(request.phone.clone()), |it| &it.phone).or(row.phone);
    let old_zone = row.time_zone.clone();
    row.time_zone = check
        .zone(request.time_zone.clone())
        .unwrap_or(row.time_zone);
    row.locale = request
        .locale
        .map_or(row.locale, |it| it.to_db().to_owned());
    let before: Consents = from_json(&row.consents)?;
    if let Some(consents) = request.consents {
        row.consents = to_json(&consents)?;
    }
    let mut row = check.done(row)?;
    let wanted = request.birthday.map(Day::date);
    let known = ended.as_ref().and_then(|it| it.birthday.as_ref());
    if let Some(wanted) = wanted.filter(|it| known != Some(&it.to_string())) {
        row.birthday = Some(birthday(&row, wanted, tx.now())?.to_string());
    }
    refuse_taken(tx, &row, Some(row.id)).await?;
    tasks::service::zone_changed(tx, row.id.into(), &old_zone, &row.time_zone).await?;
    let member = update(tx, row).await?;
    consents::note(tx, member.id, before, member.consents, actor);
    let named = MemberNamed {
        member_id: member.id,
        external_id: member.external_id.clone(),
    };
    tell(tx, Some(member.id), Event::MemberChanged(named)).await?;
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

/// Makes a member whom the shop tells about for the first time.
async fn introduce(tx: &Tx, app: &App, request: &UpsertMember, actor: &str) -> Result<Member> {
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
    let consents = request.consents.unwrap_or_default();
    consents::note(tx, id, Consents::default(), consents, actor);
    audit::service::record(
        tx,
        actor,
        "member.created",
        &id.to_string(),
        &serde_json::json!({}),
    )
    .await?;
    get(tx, id).await
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

/// Keeps a changed record.
pub(super) async fn update(tx: &Tx, mut row: Model) -> Result<Member> {
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
    let old_zone = row.time_zone.clone();
    row.time_zone = check
        .zone(request.time_zone.clone())
        .unwrap_or(row.time_zone);
    let mut row = check.done(row)?;
    let before: Consents = from_json(&row.consents)?;
    if let Some(locale) = request.locale {
        row.locale = locale.to_db().to_owned();
    }
    if let Some(consents) = request.consents {
        row.consents = to_json(&consents)?;
    }
    if let Some(wanted) = request.birthday.map(Day::date) {
        row.birthday = Some(birthday(&row, wanted, tx.now())?.to_string());
    }
    tasks::service::zone_changed(tx, member, &old_zone, &row.time_zone).await?;
    let changed = update(tx, row).await?;
    consents::note(tx, member, before, changed.consents, &member.to_string());
    Ok(changed)
}
