//! Takes a program apart: what its first page needs, and files for the lazy pages.
//!
//! `app` marks the functions that begin a lazy page. Whatever only they reach goes into the
//! page's file; what several reach goes into files between them, each fetched once.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

/// How the program asks for the script that loads the lazy files.
const LOADER: &str = "./__wasm_split.js";
/// What the loaders are called in the script.
const LOADERS: &str = "lazyFiles";
/// How the loader begins with the files that a file needs.
const BEGINS: &str = "const parallelStuff = deps.map(";
/// Comes before it: a page needs some twenty files, and to ask for all of them at once would hold
/// up taps and pictures for as long as a tenth of a second on a slow phone.
const BREATHES: &str = "await new Promise((it) => setTimeout(it));\n";

/// A program taken apart.
pub(crate) struct Parts {
    /// What is loaded first; still to be joined to JavaScript.
    pub(crate) main: Vec<u8>,
    /// The lazy files by the names that the loader uses.
    pub(crate) lazy: Vec<(String, Vec<u8>)>,
    /// The script that loads them.
    loader: String,
}

/// Takes the program `module` apart, with `folder` for what comes between.
pub(crate) fn split(module: &Path, folder: &Path) -> Result<Parts> {
    let input = fs::read(module).with_context(|| format!("reading {}", module.display()))?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let main = folder.join("main.wasm");
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.link_name = LOADER;
    let done = transform(options).map_err(|error| anyhow!("{error:#}"))?;
    let mut lazy = Vec::new();
    for path in done.split_modules {
        let name = path.file_name().context("a file has a name")?;
        lazy.push((name.to_string_lossy().into_owned(), fs::read(&path)?));
    }
    let parts = Parts {
        main: fs::read(&main)?,
        lazy,
        loader: fs::read_to_string(folder.join(LOADER))?,
    };
    fs::remove_dir_all(folder)?;
    Ok(parts)
}

impl Parts {
    /// Puts the loader into the program's script, so that it is no request of its own. `renamed`
    /// tells what the lazy files are called in the end.
    pub(crate) fn join(&self, script: &str, renamed: &[(String, String)]) -> Result<String> {
        let mut loader = paced(&loader_inside(&self.loader))?;
        for (old, new) in renamed {
            let (old, new) = (format!("\"./{old}\""), format!("\"./{new}\""));
            if !loader.contains(&old) {
                bail!("the loader does not know {old}");
            }
            loader = loader.replace(&old, &new);
        }
        Ok(format!("{}\n{loader}", script_inside(script)?))
    }
}

/// The loader, which asks for each file in a turn of the browser's of its own.
fn paced(loader: &str) -> Result<String> {
    if !loader.contains(BEGINS) {
        bail!("the loader begins with its files in a way that is not known here");
    }
    Ok(loader.replace(BEGINS, &format!("{BREATHES}{BEGINS}")))
}

/// The loader as a part of the script that it loads for: what it exports becomes one object.
fn loader_inside(loader: &str) -> String {
    let mut text = String::new();
    let mut names = Vec::new();
    for line in loader.lines().filter(|it| !it.starts_with("import ")) {
        let line = match line.strip_prefix("export const ") {
            Some(line) => {
                names.extend(line.split(' ').next());
                format!("const {line}")
            }
            None => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
    }
    format!("{text}const {LOADERS} = {{ {} }};\n", names.join(", "))
}

/// The script, which then takes the loaders from the object instead of another script.
fn script_inside(script: &str) -> Result<String> {
    let asks = format!("\"{LOADER}\": import");
    let mut text = String::new();
    let mut asked = false;
    for line in script.lines() {
        if line.trim_start().starts_with(&asks) {
            if !asked {
                text.push_str(&format!("\"{LOADER}\": {LOADERS},\n"));
            }
            asked = true;
        } else if !(line.starts_with("import ") && line.contains(LOADER)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    if !asked {
        bail!("the script asks for the lazy files in a way that is not known here");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_becomes_a_part_of_the_script() {
        let parts = Parts {
            main: Vec::new(),
            lazy: Vec::new(),
            loader: "import { initSync } from \"./main.js\";\n\
                     const parallelStuff = deps.map(begin);\n\
                     export const load_a = get(\"./split_a.wasm\");\n\
                     export const load_b = get(\"./split_b.wasm\");\n"
                .to_owned(),
        };
        let script = "import * as import1 from \"./__wasm_split.js\"\n\
                      import * as import2 from \"./__wasm_split.js\"\n\
                      const all = {\n    \"./__wasm_split.js\": import1,\n    \
                      \"./__wasm_split.js\": import2,\n};\n";
        let renamed = ["a", "b"].map(|it| (format!("split_{it}.wasm"), format!("{it}-1.wasm")));
        let joined = parts.join(script, &renamed).expect("both are known");
        assert_eq!(
            joined,
            "const all = {\n\"./__wasm_split.js\": lazyFiles,\n};\n\n\
             await new Promise((it) => setTimeout(it));\n\
             const parallelStuff = deps.map(begin);\n\
             const load_a = get(\"./a-1.wasm\");\nconst load_b = get(\"./b-1.wasm\");\n\
             const lazyFiles = { load_a, load_b };\n"
        );
    }

    #[test]
    fn a_loader_that_begins_otherwise_is_a_mistake() {
        assert!(paced("const all = deps.map((it) => it());\n").is_err());
    }

    #[test]
    fn a_script_that_never_asks_is_a_mistake() {
        let parts = Parts {
            main: Vec::new(),
            lazy: Vec::new(),
            loader: "const parallelStuff = deps.map(begin);\n".to_owned(),
        };
        assert!(parts.join("const all = {};\n", &[]).is_err());
    }
}
