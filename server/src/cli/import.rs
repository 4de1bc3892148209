//! `coterie import`.

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use server::import::{BadLine, Format, Imported, import, read};
use server::{App, jobs};
use shared::quantity::Currency;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Wrong lines that are shown; a file names the rest.
const SHOWN: usize = 20;

/// What can be imported.
#[derive(Subcommand)]
pub(crate) enum Import {
    /// An order history
    Orders(Orders),
}

/// How to import an order history.
#[derive(Args)]
pub(crate) struct Orders {
    /// The file
    file: PathBuf,
    /// What the file looks like
    #[arg(long, value_enum)]
    format: Format,
    /// Leave wrong lines out and write them to FILE.bad instead of stopping
    #[arg(long)]
    skip_bad: bool,
}

/// Imports and prints what was done.
pub(crate) async fn run(app: &App, command: Import) -> Result<()> {
    let Import::Orders(options) = command;
    let content = read(&options.file, options.format, app)?;
    let mut bad = content.bad.clone();
    if !bad.is_empty() && !options.skip_bad {
        show(&bad);
        bail!(
            "{} lines are wrong and nothing was imported; mend them, or leave them out with --skip-bad",
            bad.len()
        );
    }
    let currency = content
        .currency
        .unwrap_or(app.rulebook().programme.currency);
    let bar = ProgressBar::new(content.orders.len() as u64);
    let style = "{bar:40} {human_pos}/{human_len} orders  {per_sec}  {eta} left";
    bar.set_style(ProgressStyle::with_template(style).context("the progress bar's template")?);
    let done = import(app, content, |orders| bar.inc(orders as u64)).await?;
    bar.finish_and_clear();
    jobs::run_all(app).await?;
    bad.extend(done.refused.iter().cloned());
    if !bad.is_empty() {
        show(&bad);
        let path = write_bad(&options.file, &mut bad)?;
        println!(
            "{} lines were left out; they are in {}",
            bad.len(),
            path.display()
        );
    }
    print(&done, currency);
    if !done.refused.is_empty() && !options.skip_bad {
        bail!("the rules refused {} orders", done.refused.len());
    }
    Ok(())
}

fn show(bad: &[BadLine]) {
    for line in bad.iter().take(SHOWN) {
        eprintln!("line {}: {}", line.line, line.told());
    }
    if bad.len() > SHOWN {
        eprintln!("… and {} more", bad.len() - SHOWN);
    }
}

/// Writes wrong lines beside the file, as they stand in it, each after its number and reason.
fn write_bad(file: &Path, bad: &mut [BadLine]) -> Result<PathBuf> {
    bad.sort_by_key(|it| it.line);
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines: Vec<&str> = text.lines().collect();
    let mut path = file.as_os_str().to_owned();
    path.push(".bad");
    let path = PathBuf::from(path);
    let mut out =
        std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    for it in bad {
        let line = it
            .line
            .checked_sub(1)
            .and_then(|i| lines.get(i))
            .copied()
            .unwrap_or_default();
        writeln!(out, "{}\t{}\t{line}", it.line, it.told())?;
    }
    Ok(path)
}

/// The last lines say what is in the database now.
fn print(done: &Imported, currency: Currency) {
    let old = done.orders - done.new_orders;
    println!(
        "{} new orders, {} known already",
        grouped(done.new_orders as i64),
        grouped(old as i64)
    );
    println!(
        "{} new members, {} known already",
        grouped(done.new_members as i64),
        grouped((done.members - done.new_members) as i64)
    );
    println!("{} orders", grouped(done.orders as i64));
    println!("{} members", grouped(done.members as i64));
    println!("{} {currency}", money(done.amount, currency));
}

fn money(minor: i64, currency: Currency) -> String {
    let digits = currency.minor_digits() as usize;
    let per_major = currency.minor_per_major();
    let whole = grouped(minor / per_major);
    if digits == 0 {
        whole
    } else {
        format!("{whole}.{:0digits$}", minor % per_major)
    }
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let usd = "USD".parse().expect("currency");
        assert_eq!(money(250_031_563, usd), "2,500,315.63");
        assert_eq!(money(5, usd), "0.05");
        assert_eq!(grouped(69_659), "69,659");
        assert_eq!(grouped(999), "999");
        assert_eq!(
            money(1_234_567, "JPY".parse().expect("currency")),
            "1,234,567"
        );
    }
}
