//! Joins two edits of the same thing: what each changed alone is kept, what both changed is told.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A part that both changed, differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Where: a JSON pointer.
    pub at: String,
    /// What someone else made of it.
    pub theirs: Value,
    /// What is in the form.
    pub mine: Value,
}

/// A part that someone else changed and this form did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where: a JSON pointer.
    pub at: String,
    /// What it was.
    pub was: Value,
    /// What it is.
    pub is: Value,
}

/// Two edits joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merged {
    /// Both edits; where they clash, the form's.
    pub value: Value,
    /// What came from the other edit.
    pub taken: Vec<Change>,
    /// Where a person has to choose.
    pub clashes: Vec<Clash>,
}

/// Joins `theirs` and `mine`, which both began at `base`.
#[must_use]
pub fn merge(base: &Value, theirs: &Value, mine: &Value) -> Merged {
    let mut merged = Merged::default();
    merged.value = join(String::new(), [base, theirs, mine], &mut merged);
    merged
}

fn join(at: String, [base, theirs, mine]: [&Value; 3], out: &mut Merged) -> Value {
    if theirs == base || theirs == mine {
        return mine.clone();
    }
    match (base, theirs, mine) {
        (Value::Object(one), Value::Object(two), Value::Object(three)) => {
            let keys: BTreeSet<_> = one.keys().chain(two.keys()).chain(three.keys()).collect();
            let mut all = Map::new();
            for key in keys {
                let parts = [one, two, three].map(|it| it.get(key).unwrap_or(&Value::Null));
                all.insert(key.clone(), join(format!("{at}/{key}"), parts, out));
            }
            Value::Object(all)
        }
        (Value::Array(one), Value::Array(two), Value::Array(three))
            if one.len() == two.len() && two.len() == three.len() =>
        {
            let each = (0..one.len()).map(|i| {
                let parts = [&one[i], &two[i], &three[i]];
                join(format!("{at}/{i}"), parts, out)
            });
            Value::Array(each.collect())
        }
        _ if mine == base => {
            out.taken.push(Change {
                at,
                was: base.clone(),
                is: theirs.clone(),
            });
            theirs.clone()
        }
        _ => {
            out.clashes.push(Clash {
                at,
                theirs: theirs.clone(),
                mine: mine.clone(),
            });
            mine.clone()
        }
    }
}

/// How many parts differ.
#[must_use]
pub fn differences(one: &Value, two: &Value) -> usize {
    match (one, two) {
        _ if one == two => 0,
        (Value::Object(one), Value::Object(two)) => {
            let keys: BTreeSet<_> = one.keys().chain(two.keys()).collect();
            let part = |of: &Map<String, Value>, key: &String| of.get(key).cloned();
            keys.into_iter()
                .map(|key| {
                    let parts = [part(one, key), part(two, key)].map(Option::unwrap_or_default);
                    differences(&parts[0], &parts[1])
                })
                .sum()
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            one.iter().zip(two).map(|(a, b)| differences(a, b)).sum()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{differences, merge};
    use serde_json::{Value, json};

    fn places(of: &[impl std::fmt::Debug], at: impl Fn(usize) -> String) -> Vec<String> {
        (0..of.len()).map(at).collect()
    }

    #[test]
    fn what_one_side_changed_is_kept_and_what_both_changed_is_told() {
        let base = json!({"a": 1, "b": {"c": 2, "d": [1, 2]}, "e": "x"});
        for (theirs, mine, value, taken, clashes) in [
            (base.clone(), base.clone(), base.clone(), vec![], vec![]),
            // Only mine.
            (
                base.clone(),
                json!({"a": 5, "b": {"c": 2, "d": [1, 2]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 2, "d": [1, 2]}, "e": "x"}),
                vec![],
                vec![],
            ),
            // Different parts.
            (
                json!({"a": 1, "b": {"c": 7, "d": [1, 2]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 2, "d": [1, 2]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 7, "d": [1, 2]}, "e": "x"}),
                vec!["/b/c"],
                vec![],
            ),
            // The same part to the same value.
            (
                json!({"a": 5, "b": {"c": 2, "d": [1, 2]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 2, "d": [1, 2]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 2, "d": [1, 2]}, "e": "x"}),
                vec![],
                vec![],
            ),
            // The same part, differently; inside lists of one length too.
            (
                json!({"a": 4, "b": {"c": 2, "d": [1, 9]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 2, "d": [1, 8]}, "e": "x"}),
                json!({"a": 5, "b": {"c": 2, "d": [1, 8]}, "e": "x"}),
                vec![],
                vec!["/a", "/b/d/1"],
            ),
            // Lists of other lengths are one part.
            (
                json!({"a": 1, "b": {"c": 2, "d": [1]}, "e": "x"}),
                json!({"a": 1, "b": {"c": 2, "d": [1, 2, 3]}, "e": "x"}),
                json!({"a": 1, "b": {"c": 2, "d": [1, 2, 3]}, "e": "x"}),
                vec![],
                vec!["/b/d"],
            ),
        ] {
            let merged = merge(&base, &theirs, &mine);
            assert_eq!(merged.value, value);
            assert_eq!(places(&merged.taken, |i| merged.taken[i].at.clone()), taken);
            let told = places(&merged.clashes, |i| merged.clashes[i].at.clone());
            assert_eq!(told, clashes);
        }
    }

    #[test]
    fn differences_are_counted_at_the_leaves() {
        let one = json!({"a": 1, "b": [1, 2], "c": {"d": null}});
        assert_eq!(differences(&one, &one), 0);
        assert_eq!(differences(&one, &json!({"a": 2, "b": [1, 3], "c": {}})), 2);
        assert_eq!(
            differences(&one, &json!({"a": 1, "b": [1], "c": {"d": 5}})),
            2
        );
        assert_eq!(differences(&one, &Value::Null), 1);
    }
}
