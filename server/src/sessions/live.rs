//! Whether a session may still be used, and as whom.

use super::store;
use crate::auth::{CurrentMember, CurrentStaff, Principal, Subject};
use crate::error::Result;
use crate::members;
use crate::staff;
use sea_orm::ConnectionTrait;
use shared::ids::{MemberId, SessionId, StaffId};
use shared::members::MemberStatus;
use shared::staff::Role;
use shared::time::Timestamp;
use std::collections::HashMap;

/// A session with what there is to know about its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    person: Person,
    /// Counts what ends all of the person's tokens.
    pub epoch: i32,
    expires_at: Timestamp,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Person {
    Member(MemberId, MemberStatus),
    Staff(StaffId, Role, bool),
}

impl Standing {
    /// Whether the session may be used now.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        let gone = matches!(self.person, Person::Member(_, status) if status.is_gone());
        !self.ended && now < self.expires_at && !gone
    }

    /// Whose session it is.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match self.person {
            Person::Member(id, _) => Subject::Member(id),
            Person::Staff(id, ..) => Subject::Staff(id),
        }
    }

    /// The person, as handlers want to know it.
    #[must_use]
    pub const fn principal(&self, session: SessionId) -> Principal {
        match self.person {
            Person::Member(id, status) => Principal::Member(CurrentMember {
                id,
                session,
                status,
            }),
            Person::Staff(id, role, must_enrol) => Principal::Staff(CurrentStaff {
                id,
                session,
                role,
                must_enrol,
            }),
        }
    }
}

/// What is known about sessions; those that are not there, or belong to nobody, are left out.
///
/// # Errors
/// When the database fails.
pub async fn standings(
    db: &impl ConnectionTrait,
    ids: &[SessionId],
) -> Result<HashMap<SessionId, Standing>> {
    let sessions = store::find_all(db, ids).await?;
    let members = sessions.iter().filter_map(|it| match it.subject() {
        Subject::Member(id) => Some(id),
        Subject::Staff(_) => None,
    });
    let members: Vec<MemberId> = members.collect();
    let logins = members::login::find_all(db, &members).await?;
    let mut found = HashMap::with_capacity(sessions.len());
    for session in sessions {
        let person = match session.subject() {
            Subject::Member(id) => {
                let login = logins.get(&id);
                login.map(|it| (Person::Member(it.id, it.status), it.epoch))
            }
            Subject::Staff(id) => {
                let login = staff::service::login(db, id).await?;
                login
                    .filter(|it| it.active)
                    .map(|it| (Person::Staff(it.id, it.role, it.must_enrol), it.epoch))
            }
        };
        if let Some((person, epoch)) = person {
            let standing = Standing {
                person,
                epoch,
                expires_at: Timestamp::from_millis(session.expires_at),
                ended: session.ended_at.is_some(),
            };
            found.insert(session.id.into(), standing);
        }
    }
    Ok(found)
}
