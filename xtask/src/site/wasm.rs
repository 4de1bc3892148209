//! From Rust to the module and the script that a browser loads.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Validator, WasmFeatures};

use super::{Options, glue};
use crate::needs::WASM;
use crate::process::{read, run};
use crate::workspace::Workspace;

/// Compiles the entry points and gives their modules, in the same order.
pub(crate) fn compile(workspace: &Workspace, options: Options) -> Result<Vec<PathBuf>> {
    let profile = if options.quick {
        "wasm-dev"
    } else {
        "wasm-release"
    };
    let mut cargo = workspace.cargo(&["build", "-p", "app", "--target", WASM]);
    cargo.args(["--profile", profile]);
    cargo.args(["--config", &without_home()?]);
    for entry in options.entries() {
        cargo.args(["--bin", entry]);
    }
    run(&mut cargo)?;
    let folder = workspace.target.join(WASM).join(profile);
    let modules = options.entries().iter().map(|entry| folder.join(entry));
    Ok(modules.map(|path| path.with_extension("wasm")).collect())
}

/// Lets panics name files of libraries by library: a path of this machine is longer, and nothing
/// that shoppers should download.
fn without_home() -> Result<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = home
        .context("there is no home folder")?
        .join("registry/src");
    let mut flags = Vec::new();
    for registry in fs::read_dir(&sources).into_iter().flatten() {
        let path = registry?.path();
        flags.push(format!("\"--remap-path-prefix={}/=\"", path.display()));
    }
    flags.sort();
    Ok(format!("target.{WASM}.rustflags=[{}]", flags.join(", ")))
}

/// A module made ready for browsers, and the script that loads it.
pub(crate) struct Bound {
    /// The script, a JavaScript module.
    pub(crate) js: String,
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// Scripts that Rust crates bring along, by their path below `./snippets/`.
    pub(crate) modules: Vec<(String, String)>,
}

/// Joins a compiled module to JavaScript.
pub(crate) fn bind(name: &str, module: Vec<u8>) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes(name, module)
        // The lazy files find what they need in the program by these names.
        .keep_lld_exports(true)
        .demangle(false)
        .web(true)?
        .typescript(false)
        // We always say where the module is: its name has a hash.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    if output.js().contains("externref") {
        bail!("the module uses reference types; is RUSTFLAGS set, which hides .cargo/config.toml?");
    }
    let mut modules: Vec<(String, String)> = Vec::new();
    for (crate_name, scripts) in output.snippets() {
        for (number, script) in scripts.iter().enumerate() {
            modules.push((format!("{crate_name}/inline{number}.js"), script.clone()));
        }
    }
    for (path, script) in output.local_modules() {
        modules.push((path.clone(), script.clone()));
    }
    let (js, classes) = glue::without_classes(output.js())?;
    let module = output.wasm_mut();
    let exports = module.exports.iter().map(|it| it.name.clone());
    let unused: Vec<String> = exports.filter(|it| glue::is_of(it, &classes)).collect();
    for name in unused {
        module.exports.remove(name)?;
    }
    // The names end in a hash that no compression can shorten, here and in the script.
    let mut names = HashMap::new();
    let imports = module.imports.iter_mut();
    for (number, import) in imports.filter(|it| it.module.ends_with(SCRIPT)).enumerate() {
        let short = format!("w{number}");
        names.insert(mem::replace(&mut import.name, short.clone()), short);
    }
    Ok(Bound {
        js: glue::renamed(&js, &names),
        wasm: module.emit_wasm(),
        modules,
    })
}

/// How the name ends by which the module asks for what its script gives it.
const SCRIPT: &str = "_bg.js";

/// What the compiled modules use, and what the passes below take away again: features that
/// old webviews lack.
const OPTIMIZE: [&str; 18] = [
    "--quiet",
    "--strip-debug",
    "--strip-producers",
    // Taken down to simple steps and built up again it is smaller than it came: 2% over the wire.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size=50",
    "--converge",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--llvm-memory-copy-fill-lowering",
    "--llvm-nontrapping-fptoint-lowering",
    "--signext-lowering",
];

/// wasm-opt, from the npm package binaryen.
pub(crate) struct Optimizer {
    program: PathBuf,
}

impl Optimizer {
    /// Finds it among the npm packages. A quick build does without.
    pub(crate) fn find(workspace: &Workspace, options: Options) -> Result<Option<Self>> {
        let program = workspace
            .end2end()
            .join("node_modules/binaryen/bin/wasm-opt");
        if program.is_file() && !options.quick {
            return Ok(Some(Self { program }));
        }
        if options.need_wasm_opt {
            bail!("wasm-opt is missing; install it: npm ci --prefix end2end");
        }
        Ok(None)
    }

    /// Makes a module smaller.
    pub(crate) fn run(&self, target: &Path, name: &str, module: &[u8]) -> Result<Vec<u8>> {
        let before = target.join(format!("{name}-before.wasm"));
        let after = target.join(format!("{name}-after.wasm"));
        fs::write(&before, module)?;
        let mut node = Command::new("node");
        node.arg(&self.program).args(OPTIMIZE);
        node.arg(&before).arg("-o").arg(&after);
        read(&mut node).context("wasm-opt")?;
        let optimized = fs::read(&after)?;
        // The passes must have taken away every feature that old webviews lack.
        let old = WasmFeatures::WASM1;
        let valid = Validator::new_with_features(old).validate_all(&optimized);
        valid.with_context(|| format!("{name} needs more than the first WebAssembly"))?;
        fs::remove_file(before)?;
        fs::remove_file(after)?;
        Ok(optimized)
    }
}
