//! The site: what a browser gets. Built from `app`, `style` and `public` into one folder
//! that the server reads.

mod assets;
mod css;
mod glue;
mod shell;
mod split;
mod stamp;
mod wasm;

use std::collections::BTreeMap;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};

use crate::process::Step;
use crate::workspace::Workspace;
use assets::Asset;

/// The entry points: a shopper never downloads the console, and nobody the kit.
const ENTRIES: [&str; 3] = ["member", "console", KIT];

/// The entry point that shows each part in every state, to developers and tests.
const KIT: &str = "kit";

/// What kind of site is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Quick to build, large to load.
    pub(crate) quick: bool,
    /// Stop when wasm-opt is missing, instead of doing without.
    pub(crate) need_wasm_opt: bool,
    /// The shells load again when they have changed.
    pub(crate) reload: bool,
    /// With the component kit.
    pub(crate) kit: bool,
}

impl Options {
    /// The site as it ships.
    pub(crate) fn release() -> Self {
        Self {
            quick: false,
            need_wasm_opt: true,
            reload: false,
            kit: false,
        }
    }

    /// The entry points of the site.
    fn entries(self) -> &'static [&'static str] {
        match self.kit {
            true => &ENTRIES,
            false => &ENTRIES[..2],
        }
    }
}

/// What the server and the size report read: `manifest.json` in the site's folder.
#[derive(Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// By the entry's name.
    pub(crate) shells: BTreeMap<String, Shell>,
    /// Files at the root of the site, like the icon.
    pub(crate) files: Vec<String>,
}

/// One HTML page that starts one entry point.
#[derive(Serialize, Deserialize)]
pub(crate) struct Shell {
    /// The HTML file in the site's folder.
    pub(crate) file: String,
    /// For `script-src`: the hashes of the inline scripts.
    pub(crate) script_hashes: Vec<String>,
    /// For `style-src`: the hashes of the inline styles.
    pub(crate) style_hashes: Vec<String>,
    /// The files a browser loads before the page can be used.
    pub(crate) assets: Vec<String>,
    /// The files it loads when a page needs them.
    pub(crate) lazy: Vec<String>,
}

/// Builds the site, or leaves it when nothing has changed, and gives its folder.
pub(crate) fn build(workspace: &Workspace, options: Options) -> Result<PathBuf> {
    let name = if options.quick { "site-dev" } else { "site" };
    let folder = workspace.target.join(name);

    let step = Step::start("compiling the pages to WebAssembly");
    let modules = wasm::compile(workspace, options)?;
    step.done();

    let optimizer = wasm::Optimizer::find(workspace, options)?;
    let inputs = stamp::of(workspace, options, &modules, optimizer.as_ref())?;
    if stamp::is_fresh(&folder, &inputs) {
        return Ok(folder);
    }

    let step = Step::start("preparing the files for browsers");
    fs::create_dir_all(folder.join("assets"))?;
    let entries = build_entries(workspace, options, &modules, optimizer.as_ref())?;
    write(workspace, options, &folder, &entries)?;
    stamp::write(&folder, &inputs)?;
    step.done();
    Ok(folder)
}

/// The files of one entry point.
struct Entry {
    name: &'static str,
    css: Asset,
    js: Asset,
    wasm: Asset,
    /// Files that the script loads.
    modules: Vec<Asset>,
    /// What is loaded when a page needs it.
    lazy: Vec<Asset>,
}

impl Entry {
    /// What is loaded first.
    fn first(&self) -> impl Iterator<Item = &Asset> {
        [&self.css, &self.js, &self.wasm]
            .into_iter()
            .chain(&self.modules)
    }

    fn all(&self) -> impl Iterator<Item = &Asset> {
        self.first().chain(&self.lazy)
    }
}

/// Makes all entry points at once: the machine has more than one core.
fn build_entries(
    workspace: &Workspace,
    options: Options,
    modules: &[PathBuf],
    optimizer: Option<&wasm::Optimizer>,
) -> Result<Vec<Entry>> {
    thread::scope(|scope| {
        let running: Vec<_> = options
            .entries()
            .iter()
            .zip(modules)
            .map(|(name, module)| {
                scope.spawn(move || {
                    build_entry(workspace, options, name, module, optimizer)
                        .with_context(|| format!("building {name}"))
                })
            })
            .collect();
        let finished = running.into_iter().map(|entry| {
            let result = entry.join();
            result.map_err(|_panic| anyhow!("building an entry point stopped"))?
        });
        finished.collect()
    })
}

/// Makes the files of one entry point.
fn build_entry(
    workspace: &Workspace,
    options: Options,
    name: &'static str,
    module: &Path,
    optimizer: Option<&wasm::Optimizer>,
) -> Result<Entry> {
    let sheet = workspace.root.join("style").join(format!("{name}.css"));
    let css = Asset::new(name, "css", css::bundle(&sheet)?.into_bytes());
    let program = Program::make(workspace, options, name, module, optimizer)?;
    let wasm = Asset::new(name, "wasm", program.wasm);
    let mut js = shell::squeeze(&program.js);
    let mut modules = Vec::new();
    for (path, text) in program.modules {
        let asset = Asset::new("part", "js", text.into_bytes());
        js = js.replace(
            &format!("./snippets/{path}"),
            &format!("./{}", asset.file_name()),
        );
        modules.push(asset);
    }
    let js = Asset::new(name, "js", js.into_bytes());
    let entry = Entry {
        name,
        css,
        js,
        wasm,
        modules,
        lazy: program.lazy,
    };
    let folder = assets_folder(workspace, options);
    for asset in entry.all() {
        asset.write(&folder, options.quick)?;
    }
    Ok(entry)
}

/// A program as browsers load it.
struct Program {
    js: String,
    wasm: Vec<u8>,
    modules: Vec<(String, String)>,
    lazy: Vec<Asset>,
}

impl Program {
    /// Takes a compiled program apart, joins it to JavaScript and makes it small. A quick build
    /// leaves it whole.
    fn make(
        workspace: &Workspace,
        options: Options,
        name: &str,
        module: &Path,
        optimizer: Option<&wasm::Optimizer>,
    ) -> Result<Self> {
        let small = |stem: &str, module: Vec<u8>| match optimizer {
            Some(optimizer) => optimizer.run(&workspace.target, stem, &module),
            None => Ok(module),
        };
        // The kit has no pages that come later.
        if options.quick || name == KIT {
            let bound = wasm::bind(name, fs::read(module)?)?;
            return Ok(Self {
                js: bound.js,
                wasm: small(name, bound.wasm)?,
                modules: bound.modules,
                lazy: Vec::new(),
            });
        }
        let mut parts = split::split(module, &workspace.target.join(format!("{name}-split")))?;
        let mut lazy = Vec::new();
        let mut renamed = Vec::new();
        for (file, bytes) in mem::take(&mut parts.lazy) {
            let part = file.trim_end_matches(".wasm").trim_start_matches("split_");
            let stem = format!("{name}-{part}");
            let asset = Asset::new(&stem, "wasm", small(&stem, bytes)?);
            renamed.push((file, asset.file_name()));
            lazy.push(asset);
        }
        let bound = wasm::bind(name, mem::take(&mut parts.main))?;
        Ok(Self {
            js: parts.join(&bound.js, &renamed)?,
            wasm: small(name, bound.wasm)?,
            modules: bound.modules,
            lazy,
        })
    }
}

/// Where the files with a hash in their names go.
fn assets_folder(workspace: &Workspace, options: Options) -> PathBuf {
    let name = if options.quick { "site-dev" } else { "site" };
    workspace.target.join(name).join("assets")
}

/// Writes the shells, the root files and the manifest, and clears away what is old.
fn write(workspace: &Workspace, options: Options, folder: &Path, entries: &[Entry]) -> Result<()> {
    let public = workspace.root.join("public");
    let mut manifest = Manifest {
        shells: BTreeMap::new(),
        files: Vec::new(),
    };
    for entry in entries {
        let shell = shell::fill(&public, entry, options.reload)?;
        assets::write_all(folder, &shell.file, shell.html.as_bytes(), options.quick)?;
        manifest.shells.insert(entry.name.to_owned(), shell.listing);
    }
    for (name, bytes) in shell::root_files(&public)? {
        assets::write_all(folder, &name, &bytes, options.quick)?;
        manifest.files.push(name);
    }
    let wanted: Vec<String> = entries
        .iter()
        .flat_map(Entry::all)
        .map(Asset::file_name)
        .collect();
    assets::clear(&folder.join("assets"), &wanted)?;
    fs::write(
        folder.join("manifest.json"),
        serde_json::to_vec_pretty(&manifest)?,
    )?;
    Ok(())
}

/// Reads what was built.
pub(crate) fn manifest(folder: &Path) -> Result<Manifest> {
    let bytes = fs::read(folder.join("manifest.json")).context("the site is not built")?;
    Ok(serde_json::from_slice(&bytes)?)
}
