//! Serving until told to stop, and stopping without losing what was accepted.

use axum::Router;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long requests that were accepted may take to end after the signal.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);

/// Serves until `stop` ends, then answers what was accepted and returns; connections that are
/// still busy after a while are cut.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, mut stopped) = watch::channel(false);
    let signal = async move {
        stop.await;
        // Nobody may be left to be told.
        let _ = stopping.send(true);
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(signal);
    let patience = async move {
        if stopped.wait_for(|it| *it).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(DRAIN_WITHIN).await;
    };
    tokio::select! {
        done = async { serving.await } => done,
        () = patience => {
            tracing::warn!("some requests did not end in time");
            Ok(())
        }
    }
}
