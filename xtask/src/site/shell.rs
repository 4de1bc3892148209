//! The HTML pages that start the entry points, readable before WebAssembly has arrived.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Entry, Shell, css};

/// What the inline scripts may weigh together: they come with every page view.
const INLINE_SCRIPT_LIMIT: usize = 4096;

/// Loads the page again when its shell has changed. Only `cargo xtask dev` puts it in.
const RELOAD: &str = r#"<script>
(function(){var last;setInterval(function(){
fetch(location.href,{method:"HEAD",cache:"no-store"}).then(function(r){
var now=r.headers.get("etag");if(last&&now&&now!==last){location.reload()}last=now||last
},function(){last="away"})},700)})()
</script>"#;

/// A shell with its placeholders filled.
pub(crate) struct Filled {
    /// Its name in the site's folder.
    pub(crate) file: String,
    /// The page.
    pub(crate) html: String,
    /// What the manifest says of it.
    pub(crate) listing: Shell,
}

/// Puts the names of an entry's files into its template.
pub(crate) fn fill(public: &Path, entry: &Entry, reload: bool) -> Result<Filled> {
    let template = match entry.name {
        "member" => "index.html",
        "kit" => "kit.html",
        _ => "console.html",
    };
    let template = public.join(template);
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
    };
    let html = read(&template)?
        .replace("%BOOT_CSS%", &css::bundle(&public.join("boot.css"))?)
        .replace("%BOOT_JS%", &squeeze(&read(&public.join("boot.js"))?))
        .replace("%CSS%", &entry.css.url())
        .replace("%JS%", &entry.js.url())
        .replace("%WASM%", &entry.wasm.url());
    let scripts = inline(&html, "script");
    let weight: usize = scripts.iter().map(|script| script.len()).sum();
    if weight > INLINE_SCRIPT_LIMIT {
        bail!("the inline scripts weigh {weight} bytes, over {INLINE_SCRIPT_LIMIT}");
    }
    let html = if reload {
        html.replace("</body>", &format!("{RELOAD}</body>"))
    } else {
        html
    };
    let file = format!("{}.html", entry.name);
    let listing = Shell {
        file: file.clone(),
        script_hashes: hashes(&html, "script"),
        style_hashes: hashes(&html, "style"),
        assets: entry.first().map(super::Asset::url).collect(),
        lazy: entry.lazy.iter().map(super::Asset::url).collect(),
    };
    Ok(Filled {
        file,
        html,
        listing,
    })
}

/// Files that a browser asks for at the root of the site.
pub(crate) fn root_files(public: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let parts = [
        "index.html",
        "console.html",
        "kit.html",
        "boot.css",
        "boot.js",
    ];
    let mut files = Vec::new();
    for entry in fs::read_dir(public)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() && !parts.contains(&name.as_str()) {
            let bytes = fs::read(entry.path())?;
            let bytes = match name.strip_suffix(".js") {
                Some(_) => squeeze(&String::from_utf8(bytes)?).into_bytes(),
                None => bytes,
            };
            files.push((name, bytes));
        }
    }
    files.sort();
    Ok(files)
}

/// Takes out what only people read: comments on lines of their own, indents, empty lines.
pub(super) fn squeeze(source: &str) -> String {
    let mut in_comment = false;
    let mut kept = Vec::new();
    for line in source.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            kept.push(line);
        }
        in_comment &= !line.ends_with("*/");
    }
    kept.join("\n")
}

/// The contents of the elements of one kind that are written into the page itself.
fn inline<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let open = format!("<{element}");
    let close = format!("</{element}>");
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find(&open) {
        let tag = &rest[start..];
        let (Some(content), Some(end)) = (tag.find('>'), tag.find(&close)) else {
            break;
        };
        if !tag[..content].contains(" src=") {
            found.push(&tag[content + 1..end]);
        }
        rest = &tag[end..];
    }
    found
}

/// The hashes by which a content security policy allows what is written into the page.
fn hashes(html: &str, element: &str) -> Vec<String> {
    let contents = inline(html, element).into_iter();
    contents
        .map(|content| format!("sha256-{}", STANDARD.encode(Sha256::digest(content))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_inline_script_is_found_and_no_other() {
        let html = "<script>one</script><script src=\"/x.js\"></script>\
                    <script type=\"module\">two</script><style>three</style>";
        assert_eq!(inline(html, "script"), ["one", "two"]);
        assert_eq!(inline(html, "style"), ["three"]);
    }

    #[test]
    fn the_hash_is_the_one_that_browsers_compute() {
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let expected = "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=";
        assert_eq!(hashes("<script>alert(1)</script>", "script"), [expected]);
    }

    #[test]
    fn squeezing_keeps_the_code() {
        let source = "// why\n  var a = 1; // kept\n\n  /* gone */\n/**\n * too\n */\n  go(a);\n";
        assert_eq!(squeeze(source), "var a = 1; // kept\ngo(a);");
    }
}
