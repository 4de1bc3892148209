//! Scenario lists: when they appear, how communities are called to them, and what members see.

mod calendar;
mod lists;
mod page;
mod push;
pub(crate) mod support;
mod trouble;
