//! Decisions about communities.

use super::{CommunityDefinition, MAX_CAPACITY, MAX_TAGS, MembershipState};
use crate::orders::rules::is_reference;
use crate::problem::{ErrorCode, FieldError};
use crate::scenarios::rules::check_pace;

/// Longest name, in characters.
const MAX_NAME: usize = 60;
/// Longest rules, in characters.
const MAX_RULES: usize = 4000;

/// What is known when somebody wants to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Whether people can join by the link.
    pub open: bool,
    /// Most members.
    pub capacity: u32,
    /// Members now.
    pub members: u32,
    /// Where the person stands, if ever in it.
    pub standing: Option<MembershipState>,
}

/// Why somebody cannot join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinRefusal {
    /// The link is closed.
    Closed,
    /// Nobody else fits in.
    Full,
    /// The person was removed.
    Removed,
}

impl JoinRefusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Closed => ErrorCode::CommunityClosed,
            Self::Full => ErrorCode::CommunityFull,
            Self::Removed => ErrorCode::CommunityRemoved,
        }
    }
}

/// Whether somebody joins: `false` when they belong to it already. Staff can add who was removed,
/// and while the link is closed, but never more than fit in.
///
/// # Errors
/// Why not.
pub fn join(room: Room, by_staff: bool) -> Result<bool, JoinRefusal> {
    match room.standing {
        Some(MembershipState::Active) => return Ok(false),
        Some(MembershipState::Removed) if !by_staff => return Err(JoinRefusal::Removed),
        Some(MembershipState::Removed | MembershipState::Left) | None => {}
    }
    if !room.open && !by_staff {
        Err(JoinRefusal::Closed)
    } else if room.members >= room.capacity {
        Err(JoinRefusal::Full)
    } else {
        Ok(true)
    }
}

/// Checks what staff write about a community. An empty answer means it is fine.
#[must_use]
pub fn check_definition(it: &CommunityDefinition) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, code: &str, message: &str| {
        errors.push(FieldError::new(pointer, code, message));
    };
    if !is_reference(&it.name) || it.name.chars().count() > MAX_NAME {
        wrong(
            "/name".to_owned(),
            "invalid",
            "expected 1 to 60 visible characters",
        );
    }
    if it.rules.chars().count() > MAX_RULES {
        wrong(
            "/rules".to_owned(),
            "too_long",
            "expected at most 4000 characters",
        );
    }
    if !(1..=MAX_CAPACITY).contains(&it.capacity) {
        wrong(
            "/capacity".to_owned(),
            "out_of_range",
            "expected 1 to 100000 members",
        );
    }
    if it.tags.len() > MAX_TAGS {
        wrong(
            "/tags".to_owned(),
            "out_of_range",
            "expected at most 20 tags",
        );
    }
    for (place, tag) in it.tags.iter().enumerate() {
        if !is_reference(tag) {
            let message = "expected 1 to 100 visible characters";
            wrong(format!("/tags/{place}"), "invalid", message);
        }
    }
    errors.extend(check_pace(&it.pace));
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::Pace;
    use MembershipState::{Active, Left, Removed};

    #[test]
    fn who_may_join_is_a_table() {
        for (open, members, standing, by_staff, expected) in [
            (true, 4, None, false, Ok(true)),
            (true, 5, None, false, Err(JoinRefusal::Full)),
            (true, 5, None, true, Err(JoinRefusal::Full)),
            (true, 5, Some(Active), false, Ok(false)),
            (false, 4, None, false, Err(JoinRefusal::Closed)),
            (false, 4, None, true, Ok(true)),
            (true, 4, Some(Left), false, Ok(true)),
            (true, 4, Some(Removed), false, Err(JoinRefusal::Removed)),
            (true, 4, Some(Removed), true, Ok(true)),
            (false, 4, Some(Left), false, Err(JoinRefusal::Closed)),
        ] {
            let room = Room {
                open,
                capacity: 5,
                members,
                standing,
            };
            assert_eq!(join(room, by_staff), expected, "{room:?} {by_staff}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let definition = CommunityDefinition {
            name: " ".to_owned(),
            tags: vec!["parents".to_owned(), String::new()],
            rules: "x".repeat(4001),
            capacity: 0,
            open: true,
            pace: Pace::default(),
        };
        let errors = check_definition(&definition);
        let pointers: Vec<&str> = errors.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/rules", "/capacity", "/tags/1"]);
    }
}
