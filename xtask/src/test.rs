//! `cargo xtask test`: every test there is.

use std::env::temp_dir;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::signal::Signal;
use serde::Deserialize;

use crate::needs;
use crate::postgres::{Cluster, free_port};
use crate::process::{self, Background, Step};
use crate::shop::Shop;
use crate::site;
use crate::torture;
use crate::workspace::Workspace;

/// Which tests.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only the tests in Rust
    #[arg(long, conflicts_with = "browser")]
    rust: bool,
    /// Only the journeys in the browser
    #[arg(long)]
    browser: bool,
    /// Passed on to Playwright, such as a file name or --project=phone
    #[arg(last = true)]
    playwright: Vec<String>,
}

/// The command. Both halves run even if the first fails, so that one run tells everything.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    process::stop_in_order()?;
    needs::wasm_target()?;
    let mut failures = Vec::new();
    if !options.browser {
        // Before the long work, so that whoever lacks something learns it at once.
        needs::postgres_programs()?;
    }
    let chromium = if options.rust {
        None
    } else {
        needs::npm_packages(&workspace)?;
        Some(needs::chromium()?)
    };
    if !options.browser
        && let Err(error) = rust_tests(&workspace)
    {
        failures.push(format!("Rust tests: {error:#}"));
    }
    if !options.browser
        && !process::stopping()
        && let Err(error) = crashes(&workspace)
    {
        failures.push(format!("crashes: {error:#}"));
    }
    if let Some(chromium) = chromium
        && !process::stopping()
        && let Err(error) = journeys(&workspace, &chromium, &options.playwright)
    {
        failures.push(format!("browser journeys: {error:#}"));
    }
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(())
}

/// Rules, server on both databases, and these tasks themselves.
fn rust_tests(workspace: &Workspace) -> Result<()> {
    let cluster = Cluster::start()?;
    let step = Step::start("tests in Rust");
    let mut cargo = workspace.cargo(&["test", "--workspace", "--no-fail-fast"]);
    process::run(cargo.env("COTERIE_TEST_POSTGRES_URL", &cluster.url))?;
    step.done();
    Ok(())
}

/// Builds the server of what the tests in Rust are built of. For the server alone cargo would
/// choose other features of libraries that both use, and compile for minutes.
fn build_server(workspace: &Workspace) -> Result<()> {
    let step = Step::start("compiling the server");
    let arguments = "build --workspace --bin coterie --test it";
    process::run(&mut workspace.cargo(&arguments.split(' ').collect::<Vec<_>>()))?;
    step.done();
    Ok(())
}

/// A few deaths of the server under load; `cargo xtask torture` has many.
fn crashes(workspace: &Workspace) -> Result<()> {
    build_server(workspace)?;
    torture::rounds(&workspace.server(false), 3, None)
}

/// What people do, in a real browser, against the site as it ships.
fn journeys(workspace: &Workspace, chromium: &Path, arguments: &[String]) -> Result<()> {
    let options = site::Options {
        kit: true,
        ..site::Options::release()
    };
    let site = site::build(workspace, options)?;
    build_server(workspace)?;
    // Where the pages will be that show the member centre in a frame.
    let host = free_port()?;
    let embedding = Embedding::Pages(host);
    // Where the journeys play WeChat's API.
    let tickets = free_port()?;
    let shop = DemoShop::start(workspace, &site, "shop", &embedding, Some(tickets))?;
    // Another one, whose clock a journey moves.
    let sandbox = DemoShop::start(workspace, &site, "sandbox", &embedding, None)?;
    // And one that the reference shop talks to.
    let data = temp_dir()
        .join(format!("coterie-journeys-{}-loop", id()))
        .join("data");
    let database = ["--data".to_owned(), data.display().to_string()];
    let reference = Shop::prepare(&workspace.server(false), &database, &data, free_port()?)?;
    let looped = DemoShop::start(workspace, &site, "loop", &Embedding::Shop(&reference), None)?;
    let reference = reference.start(workspace, &looped.url)?;

    let step = Step::start("journeys in the browser");
    let folder = workspace.end2end();
    let results = folder.join("report/results.json");
    if results.exists() {
        fs::remove_file(&results)?;
    }
    let mut playwright = Command::new("node");
    playwright
        .arg("node_modules/@playwright/test/cli.js")
        .arg("test");
    playwright.args(arguments).current_dir(&folder);
    playwright.env("COTERIE_URL", &shop.url);
    playwright.env("COTERIE_SANDBOX_URL", &sandbox.url);
    playwright.env("COTERIE_SHOP_URL", &reference.url);
    playwright.env("COTERIE_HOST_PORT", host.to_string());
    playwright.env("COTERIE_WECHAT_PORT", tickets.to_string());
    playwright.env("COTERIE_SERVER_LOG", &shop.log);
    playwright.env("COTERIE_CHROMIUM", chromium);
    let outcome = process::run(&mut playwright);
    let counts = counts(&results).context("Playwright left no results")?;
    step.done();
    println!("{} passed, {} failed", counts.expected, counts.failed());
    if counts.expected == 0 && counts.failed() == 0 {
        bail!("no journey ran");
    }
    outcome
}

/// How the journeys ended, in Playwright's words.
#[derive(Deserialize)]
struct Counts {
    expected: u64,
    unexpected: u64,
    flaky: u64,
    skipped: u64,
}

impl Counts {
    /// A journey that passes sometimes, or is left out, has not passed.
    fn failed(&self) -> u64 {
        self.unexpected + self.flaky + self.skipped
    }
}

/// Reads Playwright's report.
fn counts(results: &Path) -> Result<Counts> {
    #[derive(Deserialize)]
    struct Report {
        stats: Counts,
    }
    let report: Report = serde_json::from_slice(&fs::read(results)?)?;
    Ok(report.stats)
}

/// Who shows the member centre in a frame.
enum Embedding<'a> {
    /// The reference shop.
    Shop(&'a Shop),
    /// Pages at this port, on the same site and on another one.
    Pages(u16),
}

/// A server with demo data, for the journeys only.
struct DemoShop {
    /// First in the struct: it stops before its folder is removed.
    _server: Background,
    folder: PathBuf,
    url: String,
    log: PathBuf,
}

impl Drop for DemoShop {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} cannot be removed: {error}", self.folder.display());
        }
    }
}

impl DemoShop {
    /// Starts one on a free port and waits for it; `tickets` is the port of what plays WeChat's API.
    fn start(
        workspace: &Workspace,
        site: &Path,
        name: &str,
        embedding: &Embedding<'_>,
        tickets: Option<u16>,
    ) -> Result<Self> {
        let step = Step::start("starting a demo shop");
        let folder = temp_dir().join(format!("coterie-journeys-{}-{name}", id()));
        fs::create_dir_all(&folder)?;
        let port = free_port()?;
        let log = folder.join("log");
        let output = fs::File::create(&log)?;
        let mut command = Command::new(workspace.server(false));
        command.args(["serve", "--demo"]);
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        command.arg("--site").arg(site);
        command.arg("--data").arg(folder.join("data"));
        // The journeys sign the same few people in again and again, faster than people would.
        command.env("COTERIE_LIMITS_SIGN_IN_ACCOUNT_PER_MINUTE", "0");
        command.env("COTERIE_LIMITS_SIGN_IN_ADDRESS_PER_MINUTE", "0");
        // A journey looks at what a receiver that is not there does to a trial.
        command.env("COTERIE_SEND_TO_PRIVATE", "true");
        match embedding {
            Embedding::Shop(shop) => shop.allow(&mut command),
            Embedding::Pages(port) => {
                let hosts = format!("http://127.0.0.1:{port} http://localhost:{port}");
                command.env("COTERIE_FRAME_ANCESTORS", hosts);
            }
        }
        if let Some(port) = tickets {
            command.env("COTERIE_WECHAT_APP_ID", "wx0123456789abcdef");
            command.env("COTERIE_WECHAT_APP_SECRET", "a-secret-of-the-journeys");
            command.env("COTERIE_WECHAT_API_URL", format!("http://127.0.0.1:{port}"));
        }
        command.stdout(output.try_clone()?).stderr(output);
        let mut server = Background::start(&mut command, Signal::SIGTERM)?;
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let ready = process::wait_until(Duration::from_secs(120), || {
            if server.ended() {
                bail!("the server has stopped: {}", said());
            }
            Ok(answers(port))
        })?;
        if !ready {
            bail!("the server does not answer: {}", said());
        }
        step.done();
        Ok(Self {
            _server: server,
            folder,
            url: format!("http://127.0.0.1:{port}"),
            log,
        })
    }
}

/// Whether the start page comes.
pub(crate) fn answers(port: u16) -> bool {
    let ask = || -> Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
