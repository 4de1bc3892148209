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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::{Notify, oneshot};

    #[tokio::test]
    async fn what_was_accepted_is_answered_after_the_signal() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait) = (begun.clone(), go_on.clone());
        let slow = move || {
            let (tell, wait) = (tell.clone(), wait.clone());
            async move {
                tell.notify_one();
                wait.notified().await;
                "answered"
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (stop, stopped) = oneshot::channel::<()>();
        let stop_signal = async move {
            // The sender lives until it sends.
            let _ = stopped.await;
        };
        let routes = Router::new().route("/slow", get(slow));
        let server = tokio::spawn(serve(listener, routes, stop_signal));

        let mut connection = TcpStream::connect(address).await.expect("it listens");
        connection
            .write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .expect("asked");
        begun.notified().await;
        stop.send(()).expect("the server runs");
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go_on.notify_one();
        let mut answer = String::new();
        connection
            .read_to_string(&mut answer)
            .await
            .expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("answered"),
            "{answer}"
        );
        server.await.expect("no panic").expect("no failure");
    }
}
