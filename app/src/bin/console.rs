//! The console, for the shop's staff.

use leptos::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    mount_to_body(|| view! { <main><h1>"管理后台"</h1></main> });
}
