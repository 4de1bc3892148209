//! The component kit: one look and one behaviour for both pages.

pub mod address;
pub mod amount;
pub mod app;
pub mod browser;
pub mod choice;
pub mod door;
pub mod few;
pub mod form;
pub mod format;
pub mod guard;
pub mod icon;
pub mod live;
pub mod load;
pub mod meter;
pub mod page;
pub mod place;
pub mod query;
pub mod routes;
pub mod share;
pub mod sheet;
pub mod state;
pub mod theme;
pub mod toast;
pub mod version;
pub mod ways;
pub mod zoned;
