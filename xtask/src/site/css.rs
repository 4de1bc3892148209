//! Style sheets: `@import`s put together, made small, and made to work in the browsers we
//! promise.

use std::path::Path;

use anyhow::{Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

/// The oldest browsers that must show every page well. Cascade layers are what sets the
/// limit: Chrome 99 and Safari 15.4 were the first to know them.
fn oldest() -> Targets {
    let version = |major: u32, minor: u32| Some(major << 16 | minor << 8);
    Targets::from(Browsers {
        android: version(99, 0),
        chrome: version(99, 0),
        edge: version(99, 0),
        firefox: version(97, 0),
        ios_saf: version(15, 4),
        safari: version(15, 4),
        samsung: version(18, 0),
        ie: None,
        opera: None,
    })
}

/// Gives one small sheet with everything that the given one imports.
pub(crate) fn bundle(sheet: &Path) -> Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut bundled = bundler
        .bundle(sheet)
        .map_err(|error| anyhow!("{}: {error}", sheet.display()))?;
    let targets = oldest();
    let minify = MinifyOptions {
        targets,
        ..MinifyOptions::default()
    };
    bundled
        .minify(minify)
        .map_err(|error| anyhow!("{}: {error}", sheet.display()))?;
    let printed = bundled.to_css(PrinterOptions {
        minify: true,
        targets,
        ..PrinterOptions::default()
    })?;
    Ok(printed.code)
}
