//! What can go wrong in a use case: a refusal with a code, or a failure that is ours.

use sea_orm::{DbErr, SqlErr};
use shared::problem::{ErrorCode, FieldError};

/// The result of everything in the server.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// Why a request was not carried out.
#[derive(Debug, Clone)]
pub enum AppError {
    /// The request was judged and refused; the caller can read why.
    Refused(Refused),
    /// The database failed; logged, never shown.
    Database(std::sync::Arc<DbErr>),
    /// Something else failed; logged, never shown.
    Internal(std::sync::Arc<anyhow::Error>),
}

/// A refusal that the caller can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code.
    pub code: ErrorCode,
    /// Facts of this one case, without secrets.
    pub detail: Option<String>,
    /// Which parts of the input are wrong.
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again.
    pub retry_after_s: Option<u64>,
    /// What a change was to replace, as it is now.
    pub current: Option<Box<serde_json::Value>>,
}

impl AppError {
    /// A refusal with facts of this one case.
    pub fn refused(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::Refused(Refused {
            code,
            detail: Some(detail.into()),
            errors: Vec::new(),
            retry_after_s: None,
            current: None,
        })
    }

    /// A refusal that names the wrong parts of the input.
    #[must_use]
    pub const fn invalid(errors: Vec<FieldError>) -> Self {
        Self::Refused(Refused {
            code: ErrorCode::InvalidInput,
            detail: None,
            errors,
            retry_after_s: None,
            current: None,
        })
    }

    /// A refusal that names one wrong part of the input.
    #[must_use]
    pub fn invalid_field(pointer: &str, code: &str, message: &str) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code, message)])
    }

    /// A refusal that says when to try again.
    #[must_use]
    pub const fn retry_later(code: ErrorCode, seconds: u64) -> Self {
        Self::Refused(Refused {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after_s: Some(seconds),
            current: None,
        })
    }

    /// A refusal of a change because somebody else was faster, with the thing as it is now.
    pub fn stale(current: &impl serde::Serialize) -> Self {
        Self::Refused(Refused {
            code: ErrorCode::PreconditionFailed,
            detail: None,
            errors: Vec::new(),
            retry_after_s: None,
            current: serde_json::to_value(current).ok().map(Box::new),
        })
    }

    /// A failure of our own.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Internal(std::sync::Arc::new(anyhow::anyhow!("{message}")))
    }

    /// Whether the database had no connection to spare.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(**error, DbErr::ConnectionAcquire(_)))
    }

    /// Whether the database found something twice that may exist once.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }

    /// The refusal's code; `None` for a failure of our own.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(refused) => Some(refused.code),
            Self::Database(_) | Self::Internal(_) => None,
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(it) => write!(
                f,
                "{}: {}",
                it.code.as_str(),
                it.detail.as_deref().unwrap_or("refused")
            ),
            Self::Database(it) => write!(f, "database: {it}"),
            Self::Internal(it) => write!(f, "{it:#}"),
        }
    }
}

impl std::error::Error for AppError {}

impl From<ErrorCode> for AppError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(Refused {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after_s: None,
            current: None,
        })
    }
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        Self::Database(std::sync::Arc::new(error))
    }
}

impl From<anyhow::Error> for AppError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(std::sync::Arc::new(error))
    }
}

impl From<serde_json::Error> for AppError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}
