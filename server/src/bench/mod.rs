//! What the product is measured against, in builds with the feature `bench` only: requests behind
//! which there is no work. The other yardstick, a transaction for each write, is
//! [`Db::connect_plain`](crate::db::Db::connect_plain).

pub mod routes;
