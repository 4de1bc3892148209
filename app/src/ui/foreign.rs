//! Objects of other people's scripts: they may lack anything, and fail.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// What an object holds by this name, if anything.
#[must_use]
pub fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let found = Reflect::get(object, &name.into()).ok()?;
    (!found.is_undefined() && !found.is_null()).then_some(found)
}

/// Calls a function of an object, if it has it.
pub fn call(object: &JsValue, name: &str, arguments: &[JsValue]) {
    let function = get(object, name).and_then(|it| it.dyn_into::<Function>().ok());
    if let Some(function) = function {
        // What fails has not heard it, and there is nobody else to tell.
        let _ = Reflect::apply(&function, object, &arguments.iter().collect::<Array>());
    }
}
