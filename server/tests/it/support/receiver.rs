//! A server on this machine that hears what is sent to it, and answers as it is told to.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Heard {
    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |it| it.to_str().expect("headers are text here"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Say {
    /// With this status and nothing else.
    Status(u16),
    /// With 200 and these words.
    Words(&'static str),
    /// With this status, and the wish to be left alone for so many seconds.
    Later(u16, u16),
    /// With the way to another place of this receiver.
    Elsewhere,
    /// With 200 and a body that never ends.
    Endless,
    /// Never.
    Nothing,
}

#[derive(Default)]
struct Book {
    heard: Vec<Heard>,
    next: VecDeque<Say>,
}

struct Desk {
    book: Mutex<Book>,
    came: watch::Sender<usize>,
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("nobody failed while writing")
    }
}

/// The server, until it is dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Opens a port of its own.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let desk = Arc::new(Desk {
            book: Mutex::default(),
            came: watch::Sender::new(0),
        });
        let router = Router::new().fallback(hear).with_state(desk.clone());
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it listens");
        });
        Self {
            address,
            desk,
            task,
        }
    }

    /// The address of a place here.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How the next requests are answered, one by one; afterwards they are answered with 200.
    pub(crate) fn say(&self, answers: impl IntoIterator<Item = Say>) {
        self.desk.book().next.extend(answers);
    }

    /// All that arrived so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.desk.book().heard.clone()
    }

    /// How many requests arrived so far.
    pub(crate) fn count(&self) -> usize {
        self.desk.book().heard.len()
    }

    /// Waits until as many requests have arrived.
    pub(crate) async fn until(&self, count: usize) {
        let mut came = self.desk.came.subscribe();
        came.wait_for(|it| *it >= count).await.expect("it listens");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hear(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let heard = Heard {
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.expect("the body arrives"),
    };
    let (count, say) = {
        let mut book = desk.book();
        book.heard.push(heard);
        (book.heard.len(), book.next.pop_front())
    };
    desk.came.send_replace(count);
    let answer = Response::builder();
    let answer = match say.unwrap_or(Say::Status(200)) {
        Say::Status(status) => answer.status(status).body(Body::empty()),
        Say::Later(status, seconds) => {
            let answer = answer.status(status).header("retry-after", seconds);
            answer.body(Body::empty())
        }
        Say::Words(words) => answer.body(Body::from(words)),
        Say::Elsewhere => {
            let answer = answer.status(302).header("location", "/elsewhere");
            answer.body(Body::empty())
        }
        Say::Endless => {
            let piece = Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 8192]));
            answer.body(Body::from_stream(futures::stream::repeat(piece)))
        }
        Say::Nothing => std::future::pending().await,
    };
    answer.expect("an answer")
}
