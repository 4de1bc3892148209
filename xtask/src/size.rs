//! `cargo xtask size`: what a browser downloads before a page can be used.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::floor;
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
    name: &'static str,
    value: u64,
    unit: &'static str,
    aim: u64,
}

/// What we aim for in one entry.
struct Aim {
    entry: &'static str,
    /// The row of what comes before the first page can be used.
    first: &'static str,
    most_first: u64,
    /// The row of the largest file that a lazy page waits for.
    lazy: &'static str,
}

const AIMS: [Aim; 2] = [
    Aim {
        entry: "member",
        first: "member_home_brotli_bytes",
        most_first: 130_000,
        lazy: "member_largest_lazy_brotli_bytes",
    },
    Aim {
        entry: "console",
        first: "console_brotli_bytes",
        most_first: 250_000,
        lazy: "console_largest_lazy_brotli_bytes",
    },
];

/// What a lazy file may weigh.
const MOST_LAZY: u64 = 40_000;

/// The file for pages of shops, and what it may weigh as it is.
const HOST: &str = "coterie-host.js";
const MOST_HOST: u64 = 2_048;

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    needs::wasm_target()?;
    needs::npm_packages(&workspace)?;
    let folder = site::build(&workspace, site::Options::release())?;
    let manifest = site::manifest(&folder)?;
    let mut rows = Vec::new();
    for aim in AIMS {
        let shell = manifest.shells.get(aim.entry);
        let shell = shell.context("an entry is missing")?;
        let mut first = vec![shell.file.clone()];
        first.extend(shell.assets.iter().cloned());
        let first = weigh(&folder, &first)?;
        let lazy = weigh(&folder, &shell.lazy)?;
        if !options.json {
            print_files("first", &first);
            print_files("lazy", &lazy);
        }
        rows.push(Row {
            name: aim.first,
            value: first.iter().map(|(_, bytes)| bytes).sum(),
            unit: "bytes",
            aim: aim.most_first,
        });
        rows.push(Row {
            name: aim.lazy,
            value: lazy.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0),
            unit: "bytes",
            aim: MOST_LAZY,
        });
    }
    let host = fs::metadata(folder.join(HOST)).with_context(|| format!("{HOST} is missing"))?;
    rows.push(Row {
        name: "host_file_bytes",
        value: host.len(),
        unit: "bytes",
        aim: MOST_HOST,
    });
    let seen = floor::check(&workspace, &folder)?;
    if !options.json {
        let floor::Seen { modules, scripts } = seen;
        println!(
            "  {modules} modules are the first WebAssembly, {scripts} scripts the JavaScript of 2020"
        );
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows);
    }
    Ok(())
}

/// Files and their sizes over the wire.
fn weigh(folder: &Path, files: &[String]) -> Result<Vec<(String, u64)>> {
    let weighed = files.iter().map(|it| Ok((it.clone(), packed(folder, it)?)));
    weighed.collect()
}

/// The files behind a row.
fn print_files(when: &str, files: &[(String, u64)]) {
    for (file, bytes) in files {
        println!("  {when:<6} {bytes:>9}  {file}");
    }
}

/// The size of a file's Brotli copy.
fn packed(folder: &Path, file: &str) -> Result<u64> {
    let path = folder.join(format!("{}.br", file.trim_start_matches('/')));
    let data = fs::metadata(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(data.len())
}

/// A table for people.
fn print(rows: &[Row]) {
    println!("{:<36} {:>9} {:>9}  unit", "name", "value", "aim");
    for row in rows {
        let verdict = if row.value <= row.aim { "" } else { "  over" };
        println!(
            "{:<36} {:>9} {:>9}  {}{verdict}",
            row.name, row.value, row.aim, row.unit
        );
    }
}
