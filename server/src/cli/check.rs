//! `coterie check`.

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use server::App;
use server::check::check;

/// Differences that are printed.
const SHOWN: usize = 100;

/// Checks everything, prints what differs and fails if anything does.
pub(crate) async fn run(app: &App) -> Result<()> {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template(
        "{spinner} {human_pos} members and orders",
    )?);
    let report = check(app, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    for difference in report.differences.iter().take(SHOWN) {
        println!("{difference}");
    }
    println!(
        "checked {} members, {} ledger entries, {} lots, {} orders",
        report.members, report.entries, report.lots, report.orders
    );
    if report.is_clean() {
        println!("clean");
        return Ok(());
    }
    bail!("{} differences", report.found)
}
