//! Members from a file: many at once, each by the rules of one, and taken back again.

use super::super::consent_store;
use super::super::store::{self, Column, Entity, Model};
use super::record::{NewMember, create_all, update, upsert};
use super::{consents, lock};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::Result;
use crate::schema;
use crate::tasks;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ExprTrait, QuerySelect};
use serde::{Deserialize, Serialize};
use shared::ids::MemberId;
use shared::members::api::{Consents, UpsertMember};
use shared::problem::ErrorCode;
use shared::text::Locale;
use shared::time::Day;
use shared::transfers::MemberLine;
use std::collections::{HashMap, HashSet};

/// What a file can change of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    birthday: Option<String>,
    time_zone: String,
    locale: String,
    consents: Consents,
    tags: Vec<String>,
}

impl Record {
    fn of(row: &Model, tags: &[String]) -> Result<Self> {
        Ok(Self {
            name: row.name.clone(),
            email: row.email.clone(),
            phone: row.phone.clone(),
            birthday: row.birthday.clone(),
            time_zone: row.time_zone.clone(),
            locale: row.locale.clone(),
            consents: from_json(&row.consents)?,
            tags: tags.to_vec(),
        })
    }
}

/// What a line of a file did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brought {
    /// It made a member.
    Made {
        /// The member.
        member: MemberId,
        /// The tags that it gave.
        tags: Vec<String>,
    },
    /// It changed a member.
    Changed {
        /// The member.
        member: MemberId,
        /// What was there, until the person is erased.
        before: Option<Box<Record>>,
        /// What it was changed to.
        after: Option<Box<Record>>,
    },
    /// All of it was so already.
    Unchanged,
}

/// What taking back a line did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// All of it.
    All,
    /// The member has been active since.
    Active,
    /// Part of what was changed has been changed again.
    ChangedSince,
    /// The member is erased, or another member now.
    Gone,
    /// A former phone number or address is somebody else's now.
    Taken,
}

/// Makes or changes the members of some lines, each for itself: a refused one does not hold up the
/// others.
///
/// # Errors
/// When the database fails; then none of them stands.
pub async fn bring_in(
    tx: &Tx,
    app: &App,
    lines: &[MemberLine],
    actor: &str,
) -> Result<Vec<Result<Brought>>> {
    let mut known = Known::load(tx, lines).await?;
    let mut results = Vec::with_capacity(lines.len());
    let mut new = Vec::new();
    for line in lines {
        let row = known.by_external.get(&line.external_id).cloned();
        results.push(match row {
            None if known.own.contains(&line.external_id) => Ok(Brought::Unchanged),
            Some(row) => change(tx, app, row, &known, line, actor).await,
            None => match known.claim(line) {
                Ok(()) => {
                    new.push((results.len(), line));
                    Ok(Brought::Unchanged)
                }
                Err(code) => Err(code.into()),
            },
        });
    }
    let rows = new.iter().map(|(_, line)| to_new(line)).collect();
    let ids = create_all(tx, app, rows).await?;
    for ((place, line), id) in new.into_iter().zip(ids) {
        results[place] = Ok(settle(tx, id, line, actor).await?);
    }
    Ok(results)
}

/// Members whom lines may be about, and who has which address and number.
struct Known {
    by_external: HashMap<String, Model>,
    tags: HashMap<MemberId, Vec<String>>,
    contacts: HashSet<String>,
    /// Members who have no id of the shop's, as a file of ours calls them.
    own: HashSet<String>,
}

impl Known {
    async fn load(tx: &Tx, lines: &[MemberLine]) -> Result<Self> {
        let external = lines.iter().map(|it| it.external_id.as_str());
        let rows = Entity::find()
            .filter(Column::ExternalId.is_in(external))
            .all(tx)
            .await?;
        let ids: Vec<MemberId> = rows.iter().map(|it| it.id.into()).collect();
        // Taken in one order, so that two writes never wait for each other.
        let rows = if ids.is_empty() {
            rows
        } else {
            store::lock(tx, &ids).await?
        };
        let mut contacts = HashSet::new();
        for (column, texts) in [
            (Column::Email, texts(lines, |it| it.email.as_ref())),
            (Column::Phone, texts(lines, |it| it.phone.as_ref())),
        ] {
            if texts.is_empty() {
                continue;
            }
            let taken: Vec<Option<String>> = Entity::find()
                .select_only()
                .column(column)
                .filter(column.is_in(texts))
                .into_tuple()
                .all(tx)
                .await?;
            contacts.extend(taken.into_iter().flatten());
        }
        let own: Vec<MemberId> = lines
            .iter()
            .filter_map(|it| it.external_id.parse().ok())
            .collect();
        let own = super::all_facts(tx, &own).await?;
        Ok(Self {
            own: own.iter().map(|it| it.id.to_string()).collect(),
            tags: tasks::service::tags_of_all(tx, &ids)
                .await?
                .into_iter()
                .map(|(id, tags)| (id, sorted(tags)))
                .collect(),
            by_external: rows
                .into_iter()
                .filter_map(|it| Some((it.external_id.clone()?, it)))
                .collect(),
            contacts,
        })
    }

    /// Takes the address and the number of a new member.
    fn claim(&mut self, line: &MemberLine) -> Result<(), ErrorCode> {
        let own = || [&line.email, &line.phone].into_iter().flatten();
        if own().any(|it| self.contacts.contains(it)) {
            return Err(ErrorCode::ContactTaken);
        }
        self.contacts.extend(own().cloned());
        Ok(())
    }
}

/// Tags in an order of their own: databases sort texts each in their way.
fn sorted(mut tags: Vec<String>) -> Vec<String> {
    tags.sort_unstable();
    tags
}

fn texts(lines: &[MemberLine], of: fn(&MemberLine) -> Option<&String>) -> Vec<String> {
    lines.iter().filter_map(of).cloned().collect()
}

fn consents_of(line: &MemberLine, before: Consents) -> Consents {
    Consents {
        email: line.consent_email.unwrap_or(before.email),
        sms: line.consent_sms.unwrap_or(before.sms),
        push: line.consent_push.unwrap_or(before.push),
    }
}

fn to_new(line: &MemberLine) -> NewMember {
    NewMember {
        external_id: Some(line.external_id.clone()),
        name: line.name.clone(),
        email: line.email.clone(),
        phone: line.phone.clone(),
        birthday: line.birthday.map(Day::date),
        time_zone: line.time_zone.clone(),
        locale: line.locale,
        consents: Some(consents_of(line, Consents::default())),
        password_hash: None,
        joined_at: line.joined_at,
    }
}

/// What follows once a member was made.
async fn settle(tx: &Tx, member: MemberId, line: &MemberLine, actor: &str) -> Result<Brought> {
    let given = consents_of(line, Consents::default());
    consents::note(tx, member, Consents::default(), given, actor);
    let tags = line.tags.clone().unwrap_or_default();
    let detail = serde_json::json!({});
    audit::service::record(tx, actor, "member.created", &member.to_string(), &detail).await?;
    if !tags.is_empty() {
        tasks::service::set_tags(tx, member, &tags, actor).await?;
    }
    Ok(Brought::Made { member, tags })
}

/// Changes what a line gives, by the rule of one member, if anything is another.
async fn change(
    tx: &Tx,
    app: &App,
    row: Model,
    known: &Known,
    line: &MemberLine,
    actor: &str,
) -> Result<Brought> {
    if row.merged_into.is_some() {
        return Err(ErrorCode::MemberMerged.into());
    }
    let member = MemberId::from(row.id);
    let tags = known.tags.get(&member).map_or(&[][..], Vec::as_slice);
    let before = Record::of(&row, tags)?;
    let consents = consents_of(line, before.consents);
    let given = |new: &Option<String>, old: &Option<String>| new.is_none() || new == old;
    let birthday = line.birthday.map(|it| it.to_string());
    let same = given(&line.name, &before.name)
        && given(&line.email, &before.email)
        && given(&line.phone, &before.phone)
        && given(&birthday, &before.birthday)
        && line
            .time_zone
            .as_ref()
            .is_none_or(|it| *it == before.time_zone)
        && line.locale.is_none_or(|it| it.to_db() == before.locale)
        && consents == before.consents;
    let same_tags = line.tags.as_ref().is_none_or(|it| it == tags);
    if same && same_tags {
        return Ok(Brought::Unchanged);
    }
    if !same {
        let request = UpsertMember {
            external_id: line.external_id.clone(),
            name: line.name.clone(),
            email: line.email.clone(),
            phone: line.phone.clone(),
            birthday: line.birthday,
            time_zone: line.time_zone.clone(),
            locale: line.locale,
            consents: Some(consents),
            joined_at: None,
        };
        upsert(tx, app, &request, actor).await?;
    }
    let tags = match &line.tags {
        Some(wanted) if !same_tags => tasks::service::set_tags(tx, member, wanted, actor).await?,
        _ => tags.to_vec(),
    };
    let now = store::find(tx, member).await?;
    let now = now.ok_or(ErrorCode::MemberNotFound)?;
    Ok(Brought::Changed {
        member,
        before: Some(Box::new(before)),
        after: Some(Box::new(Record::of(&now, &tags)?)),
    })
}

/// Takes back what lines did, each for itself. Members who were made and have done nothing since
/// are unmade; of those who were changed, what nobody changed since is put back.
///
/// # Errors
/// When the database fails; then all of them stand.
pub async fn take_back(tx: &Tx, done: &[Brought], actor: &str) -> Result<Vec<TakenBack>> {
    let members: Vec<MemberId> = done.iter().filter_map(Brought::member).collect();
    lock(tx, &members).await?;
    let made: Vec<MemberId> = done
        .iter()
        .filter(|it| matches!(it, Brought::Made { .. }))
        .filter_map(Brought::member)
        .collect();
    let active = active_ones(tx, &made).await?;
    let mut results = Vec::with_capacity(done.len());
    let mut unmade = Vec::new();
    for it in done {
        results.push(match it {
            Brought::Unchanged => TakenBack::All,
            Brought::Made { member, tags } => {
                let found = idle(tx, *member, tags, &active).await?;
                if found == TakenBack::All {
                    unmade.push(*member);
                }
                found
            }
            Brought::Changed {
                member,
                before: Some(before),
                after: Some(after),
            } => put_back(tx, *member, (before, after), actor).await?,
            Brought::Changed { .. } => TakenBack::Gone,
        });
    }
    for member in &unmade {
        tx.touch(*member);
        consent_store::forget(tx, *member).await?;
        tasks::service::set_tags(tx, *member, &[], actor).await?;
        let detail = serde_json::json!({});
        audit::service::record(tx, actor, "member.unmade", &member.to_string(), &detail).await?;
    }
    super::unmake(tx, &unmade).await?;
    Ok(results)
}

impl Brought {
    /// Whom it was about.
    #[must_use]
    pub const fn member(&self) -> Option<MemberId> {
        match self {
            Self::Made { member, .. } | Self::Changed { member, .. } => Some(*member),
            Self::Unchanged => None,
        }
    }

    /// Whether it holds anything of a person, who may be another one than the member whom it was
    /// about: an address that went over to somebody else is that one's now.
    #[must_use]
    pub fn is_about(&self, member: MemberId, contacts: &[String]) -> bool {
        let has = |it: &Option<Box<Record>>| {
            let own = it.as_deref().map(|it| [&it.email, &it.phone]);
            let mut own = own.into_iter().flatten().flatten();
            own.any(|it| contacts.contains(it))
        };
        match self {
            Self::Changed { before, after, .. } => {
                self.member() == Some(member) || has(before) || has(after)
            }
            _ => self.member() == Some(member),
        }
    }

    /// Forgets what was known of the person.
    pub fn forget(&mut self) {
        match self {
            Self::Made { tags, .. } => tags.clear(),
            Self::Changed { before, after, .. } => (*before, *after) = (None, None),
            Self::Unchanged => {}
        }
    }
}

/// Whether a member who was made is as on the first day.
async fn idle(
    tx: &Tx,
    member: MemberId,
    tags: &[String],
    active: &HashSet<MemberId>,
) -> Result<TakenBack> {
    let Some(row) = store::find(tx, member).await? else {
        return Ok(TakenBack::Gone);
    };
    if row.status == shared::members::MemberStatus::Erased.to_db() || row.merged_into.is_some() {
        return Ok(TakenBack::Gone);
    }
    let untouched = row.updated_at == row.created_at && row.password_hash.is_none();
    let same_tags = sorted(tasks::service::tags_of(tx, member).await?) == tags;
    Ok(if untouched && same_tags && !active.contains(&member) {
        TakenBack::All
    } else {
        TakenBack::Active
    })
}

/// Tables in which a member stands by being made: those rows go with the member.
const OF_THE_RECORD: [&str; 3] = ["members", "consent_changes", "member_tags"];

/// Those of these members who stand in any table besides that of members.
async fn active_ones(tx: &Tx, members: &[MemberId]) -> Result<HashSet<MemberId>> {
    let mut found = HashSet::new();
    if members.is_empty() {
        return Ok(found);
    }
    let ids: Vec<Uuid> = members.iter().map(|it| it.uuid()).collect();
    for (table, column) in schema::member_columns(tx.get_database_backend()) {
        if OF_THE_RECORD.contains(&table.as_str()) {
            continue;
        }
        let query = Query::select()
            .distinct()
            .column(Alias::new(column.as_str()))
            .from(Alias::new(table.as_str()))
            .and_where(Expr::col(Alias::new(column.as_str())).is_in(ids.clone()))
            .to_owned();
        for row in tx.query_all(&query).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            found.insert(id.into());
        }
    }
    Ok(found)
}

/// Puts back what a file changed and nobody changed since.
async fn put_back(
    tx: &Tx,
    member: MemberId,
    (before, after): (&Record, &Record),
    actor: &str,
) -> Result<TakenBack> {
    let Some(mut row) = store::find(tx, member).await? else {
        return Ok(TakenBack::Gone);
    };
    let gone = shared::members::MemberStatus::from_db(&row.status)?.is_gone();
    if gone {
        return Ok(TakenBack::Gone);
    }
    let tags = sorted(tasks::service::tags_of(tx, member).await?);
    let now = Record::of(&row, &tags)?;
    let mut since = false;
    macro_rules! former {
        ($field:ident) => {
            if before.$field == after.$field || now.$field == before.$field {
                now.$field.clone()
            } else if now.$field == after.$field {
                before.$field.clone()
            } else {
                since = true;
                now.$field.clone()
            }
        };
    }
    row.name = former!(name);
    let (email, phone) = (former!(email), former!(phone));
    let mut taken = false;
    for (column, own, former) in [
        (Column::Email, &mut row.email, email),
        (Column::Phone, &mut row.phone, phone),
    ] {
        if is_taken(tx, member, column, former.as_deref()).await? {
            taken = true;
        } else {
            *own = former;
        }
    }
    row.birthday = former!(birthday);
    let zone = former!(time_zone);
    row.locale = former!(locale);
    let consents = former!(consents);
    let former_tags = former!(tags);
    tasks::service::zone_changed(tx, member, &row.time_zone, &zone).await?;
    row.time_zone = zone;
    row.consents = to_json(&consents)?;
    Locale::from_db(&row.locale)?;
    update(tx, row).await?;
    consents::note(tx, member, now.consents, consents, actor);
    if former_tags != tags {
        tasks::service::set_tags(tx, member, &former_tags, actor).await?;
    }
    let detail = serde_json::json!({});
    audit::service::record(tx, actor, "member.changed", &member.to_string(), &detail).await?;
    Ok(match (taken, since) {
        (true, _) => TakenBack::Taken,
        (false, true) => TakenBack::ChangedSince,
        (false, false) => TakenBack::All,
    })
}

/// Whether somebody else has an address or a number.
async fn is_taken(tx: &Tx, member: MemberId, column: Column, value: Option<&str>) -> Result<bool> {
    let Some(value) = value else {
        return Ok(false);
    };
    let other = Entity::find()
        .filter(column.eq(value))
        .filter(Column::Id.ne(member.uuid()));
    Ok(other.one(tx).await?.is_some())
}

/// What names a member and nobody else: address, number and the shop's customer id.
///
/// # Errors
/// When the database fails.
pub async fn contacts_of(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<String>> {
    let row = store::find(db, member).await?;
    let own = row.map(|it| [it.email, it.phone, it.external_id]);
    Ok(own.into_iter().flatten().flatten().collect())
}

/// Whom a line calls by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// The record that has the name.
    pub record: MemberId,
    /// Who goes on for it: the same one, unless it was merged.
    pub member: MemberId,
}

/// Members by what a line calls them, the shop's id or `mem_…`: the shop's id wins. Unknown ones are
/// left out.
///
/// # Errors
/// When the database fails.
pub async fn called(db: &impl ConnectionTrait, names: &[&str]) -> Result<HashMap<String, Called>> {
    let external: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
    let mut found: HashMap<String, Called> = store::records_by_external(db, &external)
        .await?
        .into_iter()
        .map(|(name, record, member)| (name, Called { record, member }))
        .collect();
    let own = names.iter().filter(|it| it.parse::<MemberId>().is_ok());
    let own: Vec<String> = own.map(|it| (*it).to_owned()).collect();
    let by_id = super::resolve_all(db, &own).await?;
    let ids: Vec<MemberId> = by_id.iter().map(|it| it.1).collect();
    let there: HashSet<MemberId> = super::all_facts(db, &ids)
        .await?
        .iter()
        .map(|it| it.id)
        .collect();
    for (name, member) in by_id {
        if let Ok(record) = name.parse()
            && there.contains(&member)
        {
            found.entry(name).or_insert(Called { record, member });
        }
    }
    Ok(found)
}

/// The records of members as a file has them, in the same order, with their tags; of those who are
/// gone there are none. Who has no id of the shop's is called by the own id.
///
/// # Errors
/// When the database fails.
pub async fn as_lines(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<(MemberId, MemberLine)>> {
    let ids = members.iter().map(|it| it.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    let mut by_id: HashMap<MemberId, Model> =
        rows.into_iter().map(|it| (it.id.into(), it)).collect();
    let mut tags = tasks::service::tags_of_all(db, members).await?;
    let mut lines = Vec::with_capacity(members.len());
    for id in members {
        let Some(row) = by_id.remove(id) else {
            continue;
        };
        let member = store::to_member(&row)?;
        if member.status.is_gone() {
            continue;
        }
        let line = MemberLine {
            external_id: member.external_id.unwrap_or_else(|| id.to_string()),
            name: member.name,
            email: member.email,
            phone: member.phone,
            birthday: member.birthday,
            locale: Some(member.locale),
            time_zone: Some(member.time_zone),
            joined_at: Some(member.joined_at),
            tags: tags.remove(id),
            consent_email: Some(member.consents.email),
            consent_sms: Some(member.consents.sms),
            consent_push: Some(member.consents.push),
        };
        lines.push((*id, line));
    }
    Ok(lines)
}
