//! What the operator decides: by file, then environment, then flags; the later one wins.

mod environment;
mod wechat;

pub use wechat::Wechat;

use anyhow::{Context, Result, bail};
use environment::Environment;
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use shared::embed::origins;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Fewest characters of a secret that signs tokens.
const TOKEN_SECRET_MIN: usize = 32;
/// Most that `import_max_mib` may say.
const IMPORT_MAX_MIB: u32 = 1024;

/// The settings of one server, complete and checked.
#[derive(Clone)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`; may hold a password, so it is never printed.
    pub database_url: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder for the database and other files of this server.
    pub data: PathBuf,
    /// The folder with the pages; beside the program when absent.
    pub site: Option<PathBuf>,
    /// The address that browsers use, without a slash at its end.
    pub public_url: String,
    /// Sites that may show the member centre in a frame.
    pub frame_ancestors: Vec<String>,
    /// Signs access tokens; one is made and kept in the database when absent.
    pub token_secret: Option<String>,
    /// Opens `/metrics` to other machines.
    pub metrics_token: Option<String>,
    /// The header in which a proxy of the operator says who asked.
    pub trusted_proxy_header: Option<String>,
    /// Whether what is sent to addresses from forms may go to private ones, and without encryption.
    pub send_to_private: bool,
    /// Whether administrators may move the clock ahead; in a demo only.
    pub sandbox: bool,
    /// The country code of phone numbers that have none.
    pub phone_country_code: String,
    /// The official account for which pages inside WeChat are signed; without one they are not.
    pub wechat: Option<Wechat>,
    /// Largest file that is imported, in bytes.
    pub import_max_bytes: u64,
    /// How much each caller may ask for.
    pub limits: Limits,
}

/// Requests in a minute, and at once; 0 turns a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Of one network address without a valid token or key.
    pub address_per_minute: u32,
    /// Of one member or one of the staff.
    pub caller_per_minute: u32,
    /// Of one API key.
    pub key_per_minute: u32,
    /// Sign-ups, sign-ins, exchanges and refreshes of one network address.
    pub sign_in_address_per_minute: u32,
    /// Sign-ins to one account.
    pub sign_in_account_per_minute: u32,
    /// Codes of coupons that one member types in, slips of the finger not counted.
    pub coupon_codes_per_minute: u32,
    /// Claims of one member in flash sales.
    pub sale_claims_per_minute: u32,
    /// Claims from one network address in flash sales.
    pub sale_claims_address_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address_per_minute: 600,
            caller_per_minute: 600,
            key_per_minute: 6000,
            sign_in_address_per_minute: 60,
            sign_in_account_per_minute: 10,
            coupon_codes_per_minute: 10,
            sale_claims_per_minute: 120,
            sale_claims_address_per_minute: 1200,
        }
    }
}

impl Limits {
    /// No limits at all, for measuring.
    pub const OFF: Self = Self {
        address_per_minute: 0,
        caller_per_minute: 0,
        key_per_minute: 0,
        sign_in_address_per_minute: 0,
        sign_in_account_per_minute: 0,
        coupon_codes_per_minute: 0,
        sale_claims_per_minute: 0,
        sale_claims_address_per_minute: 0,
    };
}

/// Settings from the command line; what is absent is taken from elsewhere.
#[derive(Debug, Clone, Default, Serialize, clap::Args)]
pub struct Flags {
    /// A settings file in TOML
    #[arg(long, env = "COTERIE_CONFIG", value_name = "FILE", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The folder for the database [default: data]
    #[arg(long, value_name = "DIR", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://… [default: coterie.db in the data folder]
    #[arg(long, value_name = "URL", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
}

/// Settings of `serve` from the command line.
#[derive(Debug, Clone, Default, Serialize, clap::Args)]
pub struct ServeFlags {
    /// The address to listen on [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The folder with the pages [default: site/ beside the program]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<PathBuf>,
    /// The address that browsers use [default: http:// and the address to listen on]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
}

/// The settings as they are written, with their defaults.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    database_url: Option<String>,
    listen: SocketAddr,
    data: PathBuf,
    site: Option<PathBuf>,
    public_url: Option<String>,
    frame_ancestors: Vec<String>,
    token_secret: Option<String>,
    metrics_token: Option<String>,
    trusted_proxy_header: Option<String>,
    send_to_private: bool,
    phone_country_code: String,
    wechat: wechat::Settings,
    import_max_mib: u32,
    limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: PathBuf::from("data"),
            site: None,
            public_url: None,
            frame_ancestors: Vec::new(),
            token_secret: None,
            metrics_token: None,
            trusted_proxy_header: None,
            send_to_private: false,
            phone_country_code: "86".to_owned(),
            wechat: wechat::Settings::default(),
            import_max_mib: 64,
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// When the file cannot be read or a setting is wrong; the message names it.
    pub fn load(flags: &Flags, serve: &ServeFlags) -> Result<Self> {
        Self::from_sources(flags, serve, Environment::of_process())
    }

    fn from_sources(flags: &Flags, serve: &ServeFlags, environment: Environment) -> Result<Self> {
        let mut sources = Figment::from(Serialized::defaults(Settings::default()));
        if let Some(file) = &flags.config {
            if !file.is_file() {
                bail!("there is no settings file {}", file.display());
            }
            sources = sources.merge(Toml::file_exact(file));
        }
        let wechat_secret = environment.get(wechat::APP_SECRET).map(str::to_owned);
        sources = sources.merge(environment);
        sources = sources
            .merge(Serialized::defaults(flags))
            .merge(Serialized::defaults(serve));
        let settings: Settings = sources.extract().map_err(|it| wrong_setting(&it))?;
        let wechat = settings.wechat.clone();
        let mut config = Self::from_settings(settings)?;
        config.wechat = wechat.complete(wechat_secret, &config.public_url)?;
        Ok(config)
    }

    /// The default settings for one database.
    #[must_use]
    pub fn for_database(database_url: impl Into<String>) -> Self {
        let settings = Settings {
            database_url: Some(database_url.into()),
            ..Settings::default()
        };
        Self::from_settings(settings).expect("the defaults are right")
    }

    fn from_settings(settings: Settings) -> Result<Self> {
        let database_url = settings
            .database_url
            .unwrap_or_else(|| default_database(&settings.data));
        check_database(&database_url)?;
        let public_url = settings
            .public_url
            .unwrap_or_else(|| format!("http://{}", settings.listen));
        let public_url = public_url.trim_end_matches('/').to_owned();
        check_public_url(&public_url)?;
        check_token_secret(settings.token_secret.as_deref())?;
        check_country_code(&settings.phone_country_code)?;
        if !(1..=IMPORT_MAX_MIB).contains(&settings.import_max_mib) {
            bail!("import_max_mib: expected 1 to {IMPORT_MAX_MIB} MiB");
        }
        check_frame_ancestors(&settings.frame_ancestors)?;
        let trusted_proxy_header = settings
            .trusted_proxy_header
            .map(|it| it.to_ascii_lowercase());
        if let Some(header) = &trusted_proxy_header {
            axum::http::HeaderName::from_bytes(header.as_bytes()).with_context(|| {
                format!("trusted_proxy_header: {header:?} is not the name of a header")
            })?;
        }
        Ok(Self {
            database_url,
            listen: settings.listen,
            data: settings.data,
            site: settings.site,
            public_url,
            frame_ancestors: settings.frame_ancestors,
            token_secret: settings.token_secret,
            metrics_token: settings.metrics_token,
            trusted_proxy_header,
            send_to_private: settings.send_to_private,
            sandbox: false,
            phone_country_code: settings.phone_country_code,
            wechat: None,
            import_max_bytes: u64::from(settings.import_max_mib) * 1024 * 1024,
            limits: settings.limits,
        })
    }

    /// Whether browsers reach the pages by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// Everything but what must stay secret.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = |it: &Option<String>| it.as_ref().map(|_| "…");
        f.debug_struct("Config")
            .field("database_url", &without_password(&self.database_url))
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("site", &self.site)
            .field("public_url", &self.public_url)
            .field("frame_ancestors", &self.frame_ancestors)
            .field("token_secret", &secret(&self.token_secret))
            .field("metrics_token", &secret(&self.metrics_token))
            .field("trusted_proxy_header", &self.trusted_proxy_header)
            .field("send_to_private", &self.send_to_private)
            .field("sandbox", &self.sandbox)
            .field("phone_country_code", &self.phone_country_code)
            .field("wechat", &self.wechat)
            .field("import_max_bytes", &self.import_max_bytes)
            .field("limits", &self.limits)
            .finish()
    }
}

/// A database's address as it may be printed: without user, password and parameters.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let rest = rest.split('?').next().unwrap_or_default();
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{place}")
}

/// Says which setting is wrong, in the words of files and variables.
fn wrong_setting(error: &figment::Error) -> anyhow::Error {
    // figment keeps settings in profiles, of which there is one here.
    let message = error
        .to_string()
        .replace("\"default.", "\"")
        .replace('`', "");
    anyhow::anyhow!("a setting is wrong: {message}")
}

fn default_database(data: &Path) -> String {
    format!("sqlite:{}", data.join("coterie.db").display())
}

fn check_database(url: &str) -> Result<()> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if !known.iter().any(|it| url.starts_with(it)) {
        bail!("database_url: expected sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME");
    }
    Ok(())
}

fn check_public_url(url: &str) -> Result<()> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let fine = host.is_some_and(|it| {
        !it.is_empty()
            && it
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"/?#@".contains(&b))
    });
    if !fine {
        bail!("public_url: expected https:// and a host, without a path, not {url:?}");
    }
    Ok(())
}

fn check_token_secret(secret: Option<&str>) -> Result<()> {
    if secret.is_some_and(|it| it.len() < TOKEN_SECRET_MIN) {
        bail!(
            "token_secret: expected at least {TOKEN_SECRET_MIN} characters, such as from openssl rand -hex 32"
        );
    }
    Ok(())
}

fn check_country_code(code: &str) -> Result<()> {
    let fine = (1..=3).contains(&code.len())
        && code.bytes().all(|it| it.is_ascii_digit())
        && !code.starts_with('0');
    if !fine {
        bail!("phone_country_code: expected 1 to 3 digits such as 86, not {code:?}");
    }
    Ok(())
}

fn check_frame_ancestors(sources: &[String]) -> Result<()> {
    match sources.iter().find(|it| !origins::is_source(it)) {
        Some(odd) => bail!(
            "frame_ancestors: expected origins such as https://shop.example or https://*.shop.example, not {odd:?}"
        ),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: Option<&str>, environment: &[(&str, &str)], flags: Flags) -> Result<Config> {
        let dir = tempfile::tempdir()?;
        let mut flags = flags;
        if let Some(text) = file {
            let path = dir.path().join("coterie.toml");
            std::fs::write(&path, text)?;
            flags.config = Some(path);
        }
        let pairs = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_sources(&flags, &ServeFlags::default(), Environment::of(pairs))
    }

    fn refusal(file: Option<&str>, environment: &[(&str, &str)]) -> String {
        format!(
            "{:#}",
            load(file, environment, Flags::default()).expect_err("it is wrong")
        )
    }

    #[test]
    fn without_any_setting_it_runs_here_on_a_file() {
        let config = load(None, &[], Flags::default()).expect("the defaults are right");
        assert_eq!(config.database_url, "sqlite:data/coterie.db");
        assert_eq!(config.public_url, "http://127.0.0.1:3000");
        assert_eq!(config.phone_country_code, "86");
        assert!(!config.is_https());
    }

    #[test]
    fn flags_win_over_environment_and_that_over_the_file() {
        let file = "data = 'from-file'\nlisten = '127.0.0.1:1'\n[limits]\nkey_per_minute = 7\n";
        let environment = [
            ("COTERIE_DATA", "from-environment"),
            ("COTERIE_PHONE_COUNTRY_CODE", "49"),
        ];
        let flags = Flags {
            data: Some("from-flag".into()),
            ..Flags::default()
        };
        let config = load(Some(file), &environment, flags.clone()).expect("all are right");
        assert_eq!(config.data, PathBuf::from("from-flag"));
        assert_eq!(config.database_url, "sqlite:from-flag/coterie.db");
        assert_eq!(config.listen.port(), 1);
        assert_eq!(
            (
                config.phone_country_code.as_str(),
                config.limits.key_per_minute
            ),
            ("49", 7)
        );
        assert_eq!(
            config.limits.caller_per_minute,
            Limits::default().caller_per_minute
        );
        let config = load(Some(file), &environment, Flags::default()).expect("all are right");
        assert_eq!(config.data, PathBuf::from("from-environment"));
    }

    #[test]
    fn the_environment_holds_lists_numbers_and_text_that_looks_like_a_number() {
        let secret = "12345678901234567890123456789012";
        let environment = [
            (
                "COTERIE_FRAME_ANCESTORS",
                "https://a.example, https://b.example",
            ),
            ("COTERIE_LIMITS_ADDRESS_PER_MINUTE", "5"),
            ("COTERIE_TOKEN_SECRET", secret),
            ("COTERIE_TRUSTED_PROXY_HEADER", "X-Forwarded-For"),
            ("COTERIE_UNRELATED", "x"),
        ];
        let config = load(None, &environment, Flags::default()).expect("all are right");
        assert_eq!(
            config.frame_ancestors,
            ["https://a.example", "https://b.example"]
        );
        assert_eq!(config.limits.address_per_minute, 5);
        assert_eq!(config.token_secret.as_deref(), Some(secret));
        assert_eq!(
            config.trusted_proxy_header.as_deref(),
            Some("x-forwarded-for")
        );
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let wrong_listen = refusal(None, &[("COTERIE_LISTEN", "everywhere")]);
        assert!(wrong_listen.contains("COTERIE_LISTEN"), "{wrong_listen}");
        let wrong_number = refusal(None, &[("COTERIE_LIMITS_KEY_PER_MINUTE", "many")]);
        assert!(
            wrong_number.contains("COTERIE_LIMITS_KEY_PER_MINUTE"),
            "{wrong_number}"
        );
        let unknown = refusal(Some("lissten = '127.0.0.1:1'"), &[]);
        assert!(unknown.contains("lissten"), "{unknown}");
        for (name, value) in [
            ("database_url", "mysql://x"),
            ("public_url", "https://shop.example/members"),
            ("token_secret", "short"),
            ("phone_country_code", "+86"),
            ("import_max_mib", "0"),
            ("trusted_proxy_header", "not a header"),
        ] {
            let message = refusal(Some(&format!("{name} = '{value}'")), &[]);
            assert!(message.contains(name), "{message}");
        }
        for value in [
            "*",
            "https://a.example/x",
            "https://a.example; script-src *",
        ] {
            let message = refusal(Some(&format!("frame_ancestors = ['{value}']")), &[]);
            assert!(message.contains("frame_ancestors"), "{message}");
        }
        let flags = Flags {
            config: Some("nowhere.toml".into()),
            ..Flags::default()
        };
        let missing = format!(
            "{:#}",
            load(None, &[], flags).expect_err("there is no file")
        );
        assert!(missing.contains("nowhere.toml"), "{missing}");
    }

    #[test]
    fn wechat_is_off_until_it_has_an_account() {
        let config = load(None, &[], Flags::default()).expect("the defaults are right");
        assert_eq!(config.wechat, None);
        let file = "public_url = 'https://club.example'\n[wechat]\napp_id = 'wx0123456789abcdef'\n";
        let secret = ("COTERIE_WECHAT_APP_SECRET", "tell-nobody");
        let config = load(Some(file), &[secret], Flags::default()).expect("all are right");
        let wechat = config.wechat.expect("an account");
        assert_eq!(wechat.api_url, "https://api.weixin.qq.com");
        assert_eq!(wechat.hosts, ["club.example"]);
        assert_eq!(wechat.app_secret, "tell-nobody");
        let environment = [
            ("COTERIE_WECHAT_APP_ID", "wx2"),
            ("COTERIE_WECHAT_API_URL", "http://127.0.0.1:9/"),
            ("COTERIE_WECHAT_HOSTS", "a.example,127.0.0.1:3000"),
            secret,
        ];
        let config = load(Some(file), &environment, Flags::default()).expect("all are right");
        let wechat = config.wechat.expect("an account");
        assert_eq!(
            (wechat.app_id.as_str(), wechat.api_url.as_str()),
            ("wx2", "http://127.0.0.1:9")
        );
        assert_eq!(wechat.hosts, ["a.example", "127.0.0.1:3000"]);
    }

    #[test]
    fn a_wrong_setting_of_wechat_is_named_without_its_secret() {
        let id = ("COTERIE_WECHAT_APP_ID", "wx1");
        let secret = ("COTERIE_WECHAT_APP_SECRET", "tell-nobody");
        for (file, environment, named) in [
            (None, vec![id], "COTERIE_WECHAT_APP_SECRET"),
            (None, vec![secret], "app_id"),
            (
                Some("[wechat]\napp_secret = 'tell-nobody'\n"),
                vec![id],
                "app_secret",
            ),
            (
                None,
                vec![("COTERIE_WECHAT_APP_ID", "wx 1&x"), secret],
                "app_id",
            ),
            (
                None,
                vec![id, secret, ("COTERIE_WECHAT_HOSTS", "https://a.example")],
                "hosts",
            ),
            (
                None,
                vec![id, secret, ("COTERIE_WECHAT_API_URL", "http://api.example")],
                "api_url",
            ),
            (
                None,
                vec![
                    id,
                    secret,
                    ("COTERIE_WECHAT_API_URL", "https://api.example/x?y"),
                ],
                "api_url",
            ),
        ] {
            let message = refusal(file, &environment);
            assert!(message.contains(named), "{message}");
            assert!(!message.contains("tell-nobody"), "{message}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = Config {
            wechat: Some(Wechat {
                app_id: "wx1".to_owned(),
                app_secret: "tell-nobody".to_owned(),
                api_url: "https://api.weixin.qq.com".to_owned(),
                hosts: Vec::new(),
            }),
            token_secret: Some("tell-nobody".to_owned()),
            metrics_token: Some("tell-nobody".to_owned()),
            ..Config::for_database(
                "postgres://coterie:tell-nobody@db.example/coterie?password=tell-nobody",
            )
        };
        let printed = format!("{config:?}");
        assert!(!printed.contains("tell-nobody"), "{printed}");
        assert!(
            printed.contains("postgres://db.example/coterie"),
            "{printed}"
        );
    }
}
