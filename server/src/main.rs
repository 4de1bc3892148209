//! The command line of the server.

mod cli;

use clap::Parser;
use std::process::ExitCode;

/// Requests are many small pieces of memory that one thread takes and another gives back; the
/// allocator of most systems spends a third of a request on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
