//! The people who work here, the keys of the shop's systems, and one's own account.

mod account;
mod factor;
mod keys;
mod people;

pub use account::account;
pub use keys::keys;
pub use people::people;

use crate::tr;
use shared::staff::Role;
use shared::text::Locale;

/// The roles with their names on the wire, in the order in which they are offered.
const ROLES: [(Role, &str); 4] = [
    (Role::Operator, "operator"),
    (Role::Auditor, "auditor"),
    (Role::CommunityManager, "community_manager"),
    (Role::Admin, "admin"),
];

/// A role in words.
pub(super) fn role_name(locale: Locale, role: Role) -> &'static str {
    match role {
        Role::Admin => tr!(locale, staff.admin),
        Role::Operator => tr!(locale, staff.operator),
        Role::CommunityManager => tr!(locale, staff.community_manager),
        Role::Auditor => tr!(locale, staff.auditor),
    }
}

/// What a role may do, in a sentence.
fn role_hint(locale: Locale, role: Role) -> &'static str {
    match role {
        Role::Admin => tr!(locale, staff.admin_hint),
        Role::Operator => tr!(locale, staff.operator_hint),
        Role::CommunityManager => tr!(locale, staff.community_manager_hint),
        Role::Auditor => tr!(locale, staff.auditor_hint),
    }
}

/// Who did something: the name where it is known, else the id.
pub(super) fn actor(id: &str, name: Option<&str>) -> String {
    match (id, name) {
        (_, Some(name)) => name.to_owned(),
        ("system", None) => tr!(crate::i18n::locale(), staff.system).to_owned(),
        (id, None) => id.to_owned(),
    }
}
