//! Lists as files for spreadsheets, sent row by row while they are read.

use crate::error::{AppError, Result};
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use shared::time::Timestamp;
use shared::transfers::rules::guard;

/// With this before them spreadsheets read the letters of every language.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A cell of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words, perhaps somebody else's.
    Text(String),
    /// A number.
    Number(i64),
    /// A time in UTC.
    Time(Timestamp),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Words, or nothing.
    pub fn words(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, |it| Self::Text(it.into()))
    }

    fn write(&self) -> String {
        match self {
            Self::Text(text) => guard(text),
            Self::Number(number) => number.to_string(),
            Self::Time(at) => at.to_string(),
            Self::Empty => String::new(),
        }
    }
}

fn lines(rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<Bytes> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(Cell::write))
            .map_err(AppError::internal)?;
    }
    Ok(writer.into_inner().map_err(AppError::internal)?.into())
}

/// A file that is sent while it is read. When reading fails the connection breaks, so that nobody
/// takes a part for the whole.
///
/// # Errors
/// Never with the headers that we give.
pub fn download(
    name: &str,
    header: &[&str],
    pages: impl Stream<Item = Result<Vec<Vec<Cell>>>> + Send + 'static,
) -> Result<Response> {
    let header = header.iter().map(|it| Cell::Text((*it).to_owned()));
    let mut first = BYTE_ORDER_MARK.as_bytes().to_vec();
    first.extend(lines([header.collect()])?);
    let rows = pages
        .map(|page| lines(page?))
        .inspect_err(|error| tracing::error!(%error, "a download broke off"));
    let body = futures::stream::once(async { Ok(Bytes::from(first)) }).chain(rows);
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_str(&disposition).map_err(AppError::internal)?,
    );
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_guarded_and_numbers_are_not() {
        assert_eq!(Cell::Text("=1+1".to_owned()).write(), "'=1+1");
        assert_eq!(Cell::Number(-5).write(), "-5");
    }

    #[test]
    fn cells_keep_their_commas_quotes_and_line_ends() {
        let row = vec![
            Cell::Text("a,\"b\"\nc".to_owned()),
            Cell::Number(3),
            Cell::Empty,
            Cell::words(Some("王")),
        ];
        let bytes = lines([row]).expect("lines");
        assert_eq!(&bytes[..], "\"a,\"\"b\"\"\nc\",3,,王\r\n".as_bytes());
    }
}
