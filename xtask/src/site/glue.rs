//! The script that a module comes with, made small: what libraries offer in it and nobody takes is
//! left out, and what it shares with the module has short names.

use std::collections::HashMap;

use anyhow::{Context, Result};

/// Leaves out of a script the classes that libraries offer to other scripts; gives their names too.
pub(super) fn without_classes(script: &str) -> Result<(String, Vec<String>)> {
    let mut kept = String::new();
    let mut classes = Vec::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        let class = line.strip_prefix("export class ");
        if let Some(class) = class.and_then(|it| it.strip_suffix(" {")) {
            let last = format!("if (Symbol.dispose) {class}.");
            let end = lines.find(|it| it.starts_with(&last));
            end.with_context(|| format!("the class {class} does not end as expected"))?;
            classes.push(class.to_owned());
        } else if line.starts_with("const ") && line.contains("Finalization = ") {
            let end = lines.find(|it| it.ends_with(';'));
            end.context("what ends the objects of a class does not end as expected")?;
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    Ok((kept, classes))
}

/// Whether the module exports `name` for one of these classes only.
pub(super) fn is_of(name: &str, classes: &[String]) -> bool {
    let name = name.strip_prefix("__wbg_").unwrap_or(name);
    let mut classes = classes.iter().map(|it| it.to_lowercase());
    classes.any(|it| name.strip_prefix(&it).is_some_and(|it| it.starts_with('_')))
}

/// The script with other names, where they stand as whole words.
pub(super) fn renamed(script: &str, names: &HashMap<String, String>) -> String {
    let mut text = String::with_capacity(script.len());
    let mut rest = script;
    while !rest.is_empty() {
        let is_part = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
        let word = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        text.push_str(names.get(word).map_or(word, String::as_str));
        let between = after.find(is_part).unwrap_or(after.len());
        let (between, after) = after.split_at(between);
        text.push_str(between);
        rest = after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_go_and_the_rest_stays() {
        let script = "export class Sink {\nfree() {\n}\n}\n\
                      if (Symbol.dispose) Sink.prototype[Symbol.dispose] = Sink.prototype.free;\n\
                      function kept() {}\n\
                      const SinkFinalization = (typeof X === 'undefined')\n? {}\n: new X();\n\
                      export { kept };\n";
        let (kept, classes) = without_classes(script).expect("a class as usual");
        assert_eq!(kept, "function kept() {}\nexport { kept };\n");
        assert_eq!(classes, ["Sink"]);
        assert!(without_classes("export class Sink {\n}\n").is_err());
    }

    #[test]
    fn what_a_class_exports_is_known_by_its_name() {
        let classes = ["Sink".to_owned()];
        let cases = [
            ("sink_write", true),
            ("__wbg_sink_free", true),
            ("sinking", false),
        ];
        for (name, expected) in cases {
            assert_eq!(is_of(name, &classes), expected, "{name}");
        }
    }

    #[test]
    fn names_are_replaced_as_whole_words() {
        let names = HashMap::from([("__wbg_a".to_owned(), "a0".to_owned())]);
        let script = "{ __wbg_a: f, __wbg_ab: g, x__wbg_a: h, \"积分\": __wbg_a }";
        let expected = "{ a0: f, __wbg_ab: g, x__wbg_a: h, \"积分\": a0 }";
        assert_eq!(renamed(script, &names), expected);
    }
}
