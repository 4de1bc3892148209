//! The command line of the server.

mod cli;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line for people, without the trace that only helps who builds it.
            eprintln!("coterie: {error:#}");
            ExitCode::FAILURE
        }
    }
}
