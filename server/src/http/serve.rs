//! Serving until told to stop, and stopping without losing what was accepted.
//!
//! A caller who connects and says nothing, or says it very slowly, is cut off, and only so many
//! connections are open at a time: the others wait to be accepted.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// How long requests that were accepted may take to end after the signal.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);
/// How long the head of a request may take, and how long a connection may be idle between two
/// requests: somewhat longer than proxies keep theirs, so that none sends into a closed one.
const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// Most connections at a time; the system may allow fewer.
const CONNECTIONS: u64 = 10_000;
/// Files that are open besides connections.
const OTHER_FILES: u64 = 128;
/// How long to wait when the system is out of what a connection needs.
const EXHAUSTED_FOR: Duration = Duration::from_millis(500);

/// What a caller may take up.
#[derive(Debug, Clone, Copy)]
struct Limits {
    connections: usize,
    head_within: Duration,
}

impl Limits {
    /// As many connections as the system lets this process have.
    fn of_this_process() -> Self {
        let files =
            rlimit::increase_nofile_limit(CONNECTIONS + OTHER_FILES).unwrap_or_else(|error| {
                tracing::warn!(%error, "the limit of open files is not known");
                CONNECTIONS
            });
        let connections = files.saturating_sub(OTHER_FILES).clamp(1, CONNECTIONS);
        Self {
            connections: usize::try_from(connections).unwrap_or(usize::MAX),
            head_within: HEAD_WITHIN,
        }
    }
}

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
    serve_within(listener, router, stop, Limits::of_this_process()).await;
    Ok(())
}

async fn serve_within(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    limits: Limits,
) {
    let router = router.with_state(());
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_within);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (accept(&listener).await, place)
        };
        let ((stream, peer), place) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %peer, "a connection was broken off");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_WITHIN, open.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

/// The next connection, however long it takes.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole, so waiting for more to send only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, %peer, "a connection stays as it is");
                }
                return (stream, peer);
            }
            Err(error) if is_the_callers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(EXHAUSTED_FOR).await;
            }
        }
    }
}

/// Whether only this one caller is concerned.
fn is_the_callers(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
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

    /// Serves with these limits until the sender is dropped.
    async fn with_limits(limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (stop, stopped) = oneshot::channel::<()>();
        let routes = Router::new().route("/", get(|| async { "answered" }));
        let stop_signal = async move {
            // It ends either way.
            let _ = stopped.await;
        };
        tokio::spawn(serve_within(listener, routes, stop_signal, limits));
        (address, stop)
    }

    async fn send(address: SocketAddr, text: &str) -> TcpStream {
        let mut connection = TcpStream::connect(address).await.expect("it listens");
        connection.write_all(text.as_bytes()).await.expect("sent");
        connection
    }

    async fn read(mut connection: TcpStream) -> String {
        let mut answer = String::new();
        connection
            .read_to_string(&mut answer)
            .await
            .expect("an end");
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_does_not_finish_a_request_is_cut_off() {
        let limits = Limits {
            connections: 10,
            head_within: HEAD_WITHIN,
        };
        let (address, _stop) = with_limits(limits).await;
        for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: 1\r\n"] {
            let answer = read(send(address, begun).await).await;
            assert!(!answer.contains("answered"), "{begun:?}: {answer}");
        }
        let whole = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        let answer = read(send(address, whole).await).await;
        assert!(answer.ends_with("answered"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn more_connections_than_allowed_wait_for_a_place() {
        let limits = Limits {
            connections: 2,
            head_within: HEAD_WITHIN,
        };
        let (address, _stop) = with_limits(limits).await;
        let whole = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let first = send(address, "").await;
        let second = send(address, "").await;
        let mut third = send(address, whole).await;
        let mut byte = [0];
        let early = tokio::time::timeout(Duration::from_millis(100), third.read(&mut byte)).await;
        assert!(early.is_err(), "answered while two others were open");
        drop(first);
        let answer = read(third).await;
        assert!(answer.ends_with("answered"), "{answer}");
        drop(second);
    }
}
