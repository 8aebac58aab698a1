//! `--output text`: lines of words with tabs between them, for `cut` and `awk`.
//!
//! A map is a line of its plain values, sorted by their keys; what is nested in it follows, each line led by the name
//! of its key in capitals. In a list of maps every line has the same columns. (AWS CLI User Guide, "Text output
//! format"; the corners are those of the Python code behind `aws`.)

use std::collections::BTreeSet;

use crate::python;
use crate::value::{Map, Value};

/// Appends the lines of a value.
///
/// # Errors
/// A list that mixes maps with anything else has no columns.
pub(super) fn write(out: &mut String, value: &Value) -> Result<(), String> {
    item(out, value, None, None)
}

fn item(out: &mut String, value: &Value, name: Option<&str>, columns: Option<&BTreeSet<&str>>) -> Result<(), String> {
    match value {
        Value::Map(map) => line(out, map, name, columns),
        Value::List(items) => list(out, items, name),
        scalar => {
            out.push_str(&python::display(scalar));
            out.push('\n');
            Ok(())
        }
    }
}

fn list(out: &mut String, items: &[Value], name: Option<&str>) -> Result<(), String> {
    if items.iter().any(|item| matches!(item, Value::Map(_))) {
        let columns = columns(items)?;
        return items.iter().try_for_each(|element| item(out, element, name, Some(&columns)));
    }
    let (scalars, lists): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_scalar());
    if !scalars.is_empty() {
        words(out, &scalars, name);
    }
    lists.into_iter().try_for_each(|inner| item(out, inner, name, None))
}

/// The keys that have a plain value in any of the maps.
fn columns(items: &[Value]) -> Result<BTreeSet<&str>, String> {
    let mut columns = BTreeSet::new();
    for item in items {
        let Value::Map(map) = item else {
            return Err(format!("'{}' object has no attribute 'items'", python::type_name(item)));
        };
        columns.extend(map.iter().filter(|(_, value)| value.is_scalar()).map(|(key, _)| key.as_str()));
    }
    Ok(columns)
}

/// Plain values: one a line where they have a name, else all on one.
fn words(out: &mut String, values: &[&Value], name: Option<&str>) {
    let values: Vec<String> = values.iter().map(|value| python::display(value)).collect();
    match name {
        Some(name) => {
            let name = name.to_uppercase();
            values.iter().for_each(|value| out.push_str(&format!("{name}\t{value}\n")));
        }
        None => {
            out.push_str(&values.join("\t"));
            out.push('\n');
        }
    }
}

fn line(out: &mut String, map: &Map, name: Option<&str>, columns: Option<&BTreeSet<&str>>) -> Result<(), String> {
    let own: BTreeSet<&str> = map.iter().filter(|(_, value)| value.is_scalar()).map(|(key, _)| key.as_str()).collect();
    let columns = columns.unwrap_or(&own);
    if !columns.is_empty() {
        let name = name.map(str::to_uppercase);
        let values = columns.iter().map(|key| map.get(*key).map(python::display).unwrap_or_default());
        out.push_str(&name.into_iter().chain(values).collect::<Vec<_>>().join("\t"));
        out.push('\n');
    }
    let nested: BTreeSet<&str> = map.keys().map(String::as_str).filter(|key| !columns.contains(key)).collect();
    nested.into_iter().filter_map(|key| Some((key, map.get(key)?))).try_for_each(|(key, value)| {
        // A plain value is always in a column, so this is a list or a map.
        item(out, value, Some(key), None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: serde_json::Value) -> Result<String, String> {
        let mut out = String::new();
        write(&mut out, &value.into())?;
        Ok(out)
    }

    #[test]
    fn values_become_lines() {
        for (value, expected) in [
            (json!("x"), "x\n"),
            (json!(null), "None\n"),
            (json!(true), "True\n"),
            (json!(12.0), "12.0\n"),
            (json!([]), ""),
            (json!({}), ""),
            (json!(["a", null, 3]), "a\tNone\t3\n"),
            (json!([["a", "b"], "c", ["d"]]), "c\na\tb\nd\n"),
            (json!({"b": 1, "a": "x", "l": ["p", "q"], "m": {"k": "v"}}), "x\t1\nL\tp\nL\tq\nM\tv\n"),
            (
                json!({"stages": [
                    {"name": "one", "arn": "a", "tags": {"k1": "v1", "k2": "v2"}},
                    {"arn": "b", "id": "2"},
                ]}),
                "STAGES\ta\t\tone\nTAGS\tv1\tv2\nSTAGES\tb\t2\t\n",
            ),
            (json!([{"a": 1, "b": {"c": 2}}, {"b": "x"}]), "1\t{'c': 2}\n\tx\n"),
        ] {
            assert_eq!(text(value.clone()).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_has_no_columns_is_refused() {
        assert_eq!(text(json!([{"a": 1}, "b"])), Err("'str' object has no attribute 'items'".to_owned()));
        assert_eq!(text(json!([{"a": 1}, null])), Err("'NoneType' object has no attribute 'items'".to_owned()));
    }
}
