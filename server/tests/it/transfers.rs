//! Files that come in and go out.

mod exports;
mod imports;
mod limits;
mod support;
mod undo;
