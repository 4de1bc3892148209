//! `cargo xtask lint`: the formatting, and clippy on every target.

use anyhow::Result;

use crate::needs;
use crate::process::{self, Step};
use crate::workspace::Workspace;

/// Stops at the first thing that is not in order.
fn check(workspace: &Workspace) -> Result<()> {
    let step = Step::start("formatting");
    process::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    step.done();

    let step = Step::start("clippy on this machine's target");
    process::run(&mut workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--features",
        "server/bench",
        "--",
        "-Dwarnings",
    ]))?;
    step.done();

    // The pages have code that exists in browsers only.
    let step = Step::start("clippy on WebAssembly");
    let arguments = "clippy -p app -p shared --target wasm32-unknown-unknown -- -Dwarnings";
    process::run(&mut workspace.cargo(&arguments.split(' ').collect::<Vec<_>>()))?;
    step.done();
    Ok(())
}

/// The command.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::find()?;
    needs::wasm_target()?;
    check(&workspace)
}
