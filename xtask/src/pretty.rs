//! JSON for people to read and for `git diff` to compare.
//!
//! One rule: a value that fits on its line stays on one line; any other is broken, one entry a line. The same value
//! always gives the same bytes.

use serde_json::Value;

/// The width a line may have.
const COLUMNS: usize = 120;
const INDENT: usize = 2;

/// The text of `value`, ending in a newline.
pub(crate) fn print(value: &Value) -> String {
    let mut out = String::new();
    Printer { out: &mut out }.value(value, 0, 0);
    out.push('\n');
    out
}

struct Printer<'a> {
    out: &'a mut String,
}

impl Printer<'_> {
    /// Prints `value` at `depth`, with `used` columns of its line taken by what stands before it.
    fn value(&mut self, value: &Value, depth: usize, used: usize) {
        let flat = flat(value);
        // One column is kept for the comma that may follow.
        if used + flat.chars().count() < COLUMNS {
            self.out.push_str(&flat);
            return;
        }
        match value {
            Value::Array(items) => self.broken('[', ']', depth, items.iter().map(|item| (String::new(), item))),
            Value::Object(map) => {
                self.broken('{', '}', depth, map.iter().map(|(key, value)| (format!("{}: ", string(key)), value)));
            }
            _ => self.out.push_str(&flat),
        }
    }

    fn broken<'v>(
        &mut self,
        open: char,
        close: char,
        depth: usize,
        entries: impl Iterator<Item = (String, &'v Value)>,
    ) {
        let inner = (depth + 1) * INDENT;
        self.out.push(open);
        for (index, (label, value)) in entries.enumerate() {
            self.out.push_str(if index == 0 { "\n" } else { ",\n" });
            self.spaces(inner);
            self.out.push_str(&label);
            self.value(value, depth + 1, inner + label.chars().count());
        }
        self.out.push('\n');
        self.spaces(depth * INDENT);
        self.out.push(close);
    }

    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }
}

/// The value on one line, with a blank after each comma and colon.
fn flat(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{}: {}", string(key), flat(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::String(text) => string(text),
        other => other.to_string(),
    }
}

fn string(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_stays_on_one_line() {
        let value = json!({"type": "string", "enum": ["A", "B"], "min": 1});
        assert_eq!(print(&value), "{\"type\": \"string\", \"enum\": [\"A\", \"B\"], \"min\": 1}\n");
    }

    #[test]
    fn what_does_not_fit_is_broken_and_nothing_is_lost() {
        let value = json!({"short": [1, 2], "long": vec!["0123456789"; 12], "empty": {}});
        let text = print(&value);
        assert!(text.starts_with("{\n  \"short\": [1, 2],\n  \"long\": [\n    \"0123456789\",\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= COLUMNS));
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
    }
}
