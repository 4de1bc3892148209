//! Use cases of sessions: opening, refreshing and ending them.

pub use super::live::{Standing, standings};

use super::store::OpenedBy;
use super::{handoff_store, store};
use crate::App;
use crate::audit;
use crate::auth::{Audience, Subject};
use crate::db::{Cursor, Tx, paged};
use crate::error::{AppError, Result};
use crate::http::rate_limit::Bucket;
use crate::ids::{hash_secret, secret};
use crate::members;
use crate::members::service::{ExportWriter, Move, NewMember};
use crate::staff;
use crate::staff::service::Proof;
use sea_orm::ConnectionTrait;
use shared::ids::{MemberId, SessionId, StaffId};
use shared::members::api::{MemberSessionEvent, MovedKind};
use shared::members::rules::check_password;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::sessions::api::{Device, MemberSession, SignIn, SignUp, StaffSession, StaffSignIn};
use shared::sessions::rules::device_name;
use shared::time::Timestamp;
use subtle::ConstantTimeEq;

/// How long a member stays signed in.
const MEMBER_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How long staff stay signed in: a working day.
const STAFF_SECONDS: i64 = 12 * 60 * 60;
/// How long the token before the current one may still come from another tab that refreshed at the
/// same moment.
const RACE_MS: i64 = 10_000;
/// How long coming in through the shop confirms what cannot be taken back.
const FRESH_MS: i64 = 10 * 60_000;
/// Days for which ended sessions are kept.
const KEPT_DAYS: i64 = 30;

/// A session that was opened or refreshed: what the page gets, and what its cookie gets.
#[derive(Debug, Clone)]
pub struct SignedIn<T> {
    /// For the page.
    pub body: T,
    /// For the cookie.
    pub refresh_token: String,
    /// How long the cookie lasts.
    pub seconds: i64,
}

/// A session with its refresh token, which is known only now.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) id: SessionId,
    pub(super) token: String,
    pub(super) expires_at: Timestamp,
}

const fn seconds(audience: Audience) -> i64 {
    match audience {
        Audience::Member => MEMBER_SECONDS,
        Audience::Staff => STAFF_SECONDS,
    }
}

/// Opens a session inside a write.
pub(super) async fn open(
    tx: &Tx,
    subject: Subject,
    user_agent: Option<String>,
    by: OpenedBy,
) -> Result<Opened> {
    open_for(tx, subject, user_agent, by, None).await
}

/// Like [`open`], for so many seconds instead of as long as usual.
pub(super) async fn open_for(
    tx: &Tx,
    subject: Subject,
    user_agent: Option<String>,
    by: OpenedBy,
    lasts: Option<i64>,
) -> Result<Opened> {
    let id = SessionId::generate(&mut tx.ids());
    let secret = secret();
    let seconds = lasts.unwrap_or_else(|| seconds(subject.audience()));
    let expires_at = tx.now().plus_millis(seconds * 1000);
    store::insert(
        tx,
        id,
        subject,
        hash_secret(&secret),
        user_agent,
        expires_at,
        by,
    )
    .await?;
    Ok(Opened {
        id,
        token: format!("{id}.{secret}"),
        expires_at,
    })
}

/// The page's part of a member's session.
pub(super) fn member_signed_in(
    app: &App,
    member_id: MemberId,
    epoch: i32,
    opened: Opened,
    page: Option<String>,
) -> Result<SignedIn<MemberSession>> {
    let now = app.db.now();
    let (access_token, expires_at) =
        app.auth
            .issue(Subject::Member(member_id), opened.id, epoch, now)?;
    let body = MemberSession {
        access_token,
        expires_at,
        member_id,
        page,
    };
    Ok(SignedIn {
        body,
        refresh_token: opened.token,
        seconds: left(opened.expires_at, now),
    })
}

fn staff_signed_in(
    app: &App,
    login: &staff::service::Login,
    opened: Opened,
) -> Result<SignedIn<StaffSession>> {
    let now = app.db.now();
    let (access_token, expires_at) =
        app.auth
            .issue(Subject::Staff(login.id), opened.id, login.epoch, now)?;
    let body = StaffSession {
        access_token,
        expires_at,
        staff_id: login.id,
        name: login.name.clone(),
        role: login.role,
        must_enrol: login.must_enrol,
    };
    Ok(SignedIn {
        body,
        refresh_token: opened.token,
        seconds: left(opened.expires_at, now),
    })
}

const fn left(until: Timestamp, now: Timestamp) -> i64 {
    (until.as_millis() - now.as_millis()) / 1000
}

/// Makes a member with a password and signs them in.
///
/// # Errors
/// `auth.forbidden` when the programme takes no sign-ups; `request.invalid`, `members.contact_taken`.
pub async fn sign_up(
    app: &App,
    request: SignUp,
    user_agent: Option<String>,
    visitor: Option<String>,
) -> Result<SignedIn<MemberSession>> {
    if !app.rulebook().programme.sign_up_open {
        let detail = "sign-up is closed; come in through the shop";
        return Err(AppError::refused(ErrorCode::Forbidden, detail));
    }
    check_password(&request.password).map_err(|it| AppError::invalid(vec![it]))?;
    if request.email.is_none() && request.phone.is_none() {
        return Err(AppError::invalid_field(
            "/email",
            "required",
            "an e-mail address or a phone number is required",
        ));
    }
    let password_hash = app.auth.passwords.hash(request.password).await?;
    let new = NewMember {
        name: request.name,
        email: request.email,
        phone: request.phone,
        locale: request.locale,
        time_zone: request.time_zone,
        password_hash: Some(password_hash),
        ..NewMember::default()
    };
    let made = app.db.write(
        (app.clone(), new, user_agent, visitor),
        |tx, (app, new, user_agent, visitor)| {
            Box::pin(async move {
                let member = members::service::create(tx, app, new.clone()).await?;
                if let Some(mark) = visitor {
                    crate::tasks::service::signed_up(tx, app, member, mark).await?;
                }
                Ok((
                    member,
                    open(
                        tx,
                        Subject::Member(member),
                        user_agent.clone(),
                        OpenedBy::Password,
                    )
                    .await?,
                ))
            })
        },
    );
    // Two who sign up at the same moment both find the address free; the database knows better.
    let (member, opened) = made.await.map_err(|it| {
        if it.is_taken() {
            ErrorCode::ContactTaken.into()
        } else {
            it
        }
    })?;
    member_signed_in(app, member, 0, opened, None)
}

/// Signs a member in by password.
///
/// # Errors
/// `auth.bad_credentials`; `request.rate_limited` after many tries.
pub async fn sign_in(
    app: &App,
    request: SignIn,
    user_agent: Option<String>,
) -> Result<SignedIn<MemberSession>> {
    let identifier = request.identifier.trim().to_lowercase();
    app.limits
        .check(Bucket::SignInAccount, ("member", &identifier))?;
    let known = members::login::find_by_identifier(
        app.db.read(),
        &identifier,
        &app.config.phone_country_code,
    )
    .await?;
    let known = known.filter(|it| !it.status.is_gone());
    let hash = known.as_ref().and_then(|it| it.password_hash.clone());
    let right = app.auth.passwords.verify(request.password, hash).await?;
    let login = known.filter(|_| right).ok_or(ErrorCode::BadCredentials)?;
    let (id, epoch) = (login.id, login.epoch);
    let args = (app.clone(), identifier, login, user_agent);
    let opened = app
        .db
        .write(args, |tx, (app, identifier, login, user_agent)| {
            Box::pin(async move {
                let code = &app.config.phone_country_code;
                let now = members::login::find_by_identifier(tx, identifier, code).await?;
                // The password may have been changed while it was checked.
                now.filter(|it| it == login)
                    .ok_or(ErrorCode::BadCredentials)?;
                let subject = Subject::Member(login.id);
                open(tx, subject, user_agent.clone(), OpenedBy::Password).await
            })
        });
    member_signed_in(app, id, epoch, opened.await?, None)
}

/// Signs staff in by password, and by a code when a second factor is set up.
///
/// # Errors
/// `auth.bad_credentials`; `auth.code_required`, `auth.code_wrong`; `request.rate_limited` after many tries.
pub async fn sign_in_staff(
    app: &App,
    request: StaffSignIn,
    user_agent: Option<String>,
) -> Result<SignedIn<StaffSession>> {
    let email = request.email.trim().to_lowercase();
    app.limits.check(Bucket::SignInAccount, ("staff", &email))?;
    let known = staff::service::login_by_email(app.db.read(), &email)
        .await?
        .filter(|it| it.active);
    let hash = known.as_ref().map(|it| it.password_hash.clone());
    let right = app.auth.passwords.verify(request.password, hash).await?;
    let login = known.filter(|_| right).ok_or(ErrorCode::BadCredentials)?;
    if request.code.is_some() {
        app.limits
            .check(Bucket::SecondStep, ("sign-in", login.id))?;
    }
    let args = (login.clone(), request.code, user_agent);
    let opened = app.db.write(args, |tx, (login, code, user_agent)| {
        Box::pin(open_for_staff(
            tx,
            login,
            code.as_deref(),
            user_agent.clone(),
        ))
    });
    staff_signed_in(app, &login, opened.await??)
}

/// The second step, and the session. What is refused there is kept in the audit trail, so it is
/// not an error of the write.
async fn open_for_staff(
    tx: &Tx,
    login: &staff::service::Login,
    code: Option<&str>,
    user_agent: Option<String>,
) -> Result<Result<Opened>> {
    let now = staff::service::login(tx, login.id).await?;
    // The password may have been changed while it was checked.
    let same = |it: &staff::service::Login| {
        it.active && it.epoch == login.epoch && it.password_hash == login.password_hash
    };
    now.filter(same).ok_or(ErrorCode::BadCredentials)?;
    let name = login.id.to_string();
    let nothing = serde_json::json!({});
    match staff::service::prove(tx, login.id, code).await? {
        Proof::Missing => return Ok(Err(ErrorCode::CodeRequired.into())),
        Proof::Wrong => {
            audit::service::record(tx, &name, "staff.code_refused", &name, &nothing).await?;
            return Ok(Err(ErrorCode::CodeWrong.into()));
        }
        Proof::Right | Proof::NotNeeded => {}
    }
    audit::service::record(tx, &name, "staff.signed_in", &name, &nothing).await?;
    let subject = Subject::Staff(login.id);
    Ok(Ok(open(tx, subject, user_agent, OpenedBy::Password).await?))
}

/// What became of a refresh.
enum Refreshed {
    Rotated(Subject, Opened),
    /// The token had been used before: the session is over, whoever has its tokens.
    Reused,
}

/// Reads `<session id>.<secret>`.
fn parse_token(token: &str) -> Result<(SessionId, &str)> {
    let parts = token
        .split_once('.')
        .and_then(|(id, secret)| Some((id.parse().ok()?, secret)));
    parts.ok_or_else(|| ErrorCode::SessionEnded.into())
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Replaces a refresh token. The token before the present one may come again as long as the
/// present one was not used: within a moment it is another tab, later the answer was lost. Any
/// other token shows that two have the session: one of them is a thief, and it ends for both.
async fn rotate(app: &App, audience: Audience, token: &str) -> Result<(Subject, Opened)> {
    let (id, secret) = parse_token(token)?;
    let args = (id, audience, hash_secret(secret));
    let refreshed = app.db.write(args, |tx, (id, audience, hash)| {
        Box::pin(rotate_in(tx, *id, *audience, hash))
    });
    match refreshed.await? {
        Refreshed::Rotated(subject, opened) => Ok((subject, opened)),
        Refreshed::Reused => {
            app.auth.forget();
            Err(ErrorCode::SessionEnded.into())
        }
    }
}

async fn rotate_in(tx: &Tx, id: SessionId, audience: Audience, hash: &str) -> Result<Refreshed> {
    let session = store::lock(tx, id).await?;
    let session = session.filter(|it| it.is_open(tx.now()) && it.subject().audience() == audience);
    let session = session.ok_or(ErrorCode::SessionEnded)?;
    let subject = session.subject();
    if same(&session.token_hash, hash) {
        let secret = secret();
        store::rotate(tx, &session, hash_secret(&secret)).await?;
        return Ok(Refreshed::Rotated(subject, rotated(&session, &secret)));
    }
    let is_previous = session
        .previous_hash
        .as_deref()
        .is_some_and(|it| same(it, hash));
    if is_previous && tx.now().as_millis() - session.rotated_at <= RACE_MS {
        return Err(ErrorCode::RefreshRaced.into());
    }
    if is_previous {
        // The token after it was never used, or it would be the one before now: its answer was
        // lost on the way. If it was not, and this is a thief, the session ends as soon as the
        // browser comes with the token that this one replaces.
        let secret = secret();
        store::rotate_again(tx, &session, hash_secret(&secret)).await?;
        return Ok(Refreshed::Rotated(subject, rotated(&session, &secret)));
    }
    end_in(tx, id, subject).await?;
    let person = match subject {
        Subject::Member(id) => id.to_string(),
        Subject::Staff(id) => id.to_string(),
    };
    let detail = serde_json::json!({ "session": id });
    audit::service::record(tx, "system", "session.token_reused", &person, &detail).await?;
    Ok(Refreshed::Reused)
}

fn rotated(session: &store::Model, secret: &str) -> Opened {
    let id = SessionId::from(session.id);
    Opened {
        id,
        token: format!("{id}.{secret}"),
        expires_at: Timestamp::from_millis(session.expires_at),
    }
}

async fn end_in(tx: &Tx, id: SessionId, subject: Subject) -> Result<bool> {
    if let Subject::Member(member) = subject {
        tx.touch(member);
    }
    store::end(tx, id).await
}

/// Refreshes a member's session.
///
/// # Errors
/// `auth.session_ended`; `auth.refresh_raced` when another tab was faster.
pub async fn refresh(app: &App, token: &str) -> Result<SignedIn<MemberSession>> {
    let (subject, opened) = rotate(app, Audience::Member, token).await?;
    let Subject::Member(member) = subject else {
        return Err(ErrorCode::SessionEnded.into());
    };
    let login = members::login::find(app.db.read(), member).await?;
    let login = login
        .filter(|it| !it.status.is_gone())
        .ok_or(ErrorCode::SessionEnded)?;
    member_signed_in(app, member, login.epoch, opened, None)
}

/// Refreshes a staff session.
///
/// # Errors
/// `auth.session_ended`; `auth.refresh_raced` when another tab was faster.
pub async fn refresh_staff(app: &App, token: &str) -> Result<SignedIn<StaffSession>> {
    let (subject, opened) = rotate(app, Audience::Staff, token).await?;
    let Subject::Staff(id) = subject else {
        return Err(ErrorCode::SessionEnded.into());
    };
    let login = staff::service::login(app.db.read(), id).await?;
    let login = login
        .filter(|it| it.active)
        .ok_or(ErrorCode::SessionEnded)?;
    staff_signed_in(app, &login, opened)
}

/// Ends the session of a refresh token. A token that is not known ends nothing.
///
/// # Errors
/// When the database fails.
pub async fn sign_out_token(app: &App, audience: Audience, token: &str) -> Result<()> {
    let Ok((id, secret)) = parse_token(token) else {
        return Ok(());
    };
    let known = store::find(app.db.read(), id).await?;
    let hash = hash_secret(secret);
    let fits = |it: &str| same(it, &hash);
    let known =
        known.filter(|it| fits(&it.token_hash) || it.previous_hash.as_deref().is_some_and(fits));
    match known.filter(|it| it.subject().audience() == audience) {
        Some(session) => sign_out(app, id, session.subject()).await.map(drop),
        None => Ok(()),
    }
}

/// Ends a session; tells whether it was open.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(app: &App, id: SessionId, subject: Subject) -> Result<bool> {
    let ended = app
        .db
        .write((id, subject), |tx, (id, subject)| {
            Box::pin(end_in(tx, *id, *subject))
        })
        .await?;
    app.auth.forget();
    Ok(ended)
}

/// Signs a member out on one device of theirs.
///
/// # Errors
/// `sessions.not_found`, also for a device of someone else.
pub async fn sign_out_device(app: &App, member: MemberId, id: SessionId) -> Result<()> {
    let subject = Subject::Member(member);
    let session = store::find(app.db.read(), id).await?;
    let own = session.is_some_and(|it| it.subject() == subject && it.is_open(app.db.now()));
    if own && sign_out(app, id, subject).await? {
        Ok(())
    } else {
        Err(ErrorCode::SessionNotFound.into())
    }
}

/// Signs a member out everywhere. The access tokens end with their sessions.
///
/// # Errors
/// When the database fails.
pub async fn sign_out_everywhere(app: &App, member: MemberId) -> Result<()> {
    app.db
        .write(member, |tx, member| {
            Box::pin(end_all_of_member(tx, *member))
        })
        .await
}

/// Signs a member out on all devices but the one that asks.
///
/// # Errors
/// When the database fails.
pub async fn sign_out_others(app: &App, member: MemberId, current: SessionId) -> Result<()> {
    app.db
        .write((member, current), |tx, (member, current)| {
            Box::pin(async move {
                tx.touch(*member);
                store::end_all(tx, Subject::Member(*member), Some(*current)).await
            })
        })
        .await
}

/// Ends all sessions of a member, inside a write.
///
/// # Errors
/// When the database fails.
pub async fn end_all_of_member(tx: &Tx, member: MemberId) -> Result<()> {
    tx.touch(member);
    store::end_all(tx, Subject::Member(member), None).await
}

/// Ends all sessions of one of the staff, inside a write. Afterwards call `Auth::forget`.
///
/// # Errors
/// When the database fails.
pub async fn end_all_of_staff(tx: &Tx, id: StaffId) -> Result<()> {
    store::end_all(tx, Subject::Staff(id), None).await
}

/// Sessions that a member has opened up to and with an instant, newest first.
///
/// # Errors
/// When the database fails.
pub async fn opened_until(
    db: &impl ConnectionTrait,
    member: MemberId,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<(Timestamp, MemberSessionEvent)>> {
    let rows = store::opened_until(db, member, to, limit).await?;
    let event = |row: store::Model| {
        let session = MemberSessionEvent {
            id: row.id.into(),
            user_agent: row.user_agent,
            ended_at: row.ended_at.map(Timestamp::from_millis),
        };
        (Timestamp::from_millis(row.created_at), session)
    };
    Ok(rows.into_iter().map(event).collect())
}

/// A member's signed-in devices, newest first.
///
/// # Errors
/// When the database fails.
pub async fn devices(
    app: &App,
    member: MemberId,
    current: SessionId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Device>> {
    let rows = store::open_of(app.db.read(), member, app.db.now(), limit, cursor).await?;
    let place = |row: &store::Model| Cursor {
        key: row.created_at,
        id: row.id,
    };
    Ok(paged(rows, limit, place, |row| Device {
        id: row.id.into(),
        current: current.uuid() == row.id,
        created_at: Timestamp::from_millis(row.created_at),
        last_used_at: Timestamp::from_millis(row.rotated_at),
        name: row.user_agent.as_deref().and_then(device_name),
        user_agent: row.user_agent,
    }))
}

/// How many devices a member is signed in on.
///
/// # Errors
/// When the database fails.
pub async fn count_of(db: &impl ConnectionTrait, member: MemberId, now: Timestamp) -> Result<u64> {
    store::count_open(db, member, now).await
}

/// Whether a session came in through the shop within the last minutes.
///
/// # Errors
/// When the database fails.
pub async fn is_fresh_hand_off(
    db: &impl ConnectionTrait,
    id: SessionId,
    now: Timestamp,
) -> Result<bool> {
    let session = store::find(db, id).await?;
    Ok(session.is_some_and(|it| {
        let by_hand_off = it.opened_by.as_deref() == Some(OpenedBy::HandOff.as_str());
        by_hand_off && now.as_millis() - it.created_at <= FRESH_MS
    }))
}

/// A member's devices, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let nobody = SessionId::from(member.uuid());
    to.pages("devices", |limit, cursor| {
        Box::pin(devices(app, member, nobody, limit, cursor))
    })
    .await
}

/// Hands a member's devices over with a merge of members, or back: who is signed in stays so.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let devices = match it.back_ids(MovedKind::Devices) {
        Some(ids) => ids,
        None => store::ids_of(tx, it.giver()).await?,
    };
    let (id, owner) = (store::Column::Id, store::Column::SubjectId);
    it.hand_over::<store::Entity>(tx, MovedKind::Devices, (id, owner), devices)
        .await
}

/// Drops everything about a member's devices, and the addresses that would sign one in.
///
/// # Errors
/// When the database fails.
pub async fn forget_member(tx: &Tx, member: MemberId) -> Result<()> {
    tx.touch(member);
    store::forget(tx, Subject::Member(member)).await?;
    handoff_store::forget(tx, member).await
}

/// Drops sessions and hand-off codes that are long over.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    store::purge(tx, tx.now().plus_days(-KEPT_DAYS)).await?;
    handoff_store::purge(tx, tx.now().plus_days(-1)).await
}
