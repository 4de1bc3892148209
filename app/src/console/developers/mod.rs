//! What the shop's engineers try out.

mod log;
mod playground;

pub use playground::playground;
