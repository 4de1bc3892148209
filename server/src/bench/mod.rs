//! What the product is measured against and with, in builds with the feature `bench` only: requests
//! behind which there is no work, and a crowd that nobody wants to make a request each for. The
//! other yardstick, a transaction for each write, is
//! [`Db::connect_plain`](crate::db::Db::connect_plain).

mod crowd;
pub mod routes;
