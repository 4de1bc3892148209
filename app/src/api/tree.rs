//! Reads types from a tree of JSON values.
//!
//! `serde_json` can do this too, but for each type it also brings ways that no answer of ours
//! takes (structs as arrays, enums as objects) and an error that says what was expected where. A
//! page only asks whether an answer can be read, so the error here is empty, and what would
//! compose it is left out of what a shopper downloads.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};
use std::fmt::{Debug, Display, Formatter};
use std::slice;

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

/// Reads a type from a tree.
///
/// # Errors
/// [`Unlike`] when the tree is not of the type.
pub fn read<T: DeserializeOwned>(tree: &Value) -> Result<T, Unlike> {
    T::deserialize(Node(tree))
}

/// A value of the tree.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

/// Ways that ask for one kind of value and get it or nothing.
macro_rules! one_kind {
    ($($ask:ident => $read:ident, $give:ident;)+) => {
        $(fn $ask<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
            visitor.$give(self.0.$read().ok_or(Unlike)?)
        })+
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Unlike;

    one_kind! {
        deserialize_bool => as_bool, visit_bool;
        deserialize_i8 => as_i64, visit_i64;
        deserialize_i16 => as_i64, visit_i64;
        deserialize_i32 => as_i64, visit_i64;
        deserialize_i64 => as_i64, visit_i64;
        deserialize_u8 => as_u64, visit_u64;
        deserialize_u16 => as_u64, visit_u64;
        deserialize_u32 => as_u64, visit_u64;
        deserialize_u64 => as_u64, visit_u64;
        deserialize_f32 => as_f64, visit_f64;
        deserialize_f64 => as_f64, visit_f64;
        deserialize_char => as_str, visit_str;
        deserialize_str => as_str, visit_str;
        deserialize_string => as_str, visit_str;
        deserialize_identifier => as_str, visit_str;
    }

    // What has a tag is read as it comes before it is known what it is.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Number(it) => match (it.as_i64(), it.as_f64()) {
                (Some(it), _) => visitor.visit_i64(it),
                (None, Some(it)) => visitor.visit_f64(it),
                (None, None) => Err(Unlike),
            },
            Value::String(it) => visitor.visit_str(it),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        match self.0 {
            Value::Null => visitor.visit_none(),
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
        visitor.visit_seq(Items(self.0.as_array().ok_or(Unlike)?.iter()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unlike> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unlike> {
        visitor.visit_map(Entries::of(self.0.as_object().ok_or(Unlike)?))
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
        visitor.visit_enum(name(self.0.as_str().ok_or(Unlike)?))
    }

    forward_to_deserialize_any! { bytes byte_buf unit unit_struct tuple_struct }
}

/// A name: of a field or of a variant.
fn name(text: &str) -> StrDeserializer<'_, Unlike> {
    text.into_deserializer()
}

/// The items of an array.
struct Items<'a>(slice::Iter<'a, Value>);

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
    rest: map::Iter<'a>,
    value: &'a Value,
}

impl<'a> Entries<'a> {
    fn of(object: &'a Map<String, Value>) -> Self {
        Self {
            rest: object.iter(),
            value: &Value::Null,
        }
    }
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
    use serde_json::json;
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

    fn whole() -> Value {
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
        let expected: Thing = serde_json::from_value(whole()).expect("a thing");
        let thing: Result<Thing, _> = read(&whole());
        assert_eq!(thing.ok(), Some(expected));
        let page: Result<Page<i64>, _> = read(&json!({"data": [1, 2], "next_cursor": "x"}));
        assert_eq!(page.ok().map(|it| it.data), Some(vec![1, 2]));
        let same: Result<Value, _> = read(&whole());
        assert_eq!(same.ok(), Some(whole()));
    }

    #[test]
    fn a_tree_of_another_kind_is_refused() {
        let changes = [
            ("asset", json!("gold")),
            ("asset", json!(1)),
            ("amount", json!("5")),
            ("amount", json!(1.5)),
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
            let mut tree = whole();
            tree[key] = value;
            assert!(read::<Thing>(&tree).is_err(), "{tree}");
        }
    }
}
