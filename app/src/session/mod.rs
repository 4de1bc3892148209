//! Who is signed in at this page.

use crate::api::{self, ApiError};
use shared::sessions::api::{MemberSession, StaffSession};
use shared::staff::Role;

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The member's or staff account's id.
    pub id: String,
    /// The name, when the sign-in tells it.
    pub name: Option<String>,
    /// What staff may do; `None` for a member.
    pub role: Option<Role>,
    /// Whether nothing but the account's own page is open until a second factor is set up.
    pub must_enrol: bool,
}

impl Identity {
    /// Whether this is staff who may change accounts, keys and settings.
    #[must_use]
    pub fn may_administer(&self) -> bool {
        self.role == Some(Role::Admin)
    }

    /// Whether this is staff who may change what members have.
    #[must_use]
    pub fn may_operate(&self) -> bool {
        matches!(self.role, Some(Role::Admin | Role::Operator))
    }

    /// Whether this is staff who may look after communities and their sales: all of them, or
    /// those that they lead.
    #[must_use]
    pub fn may_lead(&self) -> bool {
        self.may_operate() || self.leads_only()
    }

    /// Whether this is staff who see nothing but the communities that they lead.
    #[must_use]
    pub fn leads_only(&self) -> bool {
        self.role == Some(Role::CommunityManager)
    }
}

/// The state of the session at this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// An earlier session is being taken up.
    Starting,
    /// An earlier session could not be taken up for lack of a network; it may still be good.
    Unreachable(ApiError),
    /// Nobody is signed in.
    SignedOut {
        /// Whether a session ended by itself, so that the page says why it asks again.
        ended: bool,
    },
    /// Someone is signed in.
    SignedIn(Identity),
}

/// What the answer of a sign-in says.
pub struct Opened {
    pub(crate) token: String,
    pub(crate) identity: Identity,
    pub(crate) page: Option<String>,
}

/// Reads the answer of a sign-in.
type Read = fn(&str) -> Option<Opened>;

/// Which of the two pages this is. A value rather than an enum, so that the member centre does
/// not carry the console's way of reading a session.
#[derive(Clone, Copy)]
pub struct Side {
    name: &'static str,
    shell: &'static str,
    flag: &'static str,
    refresh_path: &'static str,
    read: Read,
}

impl Side {
    /// The member centre.
    pub const MEMBER: Self = Self {
        name: "member",
        shell: "/",
        flag: "coterie.session.member",
        refresh_path: "/api/v1/sessions/refresh",
        read: read_member,
    };

    /// The console.
    pub const CONSOLE: Self = Self {
        name: "console",
        shell: "/console",
        flag: "coterie.session.console",
        refresh_path: "/api/v1/staff_sessions/refresh",
        read: read_staff,
    };

    /// The name that the server asks for on requests that carry the cookie.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The address of its page.
    #[must_use]
    pub const fn shell(self) -> &'static str {
        self.shell
    }

    /// Where it is kept that someone has signed in here, so that a first visit asks nothing.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        self.flag
    }

    /// Where a session is renewed.
    #[must_use]
    pub const fn refresh_path(self) -> &'static str {
        self.refresh_path
    }

    pub(crate) const fn read(self) -> Read {
        self.read
    }
}

fn read_member(text: &str) -> Option<Opened> {
    let session: MemberSession = api::read(text).ok()?;
    Some(Opened {
        token: session.access_token,
        identity: Identity {
            id: session.member_id.to_string(),
            name: None,
            role: None,
            must_enrol: false,
        },
        page: session.page,
    })
}

fn read_staff(text: &str) -> Option<Opened> {
    let session: StaffSession = api::read(text).ok()?;
    Some(Opened {
        token: session.access_token,
        identity: Identity {
            id: session.staff_id.to_string(),
            name: Some(session.name),
            role: Some(session.role),
            must_enrol: session.must_enrol,
        },
        page: None,
    })
}
