//! Reads types from a tree of JSON values, which the browser makes of an answer.
//!
//! `serde_json` can do both too, but it brings its own reader of text with tables for numbers of
//! any length, and for each type ways that no answer of ours takes (structs as arrays, enums as
//! objects) and an error that says what was expected where. The browser reads JSON anyway, and a
//! page only asks whether an answer can be read, so the error here is empty, and what would
//! compose it is left out of what a shopper downloads.

use js_sys::{Array, JSON, Object};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt::{Debug, Display, Formatter};
use std::slice;
use wasm_bindgen::{JsCast, JsValue};

/// Whole numbers up to here are exact in JavaScript; every amount on the wire is below.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

/// A value of JSON.
enum Tree {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// What the browser makes of a text.
    fn parse(text: &str) -> Option<Self> {
        Self::of(&JSON::parse(text).ok()?)
    }

    fn of(value: &JsValue) -> Option<Self> {
        if value.is_null() {
            return Some(Self::Null);
        }
        if let Some(it) = value.as_bool() {
            return Some(Self::Bool(it));
        }
        if let Some(it) = value.as_f64() {
            return Some(Self::Number(it));
        }
        if let Some(it) = value.as_string() {
            return Some(Self::Text(it));
        }
        if Array::is_array(value) {
            let items = Array::from(value);
            return items
                .iter()
                .map(|it| Self::of(&it))
                .collect::<Option<_>>()
                .map(Self::List);
        }
        let entries = Object::entries(value.dyn_ref()?);
        let field = |entry: JsValue| {
            let entry = Array::from(&entry);
            Some((entry.get(0).as_string()?, Self::of(&entry.get(1))?))
        };
        entries
            .iter()
            .map(field)
            .collect::<Option<_>>()
            .map(Self::Object)
    }

    fn text(&self) -> Result<&str, Unlike> {
        match self {
            Self::Text(it) => Ok(it),
            _ => Err(Unlike),
        }
    }

    fn number(&self) -> Result<f64, Unlike> {
        match self {
            Self::Number(it) => Ok(*it),
            _ => Err(Unlike),
        }
    }
}

/// A number without a fraction, if it is one.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and fits")]
fn whole(number: f64) -> Result<i64, Unlike> {
    let is_whole = number.abs() <= MOST_EXACT && number.trunc() == number;
    is_whole.then_some(number as i64).ok_or(Unlike)
}

/// The tree is not of the type.
pub struct Unlike;

impl Debug for Unlike {
    fn fmt(&self, _: &mut Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl Display for Unlike {
    fn fmt(&self, _: &mut Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Unlike {}

impl Error for Unlike {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn missing_field(_: &'static str) -> Self {
        Self
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Reads a type from the text of an answer.
///
/// # Errors
/// [`Unlike`] when the text is something else.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unlike> {
    let tree = Tree::parse(text).ok_or(Unlike)?;
    T::deserialize(Node(&tree))
}

/// A value of the tree.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Tree);

/// Ways that ask for a text, a whole number or any number, and get it or nothing.
macro_rules! one_kind {
    ($give:ident, $read:expr; $($ask:ident)+) => {
        $(fn $ask<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
            visitor.$give($read(self.0)?)
        })+
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Unlike;

    one_kind! { visit_str, Tree::text;
        deserialize_char deserialize_str deserialize_string deserialize_identifier
    }
    // Each type of number checks by itself whether it can hold the number.
    one_kind! { visit_i64, |it: &Tree| whole(it.number()?);
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }
    one_kind! { visit_f64, Tree::number; deserialize_f32 deserialize_f64 }

    // What has a tag is read as it comes before it is known what it is.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(it) => visitor.visit_bool(*it),
            Tree::Number(it) => match whole(*it) {
                Ok(it) => visitor.visit_i64(it),
                Err(Unlike) => visitor.visit_f64(*it),
            },
            Tree::Text(it) => visitor.visit_str(it),
            Tree::List(_) => self.deserialize_seq(visitor),
            Tree::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Tree::Bool(it) => visitor.visit_bool(*it),
            _ => Err(Unlike),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unlike> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Tree::List(it) => visitor.visit_seq(Items(it.iter())),
            _ => Err(Unlike),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unlike> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Tree::Object(it) => visitor.visit_map(Entries {
                rest: it.iter(),
                value: &Tree::Null,
            }),
            _ => Err(Unlike),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unlike> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unlike> {
        visitor.visit_enum(name(self.0.text()?))
    }

    forward_to_deserialize_any! { bytes byte_buf unit unit_struct tuple_struct }
}

/// A name: of a field or of a variant.
fn name(text: &str) -> StrDeserializer<'_, Unlike> {
    text.into_deserializer()
}

/// The items of an array.
struct Items<'a>(slice::Iter<'a, Tree>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Unlike;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unlike> {
        self.0
            .next()
            .map(|it| seed.deserialize(Node(it)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The entries of an object.
struct Entries<'a> {
    rest: slice::Iter<'a, (String, Tree)>,
    value: &'a Tree,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Unlike;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unlike> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = value;
        seed.deserialize(name(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unlike> {
        seed.deserialize(Node(self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use shared::page::Page;
    use shared::points::Asset;
    use shared::tiers::Benefit;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        asset: Asset,
        amount: i64,
        #[serde(default)]
        note: Option<String>,
        small: Option<u32>,
        pairs: Vec<(i64, bool)>,
        benefits: Vec<Benefit>,
        by_name: BTreeMap<String, f64>,
    }

    /// The tree that a browser makes of the same text.
    fn tree(value: &Value) -> Tree {
        match value {
            Value::Null => Tree::Null,
            Value::Bool(it) => Tree::Bool(*it),
            Value::Number(it) => Tree::Number(it.as_f64().expect("a number")),
            Value::String(it) => Tree::Text(it.clone()),
            Value::Array(it) => Tree::List(it.iter().map(tree).collect()),
            Value::Object(it) => {
                Tree::Object(it.iter().map(|(key, it)| (key.clone(), tree(it))).collect())
            }
        }
    }

    fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Unlike> {
        T::deserialize(Node(&tree(value)))
    }

    fn thing() -> Value {
        json!({
            "asset": "points", "amount": -5, "note": null, "small": 7,
            "pairs": [[1, true], [2, false]],
            "benefits": [
                {"kind": "priority_shipping"}, {"kind": "earn_multiplier", "bps": 12000},
                {"kind": "other", "code": "gift", "name": {"zh-CN": "礼", "en": "gift"}},
            ],
            "by_name": {"a": 1, "b": 2.5},
        })
    }

    #[test]
    fn a_tree_is_read_as_serde_json_reads_it() {
        let expected: Thing = serde_json::from_value(thing()).expect("a thing");
        let one: Result<Thing, _> = read(&thing());
        assert_eq!(one.ok(), Some(expected));
        let page: Result<Page<i64>, _> = read(&json!({"data": [1, 2], "next_cursor": "x"}));
        assert_eq!(page.ok().map(|it| it.data), Some(vec![1, 2]));
        let same: Result<Value, _> = read(&thing());
        assert_eq!(same.ok(), Some(thing()));
    }

    #[test]
    fn a_tree_of_another_kind_is_refused() {
        let changes = [
            ("asset", json!("gold")),
            ("asset", json!(1)),
            ("amount", json!("5")),
            ("amount", json!(1.5)),
            ("amount", json!(1e16)),
            ("note", json!(3)),
            ("small", json!(-1)),
            ("small", json!(5_000_000_000_i64)),
            ("pairs", json!([[1]])),
            ("pairs", json!({})),
            ("benefits", json!([{"kind": "flying"}])),
            ("benefits", json!([{"kind": "earn_multiplier"}])),
            ("new", json!(1)),
        ];
        for (key, value) in changes {
            let mut changed = thing();
            changed[key] = value;
            assert!(read::<Thing>(&changed).is_err(), "{changed}");
        }
    }
}
