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
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::needs;
use crate::process::{Background, Step, read, run, wait_until};

/// A running cluster; stopped and removed when this value goes.
pub(crate) struct Cluster {
    /// First in the struct: it stops before its folder is removed.
    server: Background,
    folder: Folder,
    /// Where tests connect to, as the administrator.
    pub(crate) url: String,
    programs: PathBuf,
    owner: Option<Owner>,
    port: u16,
    /// Settings besides those that all have.
    more: Vec<String>,
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
        let sockets = format!("unix_socket_directories={}", folder.0.display());
        let more: Vec<String> = more.iter().map(|it| (*it).to_owned()).collect();
        let more = [more, vec![sockets]].concat();
        let server = launch(&programs, &folder.0, owner, port, &more)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Self {
            server,
            folder,
            url,
            programs,
            owner,
            port,
            more,
        };
        cluster.wait()?;
        step.done();
        Ok(cluster)
    }

    /// Waits until it answers.
    fn wait(&mut self) -> Result<()> {
        let port = self.port.to_string();
        let ready = wait_until(Duration::from_secs(60), || {
            if self.server.ended() {
                bail!("PostgreSQL has stopped: {}", self.log());
            }
            let mut ask = Command::new(self.programs.join("pg_isready"));
            ask.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            Ok(ask.status()?.success())
        })?;
        if !ready {
            bail!("PostgreSQL does not answer: {}", self.log());
        }
        Ok(())
    }

    /// Ends it at once, as a power cut would as far as its programs can tell, and starts it again.
    pub(crate) fn crash(&mut self) -> Result<()> {
        kill(
            Pid::from_raw(i32::try_from(self.server.id())?),
            Signal::SIGQUIT,
        )?;
        let ended = wait_until(Duration::from_secs(20), || Ok(self.server.ended()))?;
        if !ended {
            bail!("PostgreSQL does not stop: {}", self.log());
        }
        self.server = launch(
            &self.programs,
            &self.folder.0,
            self.owner,
            self.port,
            &self.more,
        )?;
        self.wait()
    }

    /// The address of one of its databases.
    pub(crate) fn url_of(&self, database: &str) -> String {
        let place = self.url.rfind('/').unwrap_or(self.url.len());
        format!("{}/{database}", &self.url[..place])
    }

    /// The same over a socket, which is faster; for PostgreSQL's own programs.
    pub(crate) fn socket_url_of(&self, database: &str) -> String {
        let folder = self.folder.0.display();
        format!("{}?host={folder}", self.url_of(database))
    }

    /// One of PostgreSQL's own programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    /// Runs statements in one of its databases, each by itself.
    pub(crate) fn run(&self, database: &str, statements: &[&str]) -> Result<()> {
        let mut psql = self.program("psql");
        psql.args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]);
        for statement in statements {
            psql.args(["-c", statement]);
        }
        read(psql.arg(self.url_of(database))).map(drop)
    }

    /// What it said.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("log")).unwrap_or_default()
    }
}

/// Starts the server on a folder that was made for it.
fn launch(
    programs: &Path,
    folder: &Path,
    owner: Option<Owner>,
    port: u16,
    more: &[String],
) -> Result<Background> {
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))?;
    let mut postgres = as_owner(&programs.join("postgres"), folder, owner);
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    postgres.args(["-D", "data"]).args(settings(port, &more));
    postgres.stdout(log.try_clone()?).stderr(log);
    // SIGQUIT is PostgreSQL's immediate stop: nothing in there is worth a checkpoint.
    Background::start(&mut postgres, Signal::SIGQUIT)
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
    let settings = ["listen_addresses=127.0.0.1", &port, "max_connections=300"];
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
