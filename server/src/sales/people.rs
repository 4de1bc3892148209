//! What is known of members who come to a sale. It is read once for many of them, and remembered
//! until something of theirs changes: who waits for a sale to open has looked at it before.

use crate::App;
use crate::error::Result;
use crate::{communities, tasks, tiers};
use quick_cache::sync::Cache;
use shared::communities::Belonging;
use shared::ids::MemberId;
use shared::sales::rules::Visitor;
use shared::tiers::Ladder;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long another node may go on believing what this one has changed.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
/// Members who are remembered.
const REMEMBERED: usize = 100_000;

/// What is known of a member who comes to a sale.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    /// Code of the member's tier; the lowest one when there is none.
    tier: Option<String>,
    /// The member's own tags.
    tags: Vec<String>,
    /// The member's communities.
    pub communities: Vec<Belonging>,
}

impl Person {
    /// Code of the member's tier.
    pub fn tier<'a>(&'a self, ladder: &'a Ladder) -> &'a str {
        let lowest = || ladder.tiers.first().map(|it| it.code.as_str());
        self.tier.as_deref().or_else(lowest).unwrap_or_default()
    }

    /// As rules see the member.
    pub fn visitor<'a>(&'a self, ladder: &'a Ladder) -> Visitor<'a> {
        Visitor {
            tier: self.tier(ladder),
            tags: &self.tags,
            communities: &self.communities,
        }
    }
}

/// Members by id.
pub(super) type Known = HashMap<MemberId, Arc<Person>>;

/// Members whom this node remembers.
pub struct People(Cache<MemberId, Remembered>);

#[derive(Clone)]
struct Remembered {
    person: Arc<Person>,
    generation: u32,
    until: Instant,
}

impl Default for People {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl People {
    /// What is known of members.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn find(&self, app: &App, members: &[MemberId]) -> Result<Known> {
        let now = Instant::now();
        let mut known = Known::with_capacity(members.len());
        let mut missing = Vec::new();
        // A change after this is seen the next time: the generation is older than what is read.
        let mut generations = Vec::new();
        for member in members {
            let generation = app.db.generation(*member);
            let holds = |it: &Remembered| it.generation == generation && now < it.until;
            if let Some(found) = self.0.get(member).filter(holds) {
                known.insert(*member, found.person);
            } else {
                missing.push(*member);
                generations.push(generation);
            }
        }
        if missing.is_empty() {
            return Ok(known);
        }
        let mut read = read(app, &missing).await?;
        let until = now + app.db.believed_for(BELIEVED_FOR);
        for (member, generation) in missing.into_iter().zip(generations) {
            let person = Arc::new(read.remove(&member).unwrap_or_default());
            let remembered = Remembered {
                person: person.clone(),
                generation,
                until,
            };
            self.0.insert(member, remembered);
            known.insert(member, person);
        }
        Ok(known)
    }

    /// What is known of one member.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn one(&self, app: &App, member: MemberId) -> Result<Arc<Person>> {
        let found = self.find(app, &[member]).await?.remove(&member);
        Ok(found.unwrap_or_default())
    }
}

async fn read(app: &App, members: &[MemberId]) -> Result<HashMap<MemberId, Person>> {
    let db = app.db.read();
    let mut people: HashMap<MemberId, Person> = HashMap::with_capacity(members.len());
    for (member, tier) in tiers::service::codes_of(db, members).await? {
        people.entry(member).or_default().tier = Some(tier);
    }
    for (member, tags) in tasks::service::tags_of_all(db, members).await? {
        people.entry(member).or_default().tags = tags;
    }
    for (member, belongings) in communities::service::belongings(db, members).await? {
        people.entry(member).or_default().communities = belongings;
    }
    Ok(people)
}
