//! Reading requests: strictly, and with answers that say what is wrong and where.

mod body;
mod headers;
mod query;

pub use body::{Json, Once, OnceStream};
pub use headers::{IfMatch, UserAgent};
pub use query::{Paging, Path, Query};
