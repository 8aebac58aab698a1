//! JSON written as Python's `json.dumps` writes it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::numbers::float_repr;
use crate::value::Value;

const INDENT: usize = 4;

/// JSON over several lines. Non-ASCII characters stay as they are unless `ascii` asks for escapes.
pub(crate) fn pretty_json(value: &Value, ascii: bool) -> String {
    let mut out = String::new();
    write_json(&mut out, value, &Layout { indent: Some(0), separators: [",", ": "], ascii });
    out
}

/// The same for a value that stands inside others, `depth` brackets deep.
pub(crate) fn pretty_json_at(value: &Value, depth: usize) -> String {
    let mut out = String::new();
    write_json(&mut out, value, &Layout { indent: Some(depth * INDENT), separators: [",", ": "], ascii: false });
    out
}

/// JSON on one line with blanks after commas and colons, in ASCII.
pub(crate) fn inline_json(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value, &Layout { indent: None, separators: [", ", ": "], ascii: true });
    out
}

/// JSON without any blanks, in ASCII.
pub(crate) fn compact_json(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value, &Layout { indent: None, separators: [",", ":"], ascii: true });
    out
}

/// One text as JSON, its non-ASCII characters as they are.
pub(crate) fn inline_json_text(text: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, text, false);
    out
}

struct Layout {
    /// The columns the enclosing bracket is indented by, where lines are broken.
    indent: Option<usize>,
    /// What stands between two entries, and between a key and its value.
    separators: [&'static str; 2],
    ascii: bool,
}

fn write_json(out: &mut String, value: &Value, layout: &Layout) {
    match value {
        Value::List(items) => write_all(out, ['[', ']'], items, layout, |out, item, inner| {
            write_json(out, item, inner);
        }),
        Value::Map(map) => write_all(out, ['{', '}'], map, layout, |out, (key, value), inner| {
            write_string(out, key, inner.ascii);
            out.push_str(inner.separators[1]);
            write_json(out, value, inner);
        }),
        Value::Text(text) => write_string(out, text, layout.ascii),
        Value::Int(int) => out.push_str(&int.to_string()),
        Value::Float(float) => out.push_str(&json_float(*float)),
        Value::Null => out.push_str("null"),
        Value::Bool(on) => out.push_str(if *on { "true" } else { "false" }),
        Value::Bytes(bytes) => write_string(out, &BASE64_STANDARD.encode(bytes), layout.ascii),
        Value::Time(time) => write_string(out, &time.iso(), layout.ascii),
    }
}

/// The special values have names of their own in Python's JSON.
fn json_float(float: f64) -> String {
    match float {
        float if float.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        float => float_repr(float),
    }
}

fn write_all<I: IntoIterator>(
    out: &mut String,
    brackets: [char; 2],
    entries: I,
    layout: &Layout,
    write: impl Fn(&mut String, I::Item, &Layout),
) {
    let inner = Layout { indent: layout.indent.map(|columns| columns + INDENT), ..*layout };
    out.push(brackets[0]);
    let mut empty = true;
    for entry in entries {
        if !empty {
            out.push_str(inner.separators[0]);
        }
        if let Some(columns) = inner.indent {
            break_line(out, columns);
        }
        empty = false;
        write(out, entry, &inner);
    }
    if let (false, Some(columns)) = (empty, layout.indent) {
        break_line(out, columns);
    }
    out.push(brackets[1]);
}

fn break_line(out: &mut String, columns: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', columns));
}

fn write_string(out: &mut String, text: &str, ascii: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (ascii && !(' '..='~').contains(&c)) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Int;
    use serde_json::json;

    #[test]
    fn json_is_laid_out_as_python_lays_it_out() {
        let value = json!({"a": [], "b": {}, "c": [1, {"d": "é\u{1}\"😀"}], "e": 12.0, "f": null}).into();
        let expected = "{\n    \"a\": [],\n    \"b\": {},\n    \"c\": [\n        1,\n        {\n            \
                        \"d\": \"é\\u0001\\\"😀\"\n        }\n    ],\n    \"e\": 12.0,\n    \"f\": null\n}";
        assert_eq!(pretty_json(&value, false), expected);
        let inline = r#"{"a": [], "b": {}, "c": [1, {"d": "\u00e9\u0001\"\ud83d\ude00"}], "e": 12.0, "f": null}"#;
        assert_eq!(inline_json(&value), inline);
        assert_eq!(compact_json(&json!({"a": [1, 2], "b": 3}).into()), r#"{"a":[1,2],"b":3}"#);
    }

    #[test]
    fn what_json_has_no_form_for_gets_one() {
        let big = Int::parse("123456789012345678901234567890").expect("it is one");
        let values = vec![Value::Float(f64::NAN), Value::Bytes(b"hi".to_vec()), Value::Int(big)];
        assert_eq!(compact_json(&values.into()), r#"[NaN,"aGk=",123456789012345678901234567890]"#);
    }
}
