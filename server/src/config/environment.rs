//! Settings from environment variables. Text stays text, even when it looks like a number.

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

/// How the text of a variable is read.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// Separated by commas or spaces.
    List,
    Number,
    /// `true` or `false`.
    Flag,
}

/// Every variable, the setting that it sets and how it is read.
const VARIABLES: &[(&str, &[&str], Kind)] = &[
    ("COTERIE_DATABASE_URL", &["database_url"], Kind::Text),
    ("COTERIE_LISTEN", &["listen"], Kind::Text),
    ("COTERIE_DATA", &["data"], Kind::Text),
    ("COTERIE_SITE", &["site"], Kind::Text),
    ("COTERIE_PUBLIC_URL", &["public_url"], Kind::Text),
    ("COTERIE_FRAME_ANCESTORS", &["frame_ancestors"], Kind::List),
    ("COTERIE_TOKEN_SECRET", &["token_secret"], Kind::Text),
    ("COTERIE_METRICS_TOKEN", &["metrics_token"], Kind::Text),
    (
        "COTERIE_TRUSTED_PROXY_HEADER",
        &["trusted_proxy_header"],
        Kind::Text,
    ),
    (
        "COTERIE_PHONE_COUNTRY_CODE",
        &["phone_country_code"],
        Kind::Text,
    ),
    ("COTERIE_WECHAT_APP_ID", &["wechat", "app_id"], Kind::Text),
    ("COTERIE_WECHAT_API_URL", &["wechat", "api_url"], Kind::Text),
    ("COTERIE_WECHAT_HOSTS", &["wechat", "hosts"], Kind::List),
    ("COTERIE_IMPORT_MAX_MIB", &["import_max_mib"], Kind::Number),
    (
        "COTERIE_LIMITS_ADDRESS_PER_MINUTE",
        &["limits", "address_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_CALLER_PER_MINUTE",
        &["limits", "caller_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_KEY_PER_MINUTE",
        &["limits", "key_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_SIGN_IN_ADDRESS_PER_MINUTE",
        &["limits", "sign_in_address_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_SIGN_IN_ACCOUNT_PER_MINUTE",
        &["limits", "sign_in_account_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_COUPON_CODES_PER_MINUTE",
        &["limits", "coupon_codes_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_SALE_CLAIMS_PER_MINUTE",
        &["limits", "sale_claims_per_minute"],
        Kind::Number,
    ),
    (
        "COTERIE_LIMITS_SALE_CLAIMS_ADDRESS_PER_MINUTE",
        &["limits", "sale_claims_address_per_minute"],
        Kind::Number,
    ),
    ("COTERIE_SEND_TO_PRIVATE", &["send_to_private"], Kind::Flag),
];

/// The variables that are set.
pub(super) struct Environment(Vec<(String, String)>);

impl Environment {
    /// Those of this process.
    pub(super) fn of_process() -> Self {
        Self::of(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// These.
    pub(super) fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        Self(variables.collect())
    }

    /// A variable as it is, if it is set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(it, value)| it == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment").interpolater(|_: &Profile, keys: &[&str]| {
            let variable = VARIABLES.iter().find(|(_, path, _)| *path == keys);
            variable.map_or_else(|| keys.join("."), |(name, ..)| (*name).to_owned())
        })
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut settings = Dict::new();
        for (name, path, kind) in VARIABLES {
            if let Some(text) = self.get(name) {
                put(&mut settings, path, read(*kind, text));
            }
        }
        Ok(Profile::Default.collect(settings))
    }
}

fn read(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Text => Value::from(text),
        Kind::List => {
            let parts = text.split([',', ' ']).filter(|it| !it.is_empty());
            Value::from(parts.map(Value::from).collect::<Vec<_>>())
        }
        // What is no number stays text and is refused where a number is expected.
        Kind::Number => text
            .parse::<u32>()
            .map_or_else(|_| Value::from(text), Value::from),
        Kind::Flag => text
            .parse::<bool>()
            .map_or_else(|_| Value::from(text), Value::from),
    }
}

fn put(settings: &mut Dict, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            settings.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let mut inner = match settings.remove(*first) {
                Some(Value::Dict(_, inner)) => inner,
                _ => Dict::new(),
            };
            put(&mut inner, rest, value);
            settings.insert((*first).to_owned(), Value::from(inner));
        }
    }
}
