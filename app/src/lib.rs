//! The front end, run by the browser: a member centre for shoppers and a console for staff.
//!
//! The two have an entry point each, so that a shopper never downloads the console. `parts` holds
//! what both show, `ui` the kit that both are built from, `api` and `session` the way to the
//! server, `i18n` the languages.

pub mod api;
pub mod bridge;
pub mod console;
pub mod i18n;
pub mod kit;
pub mod member;
pub mod parts;
pub mod session;
pub mod ui;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
