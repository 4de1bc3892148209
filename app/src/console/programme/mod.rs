//! The programme's own settings: name, zone, currency and how it looks.

mod brand;
mod settings;

pub use settings::settings;
