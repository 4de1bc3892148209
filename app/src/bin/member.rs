//! The member centre, for shoppers.

use leptos::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    mount_to_body(|| view! { <main><h1>"会员中心"</h1></main> });
}
