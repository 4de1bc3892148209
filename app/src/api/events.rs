//! Reads a stream of events (`text/event-stream`) as it arrives.
//!
//! The browser has an `EventSource` for this, but it cannot send who asks: the access token goes
//! in a header, and the cookie only renews sessions, which embedded pages may not even have.

use super::send::{Call, Method, again_s, build, refusal};
use super::{Api, ApiError, is_token_refusal};
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

/// How long a stream may say nothing: the server says every 15 seconds that it is there.
const SILENCE_MS: u32 = 40_000;

/// What has happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Names it, so that a stream can go on after it.
    pub id: Option<String>,
    /// What it says.
    pub data: String,
}

/// A stream that is being read.
pub struct Events {
    reader: ReadableStreamDefaultReader,
    lines: Lines,
}

impl Api {
    /// Opens a stream, after the event that arrived last.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn events(
        self,
        path: &str,
        last: Option<&str>,
        abort: &AbortSignal,
    ) -> Result<Events, ApiError> {
        let token = self.token.get_value();
        match self.open_events(path, last, abort).await {
            Err(error) if token.is_some() && is_token_refusal(&error) => {
                self.renew(token).await?;
                self.open_events(path, last, abort).await
            }
            answer => answer,
        }
    }

    async fn open_events(
        self,
        path: &str,
        last: Option<&str>,
        abort: &AbortSignal,
    ) -> Result<Events, ApiError> {
        let token = self.token.get_value();
        let mut call = Call::new(Method::Get, path);
        call.last_event = last;
        call.abort = Some(abort);
        let tag = self.language.now().tag();
        let request = build(&call, token.as_deref(), self.side, tag)?;
        let response = request.send().await.map_err(|_| ApiError::Offline)?;
        if !response.ok() {
            let text = response.text().await.map_err(|_| ApiError::Offline)?;
            return Err(refusal(&text, again_s(&response)));
        }
        let body = response.body().ok_or(ApiError::Unreadable)?;
        let reader = body.get_reader().dyn_into();
        Ok(Events {
            reader: reader.map_err(|_| ApiError::Unreadable)?,
            lines: Lines::default(),
        })
    }
}

impl Events {
    /// The next event; `None` when the stream is over, or silent for so long that it must be.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.lines.next() {
                return Some(event);
            }
            let read = JsFuture::from(self.reader.read());
            let Either::Left((read, _)) = select(read, TimeoutFuture::new(SILENCE_MS)).await else {
                return None;
            };
            // At the end there is no value.
            let bytes = Reflect::get(&read.ok()?, &"value".into()).ok()?;
            let bytes: Uint8Array = bytes.dyn_into().ok()?;
            self.lines.rest.extend(bytes.to_vec());
        }
    }
}

/// What has arrived and makes no whole event yet.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
    event: Event,
}

impl Lines {
    /// The next whole event of what has arrived: its lines end with an empty one.
    fn next(&mut self) -> Option<Event> {
        while let Some(end) = self.rest.iter().position(|it| *it == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                let event = std::mem::take(&mut self.event);
                if !event.data.is_empty() {
                    return Some(event);
                }
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => self.event.id = Some(value.to_owned()),
                "data" if self.event.data.is_empty() => value.clone_into(&mut self.event.data),
                "data" => {
                    self.event.data.push('\n');
                    self.event.data.push_str(value);
                }
                // What kind of event it is, and comments that keep the connection.
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a stream that arrives in pieces of so many bytes.
    fn read(stream: &str, piece: usize) -> Vec<(Option<String>, String)> {
        let mut lines = Lines::default();
        let mut events = Vec::new();
        for bytes in stream.as_bytes().chunks(piece) {
            lines.rest.extend(bytes);
            while let Some(event) = lines.next() {
                events.push((event.id, event.data));
            }
        }
        events
    }

    #[test]
    fn events_are_read_whatever_pieces_they_arrive_in() {
        let stream = ": here\n\nevent: live\nid: 3-early\ndata: {\"name\":\"牛奶\"}\n\n\
                      data:a\r\ndata: b\r\n\r\nid: 4\n\ndata: not whole\n";
        let expected = [
            (Some("3-early".to_owned()), "{\"name\":\"牛奶\"}".to_owned()),
            (None, "a\nb".to_owned()),
        ];
        for piece in [1, 2, 7, 1000] {
            assert_eq!(read(stream, piece), expected, "{piece}");
        }
    }
}
