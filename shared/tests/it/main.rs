//! The rules together, as the server puts them together, over random histories.

mod arrival;
mod purity;
mod shop;
mod undo;
