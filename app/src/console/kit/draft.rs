//! What is being edited: a tree of values as the server has it, and as the form has it.
//!
//! Fields are named by JSON pointers, the same that the server names in its errors, so a field
//! finds its own error without a table between them.

use super::field::Kind;
use super::merge::{Merged, differences, merge};
use crate::api::ApiError;
use crate::ui::form::Form;
use leptos::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// The ends of pointers to a text in one language.
const LANGUAGES: [&str; 2] = ["/zh-CN", "/en"];

/// A field that the page shows, to name it elsewhere.
#[derive(Clone)]
pub struct Known {
    /// Where: a JSON pointer.
    pub at: String,
    /// What it is called.
    pub label: String,
    /// How its value is written.
    pub kind: Kind,
}

/// An edit in progress. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Draft {
    base: RwSignal<Value>,
    now: RwSignal<Value>,
    /// Fields that hold something that is no value of theirs.
    odd: RwSignal<BTreeSet<String>>,
    known: StoredValue<Vec<Known>>,
    /// Whether it is being sent, and what was wrong.
    pub form: Form,
}

impl Draft {
    /// An edit that begins with `value`.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self {
            base: RwSignal::new(value.clone()),
            now: RwSignal::new(value),
            odd: RwSignal::new(BTreeSet::new()),
            known: StoredValue::new(Vec::new()),
            form: Form::new(),
        }
    }

    /// The part at a pointer, and a subscription; `Null` when it is absent.
    #[must_use]
    pub fn at(self, pointer: &str) -> Value {
        self.now
            .with(|it| it.pointer(pointer).cloned().unwrap_or_default())
    }

    /// The whole, without a subscription.
    #[must_use]
    pub fn value(self) -> Value {
        self.now.get_untracked()
    }

    /// The whole, and a subscription.
    #[must_use]
    pub fn watch(self) -> Value {
        self.now.get()
    }

    /// What the edit began with, and a subscription.
    #[must_use]
    pub fn began(self) -> Value {
        self.base.get()
    }

    /// How long the list at a pointer is, and a subscription.
    #[must_use]
    pub fn len(self, pointer: &str) -> usize {
        self.now.with(|it| {
            it.pointer(pointer)
                .and_then(Value::as_array)
                .map_or(0, Vec::len)
        })
    }

    /// Changes one part; its parents must be there.
    pub fn set(self, pointer: &str, value: Value) {
        let same = self
            .now
            .with_untracked(|it| it.pointer(pointer) == Some(&value));
        if !same {
            self.now.update(|it| put(it, pointer, value));
        }
    }

    /// Changes the list at a pointer.
    pub fn change_list(self, pointer: &str, change: impl FnOnce(&mut Vec<Value>)) {
        // What was typed belongs to the old places.
        self.odd
            .update(|it| it.retain(|at| !at.starts_with(pointer)));
        self.now.update(|it| {
            if let Some(list) = it.pointer_mut(pointer).and_then(Value::as_array_mut) {
                change(list);
            }
        });
    }

    /// Says whether the field at a pointer holds something that is no value of its.
    pub fn mark_odd(self, pointer: &str, odd: bool) {
        if self.odd.with_untracked(|it| it.contains(pointer)) != odd {
            self.odd.update(|it| {
                if odd {
                    it.insert(pointer.to_owned());
                } else {
                    it.remove(pointer);
                }
            });
        }
    }

    /// Whether the field at a pointer holds something that is no value of its.
    #[must_use]
    pub fn is_odd(self, pointer: &str) -> bool {
        self.odd.with(|it| it.contains(pointer))
    }

    /// Whether any field does.
    #[must_use]
    pub fn has_odd(self) -> bool {
        !self.odd.with_untracked(BTreeSet::is_empty)
    }

    /// How many parts differ from what the server has, and a subscription.
    #[must_use]
    pub fn changes(self) -> usize {
        let odd = self.odd.with(BTreeSet::len);
        odd + self
            .now
            .with(|now| self.base.with(|base| differences(base, now)))
    }

    /// Begins anew with what the server has now.
    pub fn restart(self, value: Value) {
        self.odd.set(BTreeSet::new());
        self.base.set(value.clone());
        self.now.set(value);
        self.form.error.set(None);
    }

    /// Gives all changes up.
    pub fn discard(self) {
        self.restart(self.base.get_untracked());
    }

    /// Takes up what the server has now and keeps what was changed here.
    #[must_use]
    pub fn rebase(self, theirs: Value) -> Merged {
        let merged = merge(
            &self.base.get_untracked(),
            &theirs,
            &self.now.get_untracked(),
        );
        self.base.set(theirs);
        self.now.set(merged.value.clone());
        merged
    }

    /// Remembers a field that is shown.
    pub fn know(self, field: Known) {
        self.known.update_value(|all| {
            all.retain(|it| it.at != field.at);
            all.push(field);
        });
    }

    /// The field at a pointer, or the nearest above it.
    #[must_use]
    pub fn named(self, pointer: &str) -> Option<Known> {
        self.known
            .with_value(|all| all.iter().find(|it| it.at == pointer).cloned())
    }

    /// What the server says is wrong at a pointer, and a subscription. A text in one language is
    /// wrong, too, when the server says so of the text in all of them.
    #[must_use]
    pub fn wrong(self, pointer: &str) -> Option<String> {
        let whole = LANGUAGES.iter().find_map(|it| pointer.strip_suffix(it));
        let same =
            |one: &str, two: &str| one.trim_start_matches('/') == two.trim_start_matches('/');
        let is = |it: &str| same(it, pointer) || whole.is_some_and(|whole| same(it, whole));
        self.form.error.with(|it| match it {
            Some(ApiError::Refused(problem)) => problem
                .errors
                .iter()
                .find(|it| is(&it.pointer))
                .map(|it| it.message.clone()),
            _ => None,
        })
    }
}

/// Puts a value at a pointer, making the last step if it is not there.
fn put(tree: &mut Value, pointer: &str, value: Value) {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        *tree = value;
        return;
    };
    match tree.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.insert(key.to_owned(), value);
        }
        Some(Value::Array(list)) => {
            if let Some(slot) = key.parse::<usize>().ok().and_then(|it| list.get_mut(it)) {
                *slot = value;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::put;
    use serde_json::json;

    #[test]
    fn a_value_is_put_where_the_pointer_leads() {
        let mut tree = json!({"a": {"b": [1, {"c": 2}]}});
        put(&mut tree, "/a/b/1/c", json!(3));
        put(&mut tree, "/a/d", json!("new"));
        put(&mut tree, "/a/b/0", json!(null));
        // Nowhere: nothing happens.
        put(&mut tree, "/x/y", json!(1));
        put(&mut tree, "/a/b/9", json!(1));
        assert_eq!(tree, json!({"a": {"b": [null, {"c": 3}], "d": "new"}}));
    }
}
