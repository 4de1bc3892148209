//! The programme's own settings: name, zone, currency and how it looks.

mod settings;

pub use settings::settings;
