//! A PostgreSQL for one test run: started from nothing, gone without a trace.

use std::env::temp_dir;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::needs;
use crate::process::{Background, Step, read, run, wait_until};

/// A running cluster; stopped and removed when this value goes.
pub(crate) struct Cluster {
    /// First in the struct: it stops before its folder is removed.
    server: Background,
    folder: Folder,
    /// Where tests connect to, as the administrator.
    pub(crate) url: String,
}

/// A folder that goes with its value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} cannot be removed: {error}", self.0.display());
        }
    }
}

/// A user and a group to run as.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Cluster {
    /// Starts one on a free port of this machine.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(&FAST)
    }

    /// Starts one that keeps what it has committed, for measuring.
    pub(crate) fn start_safe() -> Result<Self> {
        Self::start_with(&[])
    }

    fn start_with(more: &[&str]) -> Result<Self> {
        let programs = needs::postgres_programs()?;
        let step = Step::start("starting a PostgreSQL for the tests");
        let owner = owner()?;
        let folder = Folder(temp_dir().join(format!("coterie-postgres-{}", id())));
        fs::create_dir_all(&folder.0)?;
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700))?;
        let password = password()?;
        let secret = folder.0.join("password");
        fs::write(&secret, &password)?;
        if let Some(owner) = owner {
            chown(&folder.0, Some(owner.user), Some(owner.group))?;
            chown(&secret, Some(owner.user), Some(owner.group))?;
        }
        let program = |name: &str| as_owner(&programs.join(name), &folder.0, owner);

        let mut initdb = program("initdb");
        initdb.args(["--username=postgres", "--auth=scram-sha-256"]);
        initdb.args(["--encoding=UTF8", "--no-locale", "--no-sync"]);
        initdb.arg(format!("--pwfile={}", secret.display()));
        run(initdb.arg("--pgdata=data").stdout(Stdio::null()))?;

        let port = free_port()?;
        let log = fs::File::create(folder.0.join("log"))?;
        let mut postgres = program("postgres");
        postgres.args(["-D", "data"]).args(settings(port, more));
        postgres.stdout(log.try_clone()?).stderr(log);
        // SIGQUIT is PostgreSQL's immediate stop: nothing in there is worth a checkpoint.
        let server = Background::start(&mut postgres, Signal::SIGQUIT)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Self {
            server,
            folder,
            url,
        };
        cluster.wait(&programs, port)?;
        step.done();
        Ok(cluster)
    }

    /// Waits until it answers.
    fn wait(&mut self, programs: &Path, port: u16) -> Result<()> {
        let port = port.to_string();
        let ready = wait_until(Duration::from_secs(60), || {
            if self.server.ended() {
                bail!("PostgreSQL has stopped: {}", self.log());
            }
            let mut ask = Command::new(programs.join("pg_isready"));
            ask.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            Ok(ask.status()?.success())
        })?;
        if !ready {
            bail!("PostgreSQL does not answer: {}", self.log());
        }
        Ok(())
    }

    /// What it said.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("log")).unwrap_or_default()
    }
}

/// Fast rather than safe: what a crash would lose is thrown away anyway.
const FAST: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// Settings on its command line.
fn settings(port: u16, more: &[&str]) -> Vec<String> {
    let port = format!("port={port}");
    let settings = [
        "listen_addresses=127.0.0.1",
        &port,
        "unix_socket_directories=",
        "max_connections=300",
    ];
    let pairs = settings
        .iter()
        .chain(more)
        .flat_map(|setting| ["-c", setting]);
    pairs.map(str::to_owned).collect()
}

/// PostgreSQL refuses to run as root; then it runs as the user its package made.
fn owner() -> Result<Option<Owner>> {
    if !needs::is_root() {
        return Ok(None);
    }
    let ask = |what: &str| -> Result<u32> {
        let answer = read(Command::new("id").args([what, "postgres"]))
            .context("PostgreSQL does not run as root, and there is no user postgres")?;
        Ok(answer.trim().parse()?)
    };
    Ok(Some(Owner {
        user: ask("-u")?,
        group: ask("-g")?,
    }))
}

/// A command of PostgreSQL's, run in its folder as its owner.
fn as_owner(program: &Path, folder: &Path, owner: Option<Owner>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    if let Some(owner) = owner {
        command.uid(owner.user).gid(owner.group);
    }
    command
}

/// Other users of this machine can reach the port, so it asks for something they do not know.
fn password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    let mut random = fs::File::open("/dev/urandom")?;
    std::io::Read::read_exact(&mut random, &mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A port that nobody uses at the moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
