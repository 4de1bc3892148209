//! Who may call what. The description of the API says so, in `security` of each operation, and
//! this is where it is carried out, before anything of a request is read: the description cannot
//! be wrong about it.
//!
//! - `security(())`: anyone.
//! - `("member" = [])`: members, frozen ones too; `("member" = ["active"])`: only those who are not.
//! - `("staff" = ["admin", "operator"])`: staff with one of these roles; with `"enrolling"` beside
//!   them also before the second factor is set up that the shop asks for.
//! - `("api_key" = ["members:read"])`: API keys with this scope.
//!
//! Whatever is not named is refused. Extractors of handlers still look at objects.

use super::principal::Principal;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use shared::members::MemberStatus;
use shared::problem::ErrorCode;
use shared::staff::{Role, Scope};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::openapi::OpenApi;

/// Who may call one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Access {
    anyone: bool,
    members: bool,
    active_only: bool,
    roles: Vec<Role>,
    enrolling: bool,
    scopes: Vec<Scope>,
}

/// Who may call each operation, by method and path as it is declared.
#[derive(Clone)]
pub struct Gate(Arc<HashMap<(String, String), Access>>);

impl Gate {
    /// Reads who may call what.
    ///
    /// # Errors
    /// When an operation does not say, or names a role or scope that there is not.
    pub fn of(document: &OpenApi) -> Result<Self> {
        let document = serde_json::to_value(document)?;
        let mut all = HashMap::new();
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                let access = Access::of(operation).map_err(|it| {
                    AppError::internal(format!("{method} {path}: {it}; see auth/gate.rs"))
                })?;
                all.insert((method.to_uppercase(), path.clone()), access);
            }
        }
        Ok(Self(Arc::new(all)))
    }
}

impl Access {
    fn of(operation: &Value) -> Result<Self, String> {
        let declared = operation["security"]
            .as_array()
            .ok_or("security is not declared")?;
        let mut access = Self::default();
        for alternative in declared {
            let schemes = alternative.as_object().ok_or("security is not readable")?;
            access.anyone |= schemes.is_empty();
            for (scheme, names) in schemes {
                let names: Vec<&str> = names
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                access.admit(scheme, &names)?;
            }
        }
        Ok(access)
    }

    fn admit(&mut self, scheme: &str, names: &[&str]) -> Result<(), String> {
        match scheme {
            "member" => {
                self.members = true;
                self.active_only = match names {
                    [] => false,
                    ["active"] => true,
                    other => return Err(format!("members are not {other:?}")),
                };
            }
            "staff" => {
                for name in names {
                    if *name == "enrolling" {
                        self.enrolling = true;
                        continue;
                    }
                    let role = Role::from_db(name).map_err(|_| format!("no role is {name}"))?;
                    self.roles.push(role);
                }
            }
            "api_key" => {
                for name in names {
                    let scope = Scope::ALL.into_iter().find(|it| it.as_str() == *name);
                    self.scopes
                        .push(scope.ok_or_else(|| format!("no scope is {name}"))?);
                }
            }
            other => return Err(format!("nobody is {other}")),
        }
        Ok(())
    }

    fn check(&self, who: &Principal) -> Result<()> {
        let forbidden = || Err(ErrorCode::Forbidden.into());
        match who {
            Principal::Member(_) if !self.members => forbidden(),
            Principal::Member(member)
                if self.active_only && member.status != MemberStatus::Active =>
            {
                Err(ErrorCode::MemberFrozen.into())
            }
            Principal::Member(_) => Ok(()),
            Principal::Staff(staff) => {
                staff.require_role(&self.roles)?;
                if staff.must_enrol && !self.enrolling {
                    return Err(ErrorCode::EnrolmentRequired.into());
                }
                Ok(())
            }
            Principal::Key(_) if self.scopes.is_empty() => forbidden(),
            Principal::Key(key) => self
                .scopes
                .iter()
                .try_for_each(|scope| key.require_scope(*scope)),
        }
    }
}

/// The middleware: lets through who may call the operation that the request was routed to.
pub async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map(|it| it.as_str().to_owned()).unwrap_or_default();
    // A question for the headers only is answered like the question for all.
    let method = match request.method().as_str() {
        "HEAD" => "GET",
        method => method,
    };
    // What is not in the description leads nowhere, and the router says so itself.
    let access = gate.0.get(&(method.to_owned(), path));
    if let Some(access) = access.filter(|it| !it.anyone) {
        let admitted = Principal::of(request.extensions()).and_then(|it| access.check(it));
        if let Err(error) = admitted {
            return error.into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_declaration_is_read_or_refused() {
        let read = |security: Value| Access::of(&json!({ "security": security }));
        assert!(read(json!([{}])).is_ok_and(|it| it.anyone));
        let both =
            read(json!([{ "staff": ["admin", "auditor"] }, { "api_key": ["points:write"] }]));
        let expected = Access {
            roles: vec![Role::Admin, Role::Auditor],
            scopes: vec![Scope::PointsWrite],
            ..Access::default()
        };
        assert_eq!(both, Ok(expected));
        assert!(read(json!([{ "member": ["active"] }])).is_ok_and(|it| it.active_only));
        for wrong in [
            json!(null),
            json!([{ "staff": ["owner"] }]),
            json!([{ "api_key": ["all"] }]),
            json!([{ "member": ["rich"] }]),
            json!([{ "robot": [] }]),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
