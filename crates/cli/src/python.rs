//! The few traits of Python that show through `aws`: how it writes JSON, numbers and types.
//!
//! Scripts compare and parse what `aws` prints, so the layout is kept to the letter: four blanks of indentation,
//! `12.0` for a whole float, `1e-07` for a small one. Requests use the same writer, which makes their bytes, and so
//! their signatures, equal to those of the Python clients.

use serde_json::{Map, Number, Value};

const INDENT: usize = 4;

/// JSON over several lines. Non-ASCII characters stay as they are unless `ascii` asks for escapes.
pub(crate) fn pretty_json(value: &Value, ascii: bool) -> String {
    let mut out = String::new();
    write_json(&mut out, value, &Layout { indent: Some(0), separators: [",", ": "], ascii });
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

struct Layout {
    /// The columns the enclosing bracket is indented by, where lines are broken.
    indent: Option<usize>,
    /// What stands between two entries, and between a key and its value.
    separators: [&'static str; 2],
    ascii: bool,
}

fn write_json(out: &mut String, value: &Value, layout: &Layout) {
    match value {
        Value::Array(items) => write_all(out, ['[', ']'], items, layout, |out, item, inner| {
            write_json(out, item, inner);
        }),
        Value::Object(map) => write_all(out, ['{', '}'], map, layout, |out, (key, value), inner| {
            write_string(out, key, inner.ascii);
            out.push_str(inner.separators[1]);
            write_json(out, value, inner);
        }),
        Value::String(text) => write_string(out, text, layout.ascii),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
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

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_repr(float),
        _ => number.to_string(),
    }
}

/// The shortest digits that give the number back, with an exponent below 1e-4 and from 1e16 on.
pub(crate) fn float_repr(float: f64) -> String {
    if !float.is_finite() {
        return float.to_string();
    }
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = float.to_string();
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// What `int()` makes of a text: blanks around it, a sign, and single underscores between digits are fine.
pub(crate) fn int(text: &str) -> Option<Number> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let plain = text.replace('_', "");
    let signed = plain.parse::<i64>().map(Number::from);
    signed.or_else(|_| plain.parse::<u64>().map(Number::from)).ok()
}

/// What `float()` makes of a text, as far as JSON can carry it.
pub(crate) fn float(text: &str) -> Option<Number> {
    let plain = text.trim();
    if !plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E')) {
        return None;
    }
    plain.parse().ok().and_then(Number::from_f64)
}

/// The type of a value as an error message shows it.
pub(crate) fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "<class 'NoneType'>",
        Value::Bool(_) => "<class 'bool'>",
        Value::Number(number) if number.is_f64() => "<class 'float'>",
        Value::Number(_) => "<class 'int'>",
        Value::String(_) => "<class 'str'>",
        Value::Array(_) => "<class 'list'>",
        Value::Object(_) => "<class 'dict'>",
    }
}

/// The value as an error message shows it: a text bare, everything else as Python would write it in source.
pub(crate) fn display(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number_text(number),
        Value::String(text) => repr_string(text),
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => repr_map(map),
    }
}

fn repr_map(map: &Map<String, Value>) -> String {
    let entries: Vec<_> = map.iter().map(|(key, value)| format!("{}: {}", repr_string(key), repr(value))).collect();
    format!("{{{}}}", entries.join(", "))
}

fn repr_string(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_laid_out_as_python_lays_it_out() {
        let value = json!({"a": [], "b": {}, "c": [1, {"d": "é\u{1}\"😀"}], "e": 12.0, "f": null});
        let expected = "{\n    \"a\": [],\n    \"b\": {},\n    \"c\": [\n        1,\n        {\n            \
                        \"d\": \"é\\u0001\\\"😀\"\n        }\n    ],\n    \"e\": 12.0,\n    \"f\": null\n}";
        assert_eq!(pretty_json(&value, false), expected);
        let inline = r#"{"a": [], "b": {}, "c": [1, {"d": "\u00e9\u0001\"\ud83d\ude00"}], "e": 12.0, "f": null}"#;
        assert_eq!(inline_json(&value), inline);
        assert_eq!(compact_json(&json!({"a": [1, 2], "b": 3})), r#"{"a":[1,2],"b":3}"#);
    }

    #[test]
    fn floats_have_the_shortest_form() {
        for (float, expected) in [
            (12.0, "12.0"),
            (0.1, "0.1"),
            (1e-7, "1e-07"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (123_456_789_012_345_680_000.0, "1.2345678901234568e+20"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-0.0, "-0.0"),
            (1_700_000_000.123, "1700000000.123"),
        ] {
            assert_eq!(float_repr(float), expected);
        }
    }

    #[test]
    fn integers_are_read_as_int_reads_them() {
        assert_eq!(int(" +5 "), Some(5.into()));
        assert_eq!(int("1_000"), Some(1000.into()));
        assert_eq!(int("-5"), Some((-5).into()));
        for bad in ["", "1.5", "1e3", "abc", "_1", "1__0", "- 5"] {
            assert_eq!(int(bad), None, "{bad}");
        }
    }

    #[test]
    fn floats_are_read_as_float_reads_them() {
        assert_eq!(float("1e3"), Number::from_f64(1000.0));
        assert_eq!(float("nan"), None);
        assert_eq!(float("x"), None);
    }

    #[test]
    fn values_in_messages() {
        assert_eq!(display(&json!("x")), "x");
        assert_eq!(display(&json!({"a": ["it's", true, null]})), r#"{'a': ["it's", True, None]}"#);
        assert_eq!(class(&json!(1.0)), "<class 'float'>");
    }
}
