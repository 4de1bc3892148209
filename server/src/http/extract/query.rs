//! What stands in the address: path parameters, query parameters, pages.

use crate::db::Cursor;
use crate::error::{AppError, Result};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::page::{DEFAULT_LIMIT, MAX_LIMIT};
use shared::problem::{ErrorCode, FieldError};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// Query parameters.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let values = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(values).map_err(|error| {
        let message: String = error.inner().to_string().chars().take(300).collect();
        let missing = message
            .strip_prefix("missing field `")
            .and_then(|it| it.strip_suffix('`'));
        let field = match missing {
            Some(name) => FieldError::new(name, "required", "this parameter is required"),
            None => FieldError::new(error.path().to_string(), "invalid", message),
        };
        AppError::invalid(vec![field])
    })
}

/// Parameters of the path. What cannot be one leads nowhere: 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|it| Self(it.0))
            .map_err(|_| ErrorCode::NotFound.into())
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Rows of the page.
    pub limit: u64,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PagingQuery {
    /// Rows of the page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; the first page when absent.
    cursor: Option<String>,
}

impl IntoParams for Paging {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        PagingQuery::into_params(parameter_in)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        Self::of(parts.uri.query().unwrap_or_default())
    }
}

impl Paging {
    fn of(query: &str) -> Result<Self> {
        let asked: PagingQuery = parse(query)?;
        let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(AppError::invalid_field(
                "limit",
                "out_of_range",
                "expected 1 to 100",
            ));
        }
        let cursor = asked.cursor.as_deref().map(Cursor::decode).transpose()?;
        Ok(Self {
            limit: u64::from(limit),
            cursor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(query: &str) -> (Option<ErrorCode>, Option<String>) {
        let error = Paging::of(query).expect_err("it is wrong");
        let AppError::Refused(refused) = &error else {
            panic!("not a refusal: {error}")
        };
        (
            error.code(),
            refused.errors.first().map(|it| it.pointer.clone()),
        )
    }

    #[test]
    fn pages_have_1_to_100_rows() {
        assert_eq!(
            Paging::of("").expect("right"),
            Paging {
                limit: 20,
                cursor: None
            }
        );
        assert_eq!(Paging::of("limit=100&other=x").expect("right").limit, 100);
        for query in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=x",
            "limit=99999999999",
            "limit=",
        ] {
            assert_eq!(
                refusal(query),
                (Some(ErrorCode::InvalidInput), Some("limit".to_owned())),
                "{query}"
            );
        }
        assert_eq!(refusal("cursor=x"), (Some(ErrorCode::InvalidCursor), None));
    }
}
