//! Logs go to standard error: text for a terminal, a JSON object a line for everything else.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// Starts logging at `level`, unless `COTERIE_LOG` says otherwise.
pub(crate) fn start(level: &str) {
    let wanted = std::env::var("COTERIE_LOG").unwrap_or_default();
    let filter = if wanted.is_empty() {
        format!("{level},sqlx=warn,sea_orm=warn,sea_orm_migration=warn")
    } else {
        wanted
    };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(stderr);
    if stderr().is_terminal() {
        logs.with_target(false).init();
    } else {
        logs.json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .init();
    }
}
