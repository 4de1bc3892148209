//! `cargo xtask`: everything a person does with this repository besides editing it.

mod bench;
mod dev;
mod dist;
mod floor;
mod lint;
mod needs;
mod postgres;
mod process;
mod serve;
mod shop;
mod site;
mod size;
mod test;
mod torture;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The command line.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, serve, test and package Coterie")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

/// What can be asked for.
#[derive(Subcommand)]
enum Task {
    /// Build everything and serve it on this machine, with demo data
    Serve(serve::Options),
    /// Like serve --dev, and build and load again whenever a source file changes
    Dev(serve::Options),
    /// Run every test: rules, server on both databases, browser journeys
    Test(test::Options),
    /// Check the formatting, and let clippy look at everything
    Lint,
    /// Put the release server and the pages into one folder
    Dist(dist::Options),
    /// Tell how much a browser has to download
    Size(size::Options),
    /// Tell how fast it is, against what does less and against what does it the plain way
    Bench(bench::Options),
    /// Kill the server under load, and look for answers that it has forgotten
    Torture(torture::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Serve(options) => serve::run(&options),
        Task::Dev(options) => dev::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Lint => lint::run(),
        Task::Dist(options) => dist::run(&options),
        Task::Size(options) => size::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Torture(options) => torture::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
