//! Member centre.
fn main() {}
