//! A community's page, for its members.

use super::super::store::{self, posting};
use crate::App;
use crate::error::Result;
use crate::{communities, sales};
use shared::ids::{CommunityId, MemberId};
use shared::scenarios::api::{CommunityPage, Posting};
use shared::time::{Timestamp, plus_local_days, start_of_day};

/// Days before today whose lists are shown.
const EARLIER_DAYS: i32 = 6;

fn view(row: &posting::Model) -> Result<Posting> {
    let definition = store::definition(&row.body)?;
    Ok(Posting {
        id: row.id.into(),
        title: definition.title,
        text: definition.text,
        products: definition.products,
        at: Timestamp::from_millis(row.at),
    })
}

/// A community as one of its members sees it.
///
/// # Errors
/// `communities.not_found`, also for a community that the member does not belong to.
pub async fn page(app: &App, community: CommunityId, member: MemberId) -> Result<CommunityPage> {
    let own = communities::service::own(app, community, member).await?;
    let now = app.db.now();
    let rulebook = app.rulebook();
    let zone = rulebook.programme_zone();
    let today = start_of_day(now.date_in(zone), zone);
    let from = plus_local_days(today, -EARLIER_DAYS, zone);
    let rows = store::postings(app.db.read(), community, (from, now.next())).await?;
    let mut postings: Vec<Posting> = rows.iter().rev().map(view).collect::<Result<_>>()?;
    let earlier = postings.split_off(postings.partition_point(|it| it.at >= today));
    Ok(CommunityPage {
        community: own,
        today: postings,
        earlier,
        sales: sales::service::community_sales(app, community, member).await?,
        server_time: now,
    })
}
