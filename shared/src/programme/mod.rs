//! The programme: one shop's name, currency, time zone and colours.

pub mod api;
pub mod brand;

use crate::quantity::Currency;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// What the pages need to know about the shop before anyone signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Programme {
    /// What the member centre is called.
    pub name: Text,
    /// The one currency of orders and store credit.
    pub currency: Currency,
    /// IANA zone of the shop's days, and of members who have none of their own.
    pub time_zone: String,
    /// Whether shoppers may sign up here, without the shop's own sign-in.
    pub sign_up_open: bool,
    /// The shop's colours.
    #[serde(default)]
    pub brand: brand::Brand,
}
