//! People who watch a sale while others claim: streams of events that stay open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};

use super::claims::on_sqlite;
use super::crowd::{CROWD, Crowd};
use super::figures::{Figures, median};
use super::shop::Server;
use super::{Turns, check};
use crate::process::{self, Step};

/// How many watch.
const MANY: usize = 1000;
/// How often whoever reads for them looks whether something came.
const LOOK: Duration = Duration::from_millis(50);

/// Those who watch.
struct Audience {
    gone: Arc<AtomicBool>,
    reader: JoinHandle<usize>,
}

impl Audience {
    /// Opens the streams, each of another member. A thread of its own reads them.
    fn seat(server: &Server, crowd: &Crowd) -> Result<Self> {
        let tokens = crowd.tokens(server)?;
        let mut streams = Vec::with_capacity(MANY);
        for token in tokens.iter().take(MANY) {
            let mut stream = TcpStream::connect(server.address)?;
            let path = format!("/api/v1/flash_sales/{}/events", crowd.sale);
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
            )?;
            // The answer begins with the present moment.
            stream.read_exact(&mut [0; 16])?;
            stream.set_nonblocking(true)?;
            streams.push(stream);
        }
        let gone = Arc::new(AtomicBool::new(false));
        let ended = gone.clone();
        let reader = thread::spawn(move || read(&mut streams, &ended));
        Ok(Self { gone, reader })
    }

    /// Closes the streams; answers how many events came.
    fn leave(self) -> Result<usize> {
        self.gone.store(true, Ordering::Relaxed);
        let heard = self.reader.join();
        heard.map_err(|_| anyhow!("whoever reads the events panicked"))
    }
}

/// Reads what comes until it is time to go; answers how many events it was.
fn read(streams: &mut [TcpStream], gone: &AtomicBool) -> usize {
    let mut heard = 0;
    let mut buffer = [0; 4096];
    while !gone.load(Ordering::Relaxed) {
        for stream in &mut *streams {
            // Nothing to read is an error here, and nothing to care about.
            while let Ok(length) = stream.read(&mut buffer) {
                if length == 0 {
                    break;
                }
                let text = &buffer[..length];
                heard += text.windows(6).filter(|it| *it == b"event:").count();
            }
        }
        thread::sleep(LOOK);
    }
    heard
}

/// Compares a rush that many watch with one that nobody does.
pub(super) fn compare(program: &Path, turns: Turns, figures: &mut Figures) -> Result<()> {
    let crowd = Crowd::gather(program, CROWD, None)?;
    let step = Step::start(format!("claims while {} watch", MANY));
    let (mut alone, mut watched, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..turns.pairs {
        alone.push(on_sqlite(program, &crowd, turns)?);
        let (folder, server) = crowd.serve(program)?;
        crowd.look(&server)?;
        let before = server.memory_mb()?;
        let audience = Audience::seat(&server, &crowd)?;
        memory.push((server.memory_mb()? - before) * 1024.0 / MANY as f64);
        watched.push(crowd.rush(&[&server], turns)?);
        let heard = audience.leave()?;
        server.stop()?;
        check(program, folder.path())?;
        eprintln!("    {pair}: {heard} events were heard");
        if process::stopping() {
            bail!("stopped on request");
        }
    }
    step.done();
    let ratios: Vec<f64> = watched.iter().zip(&alone).map(|(a, b)| a / b).collect();
    figures.tell("watched_claims_per_s", median(&watched), "1/s");
    figures.tell("listener_kb", median(&memory), "KB");
    figures.ratio("claims_watched_vs_not", &ratios, None);
    Ok(())
}
