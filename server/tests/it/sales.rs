//! Flash sales: when they open and for whom, the rush, payments and deadlines, and what staff do.

mod attempts;
mod claims;
mod interests;
mod limits;
mod live;
mod payments;
mod people;
mod running;
mod rush;
mod simulation;
pub(crate) mod support;
