//! `coterie admin`: the first accounts and keys, which nobody could make over the API.

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use server::auth::Actor;
use server::error::AppError;
use server::{App, staff};
use shared::staff::api::{CreateApiKey, CreateStaff};
use shared::staff::{Role, Scope};

/// What an admin can make here.
#[derive(Subcommand)]
pub(crate) enum Admin {
    /// Make a staff account; prints its password unless one is given
    CreateStaff {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// What the person is called
        #[arg(long)]
        name: String,
        /// What the person may do
        #[arg(long, value_enum, default_value = "admin")]
        role: RoleArgument,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make an API key; prints its secret, which cannot be shown again
    CreateKey {
        /// What the key is for
        #[arg(long)]
        name: String,
        /// What the key may do, such as orders:write; may be given more than once
        #[arg(long = "scope", required = true, value_parser = parse_scope)]
        scopes: Vec<Scope>,
    },
    /// Take the second factor of an account away whose owner lost it
    ResetSecondFactor {
        /// The address that the account signs in with
        #[arg(long)]
        email: String,
    },
}

/// A role as it is typed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArgument {
    Admin,
    Operator,
    CommunityManager,
    Auditor,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Admin => Self::Admin,
            RoleArgument::Operator => Self::Operator,
            RoleArgument::CommunityManager => Self::CommunityManager,
            RoleArgument::Auditor => Self::Auditor,
        }
    }
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    let known = Scope::ALL.into_iter().find(|it| it.as_str() == text);
    known.ok_or_else(|| {
        format!(
            "expected one of {}",
            Scope::ALL.map(Scope::as_str).join(", ")
        )
    })
}

/// Makes what was asked for.
pub(crate) async fn run(app: &App, command: Admin) -> Result<()> {
    match command {
        Admin::CreateStaff {
            email,
            name,
            role,
            password_stdin,
        } => {
            let given = if password_stdin {
                Some(read_password()?)
            } else {
                None
            };
            let password = given
                .clone()
                .unwrap_or_else(|| server::ids::hex(&server::ids::random_bytes::<12>()));
            let request = CreateStaff {
                email,
                name,
                role: role.into(),
                password: password.clone(),
            };
            let made = staff::service::create(app, request, Actor::System)
                .await
                .map_err(readable)?;
            println!("{} {}", made.id, made.email);
            if given.is_none() {
                println!("password: {password}");
            }
        }
        Admin::CreateKey { name, scopes } => {
            let request = CreateApiKey { name, scopes };
            let made = staff::service::create_key(app, request, Actor::System)
                .await
                .map_err(readable)?;
            println!("{} {}", made.key.id, made.key.name);
            println!("{}", made.secret);
        }
        Admin::ResetSecondFactor { email } => {
            let id = staff::service::find_by_email(app, &email)
                .await
                .map_err(readable)?;
            let reason = "on the command line".to_owned();
            staff::service::remove_for(app, id, reason, Actor::System)
                .await
                .map_err(readable)?;
            println!("{id} signs in with the password only");
        }
    }
    Ok(())
}

/// A refusal in words, with the wrong fields.
fn readable(error: AppError) -> anyhow::Error {
    let AppError::Refused(refused) = &error else {
        return error.into();
    };
    let fields: Vec<String> = refused
        .errors
        .iter()
        .map(|it| format!("{}: {}", &it.pointer, it.message))
        .collect();
    let title = refused.code.title(shared::text::Locale::En);
    anyhow::anyhow!("{title} {}", fields.join("; "))
}

fn read_password() -> Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("standard input holds no password");
    }
    Ok(password)
}
