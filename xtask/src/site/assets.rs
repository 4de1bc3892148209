//! Files with a hash of their content in their names, and their compressed copies.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A file whose name changes with its content, so that browsers may keep it for ever.
pub(crate) struct Asset {
    stem: String,
    extension: &'static str,
    bytes: Vec<u8>,
}

impl Asset {
    /// Takes the content.
    pub(crate) fn new(stem: &str, extension: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            stem: stem.to_owned(),
            extension,
            bytes,
        }
    }

    /// `member-0123456789abcdef.js`
    pub(crate) fn file_name(&self) -> String {
        let digest = Sha256::digest(&self.bytes);
        let hash: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
        format!("{}-{hash}.{}", self.stem, self.extension)
    }

    /// The path a browser asks for.
    pub(crate) fn url(&self) -> String {
        format!("/assets/{}", self.file_name())
    }

    /// Writes the file and its copies; what is there already has this very content.
    pub(crate) fn write(&self, folder: &Path, quick: bool) -> Result<()> {
        let name = self.file_name();
        if folder.join(format!("{name}.gz")).exists() {
            return Ok(());
        }
        write_all(folder, &name, &self.bytes, quick)
    }
}

/// Writes a file with a Brotli and a gzip copy beside it. The gzip copy comes last:
/// when it is there, all are.
pub(crate) fn write_all(folder: &Path, name: &str, bytes: &[u8], quick: bool) -> Result<()> {
    fs::write(folder.join(name), bytes)?;
    fs::write(folder.join(format!("{name}.br")), brotli(bytes, quick)?)?;
    fs::write(folder.join(format!("{name}.gz")), gzip(bytes, quick)?)?;
    Ok(())
}

/// Packs with Brotli: as small as it gets, or quickly.
fn brotli(bytes: &[u8], quick: bool) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let quality = if quick { 4 } else { 11 };
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 16, quality, 22);
    encoder.write_all(bytes)?;
    encoder.flush()?;
    drop(encoder);
    Ok(packed)
}

/// Packs with gzip, for what is between us and the browser and knows no Brotli.
fn gzip(bytes: &[u8], quick: bool) -> Result<Vec<u8>> {
    let level = if quick {
        Compression::fast()
    } else {
        Compression::best()
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Removes the files of earlier builds.
pub(crate) fn clear(folder: &Path, wanted: &[String]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let plain = name.trim_end_matches(".br").trim_end_matches(".gz");
        if !wanted.iter().any(|file| file == plain) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_the_content() {
        let one = Asset::new("member", "js", b"one".to_vec()).file_name();
        let again = Asset::new("member", "js", b"one".to_vec()).file_name();
        let two = Asset::new("member", "js", b"two".to_vec()).file_name();
        assert_eq!(one, again);
        assert_ne!(one, two);
        assert!(one.starts_with("member-") && one.ends_with(".js"), "{one}");
    }

    #[test]
    fn packed_copies_unpack_to_the_same() {
        let bytes = b"points ".repeat(500);
        for quick in [false, true] {
            let packed = brotli(&bytes, quick).expect("memory takes all writes");
            assert!(packed.len() < bytes.len() / 10);
            let mut unpacked = Vec::new();
            brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked)
                .expect("what was packed unpacks");
            assert_eq!(unpacked, bytes);
        }
    }
}
