//! Referrals: who is bound to whom, when both are rewarded, what is taken back, and what is kept
//! from being paid.

mod attack;
mod pictures;
mod programme;
mod review;
mod rewards;
mod simulation;
mod support;
