//! Running other programs: telling what is going on, and leaving none of them behind.

use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Set once somebody asked to stop.
static STOPPING: AtomicBool = AtomicBool::new(false);
/// The program we are waiting for, or 0.
static WAITING_FOR: AtomicU32 = AtomicU32::new(0);

/// Says on stderr what is being done, and how long it took when it is over.
pub(crate) struct Step {
    started: Instant,
    what: String,
}

impl Step {
    /// Announces a piece of work.
    pub(crate) fn start(what: impl Into<String>) -> Self {
        let what = what.into();
        eprintln!("==> {what} …");
        Self {
            started: Instant::now(),
            what,
        }
    }

    /// Tells that it is over.
    pub(crate) fn done(self) {
        let seconds = self.started.elapsed().as_secs_f64();
        eprintln!("    {}: done in {seconds:.1} s", self.what);
    }
}

/// Lets Ctrl-C and TERM end the running program and then us, so that what was started
/// in the background is stopped on the way out.
pub(crate) fn stop_in_order() -> Result<()> {
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::SeqCst);
        let pid = WAITING_FOR.load(Ordering::SeqCst);
        if pid != 0 {
            signal(pid, Signal::SIGTERM);
        }
    })
    .context("the signals cannot be watched")
}

/// Whether somebody asked to stop.
pub(crate) fn stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// Runs a program to its end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    WAITING_FOR.store(child.id(), Ordering::SeqCst);
    let status = child.wait();
    WAITING_FOR.store(0, Ordering::SeqCst);
    let status = status?;
    if stopping() {
        bail!("stopped on request");
    }
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Like `run`, for a program whose words are not the answer: they go to stderr.
pub(crate) fn run_aside(command: &mut Command) -> Result<()> {
    run(command.stdout(std::io::stderr()))
}

/// Runs a program and gives what it printed.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("{name} cannot be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program in the background, stopped when this value goes.
pub(crate) struct Background {
    child: Child,
    ask: Signal,
}

impl Background {
    /// Starts it in a process group of its own: a Ctrl-C at the terminal reaches us
    /// first, and we stop it when nobody uses it any more.
    pub(crate) fn start(command: &mut Command, ask: Signal) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { child, ask })
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.ended() {
            return;
        }
        signal(self.child.id(), self.ask);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if self.ended() {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        eprintln!("a program in the background does not stop by itself; it is ended");
        // Nothing is left to be done if even this fails.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Sends a signal; the program may have gone already, and that is fine.
fn signal(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _gone = kill(Pid::from_raw(pid), signal);
    }
}

/// Asks again and again until the answer is yes, the time is over, or we are to stop.
pub(crate) fn wait_until(limit: Duration, mut ready: impl FnMut() -> Result<bool>) -> Result<bool> {
    let started = Instant::now();
    loop {
        if ready()? {
            return Ok(true);
        }
        if stopping() || started.elapsed() > limit {
            return Ok(false);
        }
        sleep(Duration::from_millis(50));
    }
}
