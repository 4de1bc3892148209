//! Which members exist, so that a request about one of them need not ask.

use super::service;
use crate::db::Db;
use crate::error::Result;
use quick_cache::sync::Cache;
use shared::ids::MemberId;

/// Members who are remembered: about 50 bytes each.
const REMEMBERED: usize = 50_000;

/// Ids of members that were found. A member's row is never deleted, so what is known stays true.
pub struct KnownMembers(Cache<MemberId, ()>);

impl Default for KnownMembers {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl KnownMembers {
    /// The member that a path names by id or by `ext:` and the shop's id.
    ///
    /// # Errors
    /// `members.not_found`.
    pub(super) async fn resolve(&self, db: &Db, reference: &str) -> Result<MemberId> {
        let id = reference.parse::<MemberId>();
        if let Ok(id) = id
            && self.0.get(&id).is_some()
        {
            return Ok(id);
        }
        let id = service::resolve(db.read(), reference).await?;
        self.0.insert(id, ());
        Ok(id)
    }
}
