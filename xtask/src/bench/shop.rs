//! A shop to ask: a database that every run begins with a copy of, and a server on it.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hyper::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;

use super::load::{Client, Sent, on_this_thread};
use crate::postgres::free_port;
use crate::process::{self, Background, Step};
use crate::workspace::Workspace;

/// Members over whom writes are spread.
const MEMBERS: usize = 1000;
/// The address that one of the staff signs in with.
const STAFF: &str = "bench@example.com";
/// Counts folders, so that each has a name of its own.
static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder on the disk that cargo builds on, which is a real one; it goes with its value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> Result<Self> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("run-{}-{number}", id());
        let folder = Workspace::find()?.target.join("xtask").join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Another one with copies of the files in it.
    pub(crate) fn copy(&self) -> Result<Self> {
        let copy = Self::new()?;
        for file in fs::read_dir(self.path())? {
            let file = file?;
            if file.file_type()?.is_file() {
                fs::copy(file.path(), copy.path().join(file.file_name()))?;
            }
        }
        Ok(copy)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} cannot be removed: {error}", self.0.display());
        }
    }
}

/// A database with members and a key.
pub(crate) struct Template {
    folder: Folder,
    /// The secret of a key that may do everything the shop does.
    pub(crate) key: Rc<str>,
    /// Ids of its members.
    pub(crate) members: Rc<[String]>,
    /// E-mail address and password of one of the staff.
    pub(crate) staff: (&'static str, String),
}

impl Template {
    /// Makes one, in a database on PostgreSQL if that is given.
    pub(crate) fn make(program: &Path, database: Option<&str>) -> Result<Self> {
        let step = Step::start("making a shop to measure");
        let folder = Folder::new()?;
        let scopes = [
            "points:write",
            "members:write",
            "orders:write",
            "coupons:write",
            "embed:create",
        ];
        let key = make_key(program, folder.path(), database, &scopes)?;
        let staff = make_staff(program, folder.path(), database)?;
        let start = Start {
            database: database.map(str::to_owned),
            ..Start::default()
        };
        let server = Server::start(program, folder.path(), &start)?;
        let members = on_this_thread(make_members(server.address, key.clone()))?;
        server.stop()?;
        step.done();
        Ok(Self {
            folder,
            key,
            members: members.into(),
            staff: (STAFF, staff),
        })
    }

    /// A fresh copy.
    pub(crate) fn copy(&self) -> Result<Folder> {
        self.folder.copy()
    }

    /// The n-th adjustment of a run: one point more for one of the members.
    pub(crate) fn adjustment(&self, run: &str) -> impl Fn(u64) -> Sent + 'static {
        let (key, members, run) = (self.key.clone(), self.members.clone(), run.to_owned());
        move |n| {
            // A step that shares no factor with their number, so that neighbours differ.
            let member = &members[(n as usize).wrapping_mul(617) % members.len()];
            Sent {
                method: Method::POST,
                path: format!("/api/v1/members/{member}/points/adjustments"),
                bearer: key.clone(),
                headers: vec![("idempotency-key", format!("{run}-{n}"))],
                body: ADJUSTMENT.to_owned(),
            }
        }
    }
}

/// The program's way to make what nobody could make over the API, in the database of a folder, or
/// in another one.
fn admin(program: &Path, folder: &Path, database: Option<&str>) -> Command {
    let mut admin = Command::new(program);
    admin.arg("--data").arg(folder);
    if let Some(url) = database {
        admin.args(["--database-url", url]);
    }
    admin.arg("admin");
    admin
}

/// Makes one of the staff; answers the password.
fn make_staff(program: &Path, folder: &Path, database: Option<&str>) -> Result<String> {
    let mut admin = admin(program, folder, database);
    admin.args(["create-staff", "--name", "bench", "--email", STAFF]);
    let said = process::read(&mut admin)?;
    let password = said.lines().find_map(|it| it.strip_prefix("password: "));
    Ok(password.context("the password was not printed")?.to_owned())
}

/// Makes a key in the database of a folder, or in another one; answers its secret.
pub(crate) fn make_key(
    program: &Path,
    folder: &Path,
    database: Option<&str>,
    scopes: &[&str],
) -> Result<Rc<str>> {
    let mut admin = admin(program, folder, database);
    admin.args(["create-key", "--name", "bench"]);
    for scope in scopes {
        admin.args(["--scope", scope]);
    }
    let said = process::read(&mut admin)?;
    let key = said.lines().last().context("the key was not printed")?;
    Ok(key.into())
}

/// One point more.
pub(crate) const ADJUSTMENT: &str = r#"{"asset":"points","amount":1,"reason":"to be measured"}"#;

async fn make_members(address: SocketAddr, key: Rc<str>) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Made {
        id: String,
    }
    let mut client = Client::connect(address).await?;
    let mut members = Vec::with_capacity(MEMBERS);
    for n in 0..MEMBERS {
        let sent = Sent {
            method: Method::POST,
            path: "/api/v1/members".to_owned(),
            bearer: key.clone(),
            headers: Vec::new(),
            body: format!(r#"{{"external_id":"bench-{n}","name":"Member {n}"}}"#),
        };
        let answer = client.ask(sent).await?;
        if answer.status != 201 {
            bail!(
                "a member was not made: {}",
                String::from_utf8_lossy(&answer.body)
            );
        }
        let made: Made = serde_json::from_slice(&answer.body)?;
        members.push(made.id);
    }
    Ok(members)
}

/// How to start a server.
#[derive(Default)]
pub(crate) struct Start {
    /// Commit each write by itself.
    pub(crate) plain_writes: bool,
    /// Answer before the commit, which forgets what was answered when the server dies.
    pub(crate) answer_before_commit: bool,
    /// What stands between the server and its disk.
    pub(crate) disk: Disk,
    /// The address of a PostgreSQL database; SQLite in the folder when absent.
    pub(crate) database: Option<String>,
}

/// What stands between a server and its disk.
#[derive(Default)]
pub(crate) enum Disk {
    /// Nothing.
    #[default]
    AsItIs,
    /// Every sync takes so many microseconds more.
    Slower(u32),
    /// Syncs are counted into a file.
    Counted(PathBuf),
}

/// A running server.
pub(crate) struct Server {
    process: Background,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    log: PathBuf,
    /// Whether a tracer was started that has the server as its child.
    traced: bool,
}

impl Server {
    /// Starts one without rate limits on a folder and waits until it is ready.
    pub(crate) fn start(program: &Path, data: &Path, start: &Start) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let log = data.join("log");
        let mut command = traced(program, &start.disk);
        command.args(["serve", "--listen", &address.to_string(), "--data"]);
        command.arg(data);
        if start.plain_writes {
            command.arg("--plain-writes");
        }
        if start.answer_before_commit {
            command.arg("--answer-before-commit");
        }
        if let Some(url) = &start.database {
            command.args(["--database-url", url]);
        }
        for limit in [
            "ADDRESS",
            "CALLER",
            "KEY",
            "SIGN_IN_ADDRESS",
            "SIGN_IN_ACCOUNT",
            "SALE_CLAIMS",
            "SALE_CLAIMS_ADDRESS",
        ] {
            command.env(format!("COTERIE_LIMITS_{limit}_PER_MINUTE"), "0");
        }
        // Receivers of webhooks are on this machine.
        command.env("COTERIE_SEND_TO_PRIVATE", "true");
        // A line for each request would be measured as well.
        command.env("COTERIE_LOG", "warn");
        let output = File::options().create(true).append(true).open(&log)?;
        command.stdout(Stdio::null()).stderr(output);
        let process = Background::start(&mut command, Signal::SIGTERM)?;
        let traced = !matches!(start.disk, Disk::AsItIs);
        let mut server = Self {
            process,
            address,
            log,
            traced,
        };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<()> {
        let address = self.address;
        let ready = process::wait_until(Duration::from_secs(30), || {
            if self.process.ended() {
                bail!("the server has stopped: {}", self.log());
            }
            Ok(get(address, "/readyz", "").is_ok_and(|it| it.0 == 200))
        })?;
        if !ready {
            bail!("the server does not answer: {}", self.log());
        }
        Ok(())
    }

    /// What it warned of.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A figure of `/metrics`.
    pub(crate) fn metric(&self, name: &str) -> Result<f64> {
        let (_, text) = get(self.address, "/metrics", "")?;
        let value = text
            .lines()
            .find_map(|it| it.strip_prefix(name)?.trim().parse().ok());
        value.with_context(|| format!("/metrics does not tell {name}"))
    }

    /// The most memory that it has had so far, in megabytes.
    pub(crate) fn peak_mb(&self) -> Result<f64> {
        self.megabytes("VmHWM:")
    }

    /// The memory that it has now, in megabytes.
    pub(crate) fn memory_mb(&self) -> Result<f64> {
        self.megabytes("VmRSS:")
    }

    fn megabytes(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|it| it.strip_prefix(name));
        let kilobytes = line.and_then(|it| it.split_whitespace().next());
        let kilobytes: f64 = kilobytes.context("no such line in /proc")?.parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Ends it as an operator would, so that what it holds is on the disk.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill(self.pid()?, Signal::SIGTERM)?;
        let ended = process::wait_until(Duration::from_secs(60), || Ok(self.process.ended()))?;
        if !ended {
            bail!("the server does not stop: {}", self.log());
        }
        Ok(())
    }

    /// Ends it as a power cut would, as far as a process can tell.
    pub(crate) fn kill(mut self) -> Result<()> {
        kill(self.pid()?, Signal::SIGKILL)?;
        process::wait_until(Duration::from_secs(10), || Ok(self.process.ended()))?;
        Ok(())
    }

    /// The server itself: a tracer passes no signals on.
    fn pid(&self) -> Result<Pid> {
        let outer = self.process.id();
        if !self.traced {
            return Ok(Pid::from_raw(i32::try_from(outer)?));
        }
        let children = fs::read_to_string(format!("/proc/{outer}/task/{outer}/children"))?;
        let child = children.split_whitespace().next();
        let child = child.context("the tracer has no child")?;
        Ok(Pid::from_raw(child.parse()?))
    }
}

/// The program, traced if that is asked for. Only syncs stop at the tracer; everything else runs
/// at full speed.
///
/// strace lets a new thread stop at each of its calls until one of those that are traced, so the
/// call with which every thread begins is traced as well. Without it, threads that never sync,
/// which are those that answer requests, would be slowed down many times.
fn traced(program: &Path, disk: &Disk) -> Command {
    let arguments = match disk {
        Disk::AsItIs => return Command::new(program),
        Disk::Slower(us) => vec![
            "-e".to_owned(),
            format!("inject=fdatasync,fsync:delay_exit={us}"),
            "-o".to_owned(),
            "/dev/null".to_owned(),
        ],
        Disk::Counted(file) => {
            vec!["-c".to_owned(), "-o".to_owned(), file.display().to_string()]
        }
    };
    let mut command = Command::new("strace");
    let traced = "trace=fdatasync,fsync,set_robust_list,rseq";
    command.args(["-f", "--seccomp-bpf", "-e", traced]);
    command.args(arguments).arg("--").arg(program);
    command
}

/// Asks once, over a connection of its own.
pub(crate) fn get(address: SocketAddr, path: &str, bearer: &str) -> Result<(u16, String)> {
    on_this_thread(async move {
        let mut client = Client::connect(address).await?;
        let sent = Sent {
            method: Method::GET,
            path: path.to_owned(),
            bearer: bearer.into(),
            headers: Vec::new(),
            body: String::new(),
        };
        let answer = client.ask(sent).await?;
        Ok((
            answer.status,
            String::from_utf8_lossy(&answer.body).into_owned(),
        ))
    })
}
