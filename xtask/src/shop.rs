//! The reference shop of end2end/shop: its key, its addresses, and the process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::process::{self, Background, Step};
use crate::test::answers;
use crate::workspace::Workspace;

/// What the shop's key may do.
const SCOPES: [&str; 5] = [
    "members:write",
    "orders:write",
    "coupons:write",
    "embed:create",
    "webhooks:write",
];

/// Where the shop will be, and the key that it asks with.
pub(crate) struct Shop {
    port: u16,
    key: String,
}

/// A shop that runs.
pub(crate) struct Running {
    _process: Background,
    /// Its address.
    pub(crate) url: String,
}

impl Shop {
    /// Makes a key before the server starts; one that was made before is used again. `arguments`
    /// name the server's database.
    pub(crate) fn prepare(
        server: &Path,
        arguments: &[String],
        data: &Path,
        port: u16,
    ) -> Result<Self> {
        fs::create_dir_all(data)?;
        let kept = data.join("shop.key");
        let key = match fs::read_to_string(&kept) {
            Ok(key) => key,
            Err(_) => {
                let key = make_key(server, arguments)?;
                keep_secret(&kept, &key)?;
                key
            }
        };
        Ok(Self { port, key })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets a server show its pages in the shop's frame and call its webhooks.
    pub(crate) fn allow(&self, server: &mut Command) {
        server.env("COTERIE_FRAME_ANCESTORS", self.url());
        server.env("COTERIE_SEND_TO_PRIVATE", "true");
    }

    /// Starts it beside a server that answers at `coterie`.
    pub(crate) fn start(&self, workspace: &Workspace, coterie: &str) -> Result<Running> {
        let step = Step::start("starting the shop");
        let mut node = Command::new("node");
        node.arg(workspace.end2end().join("shop/shop.mjs"));
        node.env("COTERIE_URL", coterie);
        node.env("COTERIE_KEY", self.key.trim());
        node.env("PORT", self.port.to_string());
        node.stdout(std::io::stderr());
        let mut process = Background::start(&mut node, Signal::SIGTERM)?;
        let ready = process::wait_until(Duration::from_secs(20), || {
            if process.ended() {
                bail!("the shop has stopped");
            }
            Ok(answers(self.port))
        })?;
        if !ready {
            bail!("the shop does not answer");
        }
        step.done();
        Ok(Running {
            _process: process,
            url: self.url(),
        })
    }
}

fn make_key(server: &Path, arguments: &[String]) -> Result<String> {
    let mut command = Command::new(server);
    command.args(arguments);
    command.args(["admin", "create-key", "--name", "reference shop"]);
    for scope in SCOPES {
        command.args(["--scope", scope]);
    }
    let said = process::read(&mut command)?;
    let secret = said.lines().nth(1);
    secret.map(str::to_owned).context("no key was made")
}

/// Writes a file that only its owner reads.
fn keep_secret(path: &PathBuf, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    Ok(())
}
