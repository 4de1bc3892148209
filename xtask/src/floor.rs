//! What browsers must at least understand: the first WebAssembly, and the JavaScript of 2020
//! (Chrome 80, iOS 13.4). What the style sheets need is more, and `site/css.rs` says how much.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use wasmparser::{Validator, WasmFeatures};

use crate::workspace::Workspace;

/// The edition of JavaScript, as acorn calls it.
const EDITION: &str = "--ecma2020";

/// How many files were looked at.
pub(crate) struct Seen {
    /// WebAssembly modules.
    pub(crate) modules: usize,
    /// Scripts, those in the shells counted too.
    pub(crate) scripts: usize,
}

/// Looks at every file of a built site; the first that asks for more is an error.
pub(crate) fn check(workspace: &Workspace, folder: &Path) -> Result<Seen> {
    let mut seen = Seen {
        modules: 0,
        scripts: 0,
    };
    for place in [folder.to_owned(), folder.join("assets")] {
        for entry in fs::read_dir(&place)? {
            let path = entry?.path();
            match path.extension().and_then(|it| it.to_str()) {
                Some("wasm") => {
                    let needs_more = || path.display().to_string();
                    module(&fs::read(&path)?).with_context(needs_more)?;
                    seen.modules += 1;
                }
                Some("js") => {
                    script(workspace, &fs::read_to_string(&path)?, &path)?;
                    seen.scripts += 1;
                }
                Some("html") => {
                    for inline in inline(&fs::read_to_string(&path)?) {
                        script(workspace, inline, &path)?;
                        seen.scripts += 1;
                    }
                }
                _ => {}
            }
        }
    }
    if seen.modules == 0 || seen.scripts == 0 {
        bail!("{} has nothing to look at", folder.display());
    }
    Ok(seen)
}

fn module(bytes: &[u8]) -> Result<()> {
    let valid = Validator::new_with_features(WasmFeatures::WASM1).validate_all(bytes);
    valid
        .map(drop)
        .context("it needs more than the first WebAssembly")
}

/// Has acorn read a script; what it does not know in that edition it refuses.
fn script(workspace: &Workspace, text: &str, path: &Path) -> Result<()> {
    let acorn = workspace.end2end().join("node_modules/acorn/bin/acorn");
    let mut reader = Command::new("node")
        .arg(acorn)
        .args([EDITION, "--module", "--silent"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("node cannot be started")?;
    let mut input = reader.stdin.take().context("node takes no input")?;
    std::io::Write::write_all(&mut input, text.as_bytes())?;
    drop(input);
    let answer = reader.wait_with_output()?;
    if !answer.status.success() {
        let why = String::from_utf8_lossy(&answer.stderr);
        bail!("{}: newer than {EDITION}: {why}", path.display());
    }
    Ok(())
}

/// The scripts that are written into a page.
fn inline(html: &str) -> Vec<&str> {
    let pieces = html.split("<script").skip(1);
    let bodies = pieces.filter_map(|it| Some(it.split_once('>')?.1.split_once("</script>")?.0));
    bodies.filter(|it| !it.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_a_page_are_found() {
        let html = "<script data-x=\"1\">one</script><p></p><script src=\"/a.js\"></script>\
                    <script type=\"module\">two</script>";
        assert_eq!(inline(html), ["one", "two"]);
    }

    #[test]
    fn a_module_that_asks_for_more_is_refused() {
        let head = [0, b'a', b's', b'm', 1, 0, 0, 0];
        assert!(module(&head).is_ok());
        // A table of external references, from the second edition: section 4, one table.
        let tables = [4, 4, 1, 0x6f, 0, 0];
        assert!(module(&[&head[..], &tables[..]].concat()).is_err());
    }
}
