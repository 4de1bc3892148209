//! `cargo xtask size`: what a browser downloads before a page can be used.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::needs;
use crate::site;
use crate::workspace::Workspace;

/// How to tell it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Print a JSON list and nothing else
    #[arg(long)]
    json: bool,
}

/// One figure.
#[derive(Serialize)]
struct Row {
    name: String,
    value: u64,
    unit: &'static str,
    aim: u64,
}

/// The entries, the names of their rows, and what we aim for.
const AIMS: [(&str, &str, u64); 2] = [
    ("member", "member_home_brotli_bytes", 150_000),
    ("console", "console_brotli_bytes", 250_000),
];

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    needs::wasm_target()?;
    needs::npm_packages(&workspace)?;
    let folder = site::build(&workspace, site::Options::release())?;
    let manifest = site::manifest(&folder)?;
    let mut rows = Vec::new();
    for (entry, name, aim) in AIMS {
        let shell = manifest.shells.get(entry).context("an entry is missing")?;
        let mut parts = vec![(shell.file.clone(), packed(&folder, &shell.file)?)];
        for asset in &shell.assets {
            parts.push((asset.clone(), packed(&folder, asset)?));
        }
        if !options.json {
            for (file, bytes) in &parts {
                println!("  {bytes:>9}  {file}");
            }
        }
        rows.push(Row {
            name: name.to_owned(),
            value: parts.iter().map(|(_, bytes)| bytes).sum(),
            unit: "bytes",
            aim,
        });
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows);
    }
    Ok(())
}

/// The size of a file's Brotli copy.
fn packed(folder: &Path, file: &str) -> Result<u64> {
    let path = folder.join(format!("{}.br", file.trim_start_matches('/')));
    let data = fs::metadata(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(data.len())
}

/// A table for people.
fn print(rows: &[Row]) {
    println!("{:<28} {:>9} {:>9}  unit", "name", "value", "aim");
    for row in rows {
        let verdict = if row.value <= row.aim { "" } else { "  over" };
        println!(
            "{:<28} {:>9} {:>9}  {}{verdict}",
            row.name, row.value, row.aim, row.unit
        );
    }
}
