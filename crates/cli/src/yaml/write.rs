//! YAML as the library behind `aws` (libyaml) lays it out, at 80 columns.
//!
//! Blocks, not brackets; a list under a key is not indented; keys are sorted. A text stands bare if it can be read
//! back as the same text, else in single quotes, else in double quotes with escapes.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::scalar::{self, Kind};
use crate::python;
use crate::value::{Map, Value};

/// Where long lines are broken, at the next blank.
const BEST_WIDTH: usize = 80;

const INDENT: usize = 2;

/// A key this long or longer does not stand on the line of its value.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Bytes in Base64 come in lines of this length.
const BASE64_LINE: usize = 76;

/// A document. A lone scalar is written as JSON, since YAML would need a line that says where it ends.
pub(crate) fn write(value: &Value) -> String {
    if value.is_scalar() {
        return format!("{}\n", python::pretty_json(value, false));
    }
    let mut writer = Writer::default();
    writer.node(value, Place::Top);
    writer.line_end();
    writer.out
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    /// Behind `- `.
    Item,
    /// Behind `key:`.
    Value,
    /// Behind the `:` of a key that has lines of its own.
    LongValue,
}

#[derive(Default)]
struct Writer {
    out: String,
    column: usize,
    /// Blanks in front of the lines of the current block; none yet at the top.
    indent: Option<usize>,
}

impl Writer {
    fn node(&mut self, value: &Value, place: Place) {
        match value {
            Value::List(items) if items.is_empty() => self.word(place, "[]"),
            Value::Map(map) if map.is_empty() => self.word(place, "{}"),
            Value::List(items) => self.list(items, place),
            Value::Map(map) => self.map(map, place),
            Value::Bytes(bytes) => self.bytes(bytes, place),
            Value::Text(text) => {
                self.blank_before(place);
                self.nested(false, |writer| writer.text(text, true));
            }
            Value::Null => self.word(place, "null"),
            Value::Bool(on) => self.word(place, if *on { "true" } else { "false" }),
            Value::Int(int) => self.word(place, &int.to_string()),
            Value::Float(float) => self.word(place, &float_text(*float)),
            Value::Time(time) => self.word(place, &time.to_string()),
        }
    }

    /// Writes with one more step of indentation. A list under a key keeps the key's.
    fn nested(&mut self, keeps: bool, write: impl FnOnce(&mut Self)) {
        let outer = self.indent;
        self.indent = Some(match outer {
            None => 0,
            Some(indent) if keeps => indent,
            Some(indent) => indent + INDENT,
        });
        write(self);
        self.indent = outer;
    }

    fn list(&mut self, items: &[Value], place: Place) {
        self.nested(place == Place::Value, |writer| {
            for (at, item) in items.iter().enumerate() {
                writer.start_entry(at, place);
                writer.put("-");
                writer.node(item, Place::Item);
            }
        });
    }

    fn map(&mut self, map: &Map, place: Place) {
        let sorted: BTreeMap<&String, &Value> = map.iter().collect();
        self.nested(false, |writer| {
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                writer.start_entry(at, place);
                let place = writer.key(key);
                writer.node(value, place);
            }
        });
    }

    fn key(&mut self, key: &str) -> Place {
        let is_simple = key.len() <= LONGEST_SIMPLE_KEY && !Analysis::of(key).breaks;
        if is_simple {
            self.nested(false, |writer| writer.text(key, false));
        } else {
            self.put("? ");
            self.nested(false, |writer| writer.text(key, true));
            self.start_line();
        }
        self.put(":");
        if is_simple { Place::Value } else { Place::LongValue }
    }

    /// The first entry inside another one stands on its line.
    fn start_entry(&mut self, at: usize, place: Place) {
        if at == 0 && matches!(place, Place::Item | Place::LongValue) {
            self.put(" ");
        } else {
            self.start_line();
        }
    }

    fn bytes(&mut self, bytes: &[u8], place: Place) {
        self.word(place, "!!binary |");
        let text = BASE64_STANDARD.encode(bytes);
        self.nested(false, |writer| {
            for line in text.as_bytes().chunks(BASE64_LINE) {
                writer.start_line();
                writer.put(&String::from_utf8_lossy(line));
            }
        });
    }

    fn word(&mut self, place: Place, word: &str) {
        self.blank_before(place);
        self.put(word);
    }

    fn blank_before(&mut self, place: Place) {
        if place != Place::Top {
            self.put(" ");
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn start_line(&mut self) {
        if !self.out.is_empty() {
            self.line_end();
        }
        let indent = self.indent.unwrap_or_default();
        self.put(&" ".repeat(indent));
    }

    fn line_end(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// A text in the plainest style that keeps it. Only outside of keys may lines be broken.
    fn text(&mut self, text: &str, may_break: bool) {
        let analysis = Analysis::of(text);
        if analysis.plain && scalar::kind(text) == Kind::Text {
            self.plain(text, may_break);
        } else if analysis.single_quoted && (may_break || !analysis.breaks) {
            self.single_quoted(text, may_break);
        } else {
            self.double_quoted(text, may_break);
        }
    }

    fn plain(&mut self, text: &str, may_break: bool) {
        let chars: Vec<char> = text.chars().collect();
        let mut after_blank = false;
        for (at, &c) in chars.iter().enumerate() {
            if c == ' ' && may_break && !after_blank && self.column > BEST_WIDTH && chars.get(at + 1) != Some(&' ') {
                self.start_line();
            } else {
                self.put(c.encode_utf8(&mut [0; 4]));
            }
            after_blank = c == ' ';
        }
    }

    fn single_quoted(&mut self, text: &str, may_break: bool) {
        let chars: Vec<char> = text.chars().collect();
        let (mut after_blank, mut after_break) = (false, false);
        self.put("'");
        for (at, &c) in chars.iter().enumerate() {
            let is_inside = at > 0 && at + 1 < chars.len();
            if is_break(c) {
                // The first break of several is written twice, because reading folds one into a blank.
                if !after_break && c == '\n' {
                    self.line_end();
                }
                self.line_break(c);
                after_break = true;
                after_blank = false;
                continue;
            }
            if after_break {
                self.put(&" ".repeat(self.indent.unwrap_or_default()));
                after_break = false;
            }
            if c == ' ' {
                let breaks = may_break && !after_blank && self.column > BEST_WIDTH && is_inside;
                if breaks && chars.get(at + 1) != Some(&' ') {
                    self.start_line();
                } else {
                    self.put(" ");
                }
                after_blank = true;
                continue;
            }
            if c == '\'' {
                self.put("'");
            }
            self.put(c.encode_utf8(&mut [0; 4]));
            after_blank = false;
        }
        if after_break {
            self.put(&" ".repeat(self.indent.unwrap_or_default()));
        }
        self.put("'");
    }

    fn line_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }

    fn double_quoted(&mut self, text: &str, may_break: bool) {
        let chars: Vec<char> = text.chars().collect();
        let mut after_blank = false;
        self.put("\"");
        for (at, &c) in chars.iter().enumerate() {
            let is_inside = at > 0 && at + 1 < chars.len();
            if !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.put(&escaped(c));
            } else if c == ' ' && may_break && !after_blank && self.column > BEST_WIDTH && is_inside {
                // The break stands for this blank; another one after it counts only behind a backslash.
                self.start_line();
                if chars[at + 1] == ' ' {
                    self.put("\\");
                }
            } else {
                self.put(c.encode_utf8(&mut [0; 4]));
            }
            after_blank = c == ' ';
        }
        self.put("\"");
    }
}

/// Which styles keep a text.
struct Analysis {
    plain: bool,
    single_quoted: bool,
    breaks: bool,
}

impl Analysis {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let (Some(&first), Some(&last)) = (chars.first(), chars.last()) else {
            return Self { plain: false, single_quoted: true, breaks: false };
        };
        let is_blank = |c: char| c == ' ' || is_break(c);
        let pairs = || chars.windows(2).map(|pair| (pair[0], pair[1]));
        let breaks = chars.iter().any(|&c| is_break(c));
        let special = chars.iter().any(|&c| !is_printable(c));
        let blank_then_break = pairs().any(|(a, b)| a == ' ' && is_break(b));
        let break_then_blank = pairs().any(|(a, b)| is_break(a) && b == ' ');
        let plain = !indicates(&chars) && !breaks && !special && !is_blank(first) && !is_blank(last);
        Self { plain, single_quoted: !special && !blank_then_break && !break_then_blank, breaks }
    }
}

/// Whether a character would begin something else than a text.
fn indicates(chars: &[char]) -> bool {
    let ends = |at: usize| chars.get(at).is_none_or(|&c| matches!(c, ' ' | '\t' | '\0') || is_break(c));
    let starts_document = matches!(chars.get(..3), Some(['-', '-', '-'] | ['.', '.', '.']));
    starts_document
        || chars.iter().enumerate().any(|(at, &c)| match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                if at == 0 =>
            {
                true
            }
            '?' | '-' if at == 0 => ends(1),
            ':' => ends(at + 1),
            '#' => ends(at - 1),
            _ => false,
        })
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml takes for printable, which ends with the Basic Multilingual Plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

fn escaped(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(c);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

fn float_text(float: f64) -> String {
    match float {
        float if float.is_nan() => ".nan".to_owned(),
        f64::INFINITY => ".inf".to_owned(),
        f64::NEG_INFINITY => "-.inf".to_owned(),
        float => python::float_repr(float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;
    use serde_json::json;

    fn yaml(value: serde_json::Value) -> String {
        write(&value.into())
    }

    #[test]
    fn blocks_are_laid_out_as_libyaml_does() {
        let value = json!({"b": [1, {"d": [], "c": {}}, [[true, null]]], "a": {"k": 1.0}, "": "x"});
        let expected = "'': x\na:\n  k: 1.0\nb:\n- 1\n- c: {}\n  d: []\n- - - true\n    - null\n";
        assert_eq!(yaml(value), expected);
        assert_eq!(yaml(json!([])), "[]\n");
        assert_eq!(yaml(json!("é")), "\"é\"\n");
        assert_eq!(yaml(json!(null)), "null\n");
    }

    /// As libyaml writes them.
    #[test]
    fn texts_are_quoted_only_if_they_must_be() {
        for (text, expected) in [
            ("", "''"),
            ("plain", "plain"),
            ("é", "é"),
            ("12", "'12'"),
            ("true", "'true'"),
            ("yes", "yes"),
            ("=", "'='"),
            ("2024-01-02T03:04:05Z", "'2024-01-02T03:04:05Z'"),
            (" lead", "' lead'"),
            ("a: b", "'a: b'"),
            ("a:b", "a:b"),
            ("a #b", "'a #b'"),
            ("a#b", "a#b"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            ("?x", "?x"),
            ("[x", "'[x'"),
            ("a,b", "a,b"),
            ("it's", "it's"),
            ("'", "''''"),
            ("\\", "\\"),
            ("tab\t", "\"tab\\t\""),
            ("😀", "\"\\U0001F600\""),
            ("---", "'---'"),
            ("a\nb", "'a\n\n  b'"),
            ("\n", "'\n\n  '"),
            ("a\n b", "\"a\\n b\""),
            ("a\r", "\"a\\r\""),
        ] {
            assert_eq!(yaml(json!([text])), format!("- {expected}\n"), "{text:?}");
        }
    }

    #[test]
    fn long_lines_are_broken_at_blanks() {
        let expected = format!("- {}\n  {}\n", ["bbbb"; 16].join(" "), ["bbbb"; 4].join(" "));
        let text = ["bbbb"; 20].join(" ");
        assert_eq!(yaml(json!([text])), expected);
        let broken = yaml(json!([format!("\u{7}{}", "cc  ".repeat(30))]));
        assert!(broken.contains("cc\n  \\ cc"), "{broken}");
    }

    #[test]
    fn a_long_key_has_a_line_of_its_own() {
        let key = "k".repeat(130);
        let expected = format!("? {key}\n: - 1\n  - x: 2\n");
        assert_eq!(yaml(json!({ key.as_str(): [1, {"x": 2}] })), expected);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let texts = ["a\nb\n", "x  y", "\u{1}", "null", "1e3", "#", "a: 'b'", "\n\n", "trail "];
        let long = ["word"; 60].join(" ");
        let value: Value = json!({"texts": texts, "more": {"long": long}}).into();
        assert_eq!(read(&write(&value)), Ok(value));
        let bytes = Value::List(vec![Value::Bytes(vec![7; 100])]);
        assert_eq!(read(&write(&bytes)), Ok(bytes));
    }
}
