//! The member centre inside WeChat: which pages its script may be allowed for, and what of them may
//! be handed on.

pub mod api;
pub mod rules;
