//! What a client was answered, in a file of its own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The answers of one round: a line each.
pub(super) struct Log {
    path: PathBuf,
    file: File,
}

/// An answer that says that something is done.
pub(super) struct Entry {
    /// Which of the round's requests it answers.
    pub(super) number: u64,
    /// The answer's body.
    pub(super) body: String,
}

impl Log {
    /// An empty one.
    pub(super) fn new(folder: &Path, round: u32) -> Result<Self> {
        let path = folder.join(format!("answers-{round}"));
        let file = File::create(&path)?;
        Ok(Self { path, file })
    }

    /// Notes an answer.
    pub(super) fn note(&self, number: u64, body: &[u8]) -> Result<()> {
        let body = String::from_utf8_lossy(body);
        writeln!(&self.file, "{number} {body}")?;
        Ok(())
    }

    /// Waits until all of it is on the disk.
    pub(super) fn sync(&self) -> Result<()> {
        Ok(self.file.sync_all()?)
    }

    /// All answers.
    pub(super) fn read(&self) -> Result<Vec<Entry>> {
        let text = fs::read_to_string(&self.path)?;
        let entry = |line: &str| -> Result<Entry> {
            let (number, body) = line.split_once(' ').context("a line without an answer")?;
            Ok(Entry {
                number: number.parse()?,
                body: body.to_owned(),
            })
        };
        text.lines().map(entry).collect()
    }
}
