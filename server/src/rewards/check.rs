//! Compares rewards with the ledger, and works make-up cards out again.

use super::store::{self, card, grant};
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use crate::points;
use sea_orm::entity::prelude::Uuid;
use shared::ids::{GrantId, LotId, MemberId};
use shared::points::SourceKind;
use std::collections::{HashMap, HashSet};

/// Checks the rewards of `members`: each is in the ledger, and nothing else is.
pub(crate) async fn check(app: &App, members: &[MemberId], report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let grants = store::of_members(db, members).await?;
    let lots: Vec<LotId> = grants
        .iter()
        .filter_map(|it| it.lot_id.map(LotId::from))
        .collect();
    let found = points::views::lots_by_id(db, &lots).await?;
    for it in &grants {
        check_lot(it, &found, report);
    }
    let kinds = [SourceKind::Task, SourceKind::CheckIn, SourceKind::Referral].map(DbText::to_db);
    let posted = points::views::posted_by_source(db, members, &kinds).await?;
    // A merge of members may have left the reward with whoever ended.
    let own: HashSet<Uuid> = grants.iter().filter_map(|it| it.lot_id).collect();
    let strange: Vec<Uuid> = posted
        .iter()
        .map(|it| it.0.uuid())
        .filter(|it| !own.contains(it))
        .collect();
    let others = store::of_lots(db, &strange).await?;
    for (id, amount) in posted {
        let given: i64 = grants
            .iter()
            .chain(&others)
            .filter(|it| it.lot_id == Some(id.uuid()))
            .map(|it| it.amount)
            .sum();
        report.compare(id, "reward behind a lot of a task", amount, given);
    }
    for rows in store::cards_of(db, members)
        .await?
        .chunk_by(|a, b| a.member_id == b.member_id)
    {
        check_cards(rows, report);
    }
    Ok(())
}

fn check_lot(it: &grant::Model, lots: &HashMap<LotId, (i64, i64)>, report: &mut Report) {
    let id = GrantId::from(it.id);
    let Some(lot) = it.lot_id.map(LotId::from) else {
        if ["points", "credit"].contains(&it.kind.as_str()) {
            report.note(id, "lot of the reward", "a lot", "none");
        }
        return;
    };
    let (amount, clawed) = lots.get(&lot).copied().unwrap_or((0, 0));
    report.compare(id, "reward in the ledger", it.amount, amount);
    report.compare(id, "reward taken back", it.taken_back, clawed);
}

/// Rows of one member follow each other without a gap.
fn check_cards(rows: &[card::Model], report: &mut Report) {
    let mut balance = 0;
    for (seq, row) in (1..).zip(rows) {
        let id = MemberId::from(row.member_id);
        balance += row.amount;
        report.compare(id, "number of the row of cards", seq, row.seq);
        report.compare(id, "make-up cards", balance, row.balance_after);
    }
}
