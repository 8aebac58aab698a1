//! JSON read as Python's `json.loads` reads it, with its words for what is wrong.
//!
//! It differs from the standard (RFC 8259) in three points that `aws` passes on: whole numbers keep all their digits,
//! `NaN` and `Infinity` are numbers, and of two equal keys the last one counts.

use std::fmt;

use super::numbers;
use crate::value::{Int, Map, Value};

/// Deeper nesting is refused, as Python's own limit on recursion refuses it.
const DEEPEST: usize = 900;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    message: &'static str,
    line: usize,
    column: usize,
    /// The character, counted from zero.
    at: usize,
}

impl JsonError {
    /// What is wrong, without where.
    pub(crate) fn message(&self) -> &'static str {
        self.message
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {} column {} (char {})", self.message, self.line, self.column, self.at)
    }
}

/// Reads one JSON text.
pub(crate) fn json(text: &str) -> Result<Value, JsonError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.document().map_err(|Problem { message, at }| {
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        JsonError {
            message,
            line: before.matches('\n').count() + 1,
            column: text[line_start..at].chars().count() + 1,
            at: before.chars().count(),
        }
    })
}

/// What is wrong at which byte.
struct Problem {
    message: &'static str,
    at: usize,
}

struct Parser<'t> {
    text: &'t str,
    /// The next byte.
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<Value, Problem> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.problem("Unexpected UTF-8 BOM (decode using utf-8-sig)"));
        }
        self.skip_blanks();
        let value = self.value()?;
        self.skip_blanks();
        if self.at < self.text.len() {
            return Err(self.problem("Extra data"));
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<Value, Problem> {
        match self.current() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Problem>) -> Result<Value, Problem> {
        if self.depth == DEEPEST {
            return Err(self.problem("Too many brackets inside each other"));
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value, Problem> {
        let mut map = Map::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Value::Map(map));
        }
        loop {
            if self.current() != Some(b'"') {
                return Err(self.problem("Expecting property name enclosed in double quotes"));
            }
            let key = self.string()?;
            self.skip_blanks();
            if !self.take(b':') {
                return Err(self.problem("Expecting ':' delimiter"));
            }
            self.skip_blanks();
            let value = self.value()?;
            map.insert(key, value);
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(Value::Map(map));
            }
            self.comma()?;
        }
    }

    fn array(&mut self) -> Result<Value, Problem> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Value::List(items));
            }
            self.comma()?;
        }
    }

    fn comma(&mut self) -> Result<(), Problem> {
        if !self.take(b',') {
            return Err(self.problem("Expecting ',' delimiter"));
        }
        self.skip_blanks();
        Ok(())
    }

    /// A number or one of the few words.
    fn word(&mut self) -> Result<Value, Problem> {
        const WORDS: [(&str, Value); 6] = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        let rest = &self.text[self.at..];
        if let Some((word, value)) = WORDS.into_iter().find(|(word, _)| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(value);
        }
        let (length, is_whole) = number(rest).ok_or_else(|| self.problem("Expecting value"))?;
        let digits = &rest[..length];
        self.at += length;
        let whole = || Int::parse(digits).map(Value::Int);
        let float = || numbers::float(digits).map(Value::Float);
        Ok(if is_whole { whole() } else { float() }.unwrap_or_default())
    }

    /// A text in quotes; the first one is the current byte.
    fn string(&mut self) -> Result<String, Problem> {
        let start = self.at;
        let unterminated = Problem { message: "Unterminated string starting at", at: start };
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(plain) = rest.find(|c| c == '"' || c == '\\' || c < ' ') else { return Err(unterminated) };
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.current() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => match self.text.as_bytes().get(self.at + 1) {
                    None => return Err(unterminated),
                    Some(b'u') => out.push(self.unicode_escape()?),
                    Some(_) => out.push(self.simple_escape()?),
                },
                _ => return Err(self.problem("Invalid control character at")),
            }
        }
    }

    fn simple_escape(&mut self) -> Result<char, Problem> {
        let c = match self.text.as_bytes()[self.at + 1] {
            c @ (b'"' | b'\\' | b'/') => char::from(c),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return Err(self.problem("Invalid \\escape")),
        };
        self.at += 2;
        Ok(c)
    }

    /// One character, perhaps written as two surrogates; half of one cannot be kept and is replaced.
    fn unicode_escape(&mut self) -> Result<char, Problem> {
        let invalid = Problem { message: "Invalid \\uXXXX escape", at: self.at + 1 };
        let high = self.hex(self.at).ok_or(invalid)?;
        self.at += 6;
        if let Some(c) = char::from_u32(high) {
            return Ok(c);
        }
        let pair = self.hex(self.at).filter(|low| (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(low));
        let c = pair.and_then(|low| char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)));
        self.at += if c.is_some() { 6 } else { 0 };
        Ok(c.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The number behind `\u` at a byte.
    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn problem(&self, message: &'static str) -> Problem {
        Problem { message, at: self.at }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.current(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.current() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn current(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// How long the number at the start of `text` is, and whether it is a whole one.
fn number(text: &str) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let start = usize::from(bytes.first() == Some(&b'-'));
    let mut end = match bytes.get(start)? {
        b'0' => start + 1,
        b'1'..=b'9' => start + digits(start),
        _ => return None,
    };
    let whole = end;
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(end + 1 + sign..).map_or(0, |_| digits(end + 1 + sign));
        end += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    Some((end, end == whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python;

    #[test]
    fn every_kind_of_value_is_read() {
        for (text, expected) in [
            (r#" {"b": [1, -0, 2.5, 1E3, 1e-7], "a": {}} "#, r#"{"b": [1, 0, 2.5, 1000.0, 1e-07], "a": {}}"#),
            (r#"[null, true, false, NaN, -Infinity]"#, r#"[null, true, false, NaN, -Infinity]"#),
            (r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, r#""\"\\/\b\f\n\r\t\u00e9\ud83d\ude00""#),
            (r#"123456789012345678901234567890"#, "123456789012345678901234567890"),
            (r#"1e999"#, "Infinity"),
            (r#"{"a": 1, "a": 2}"#, r#"{"a": 2}"#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\ud83d\u0041""#, r#""\ufffdA""#),
        ] {
            assert_eq!(json(text).map(|value| python::inline_json(&value)).as_deref(), Ok(expected), "{text}");
        }
    }

    /// As Python 3.11 says it.
    #[test]
    fn mistakes_are_told_in_pythons_words() {
        for (text, expected) in [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("{\"Name\": ", "Expecting value: line 1 column 10 (char 9)"),
            ("{oops", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{\"a\":1,}", "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ("{\"a\":1 \"b\"", "Expecting ',' delimiter: line 1 column 8 (char 7)"),
            ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
            ("[\n\"é", "Unterminated string starting at: line 2 column 1 (char 2)"),
            ("\"a\\", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"),
            ("\"a\\x\"", "Invalid \\escape: line 1 column 3 (char 2)"),
            ("\"\\u12g4\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("\"\\u12\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("é 1", "Expecting value: line 1 column 1 (char 0)"),
            ("1 2", "Extra data: line 1 column 3 (char 2)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("1.", "Extra data: line 1 column 2 (char 1)"),
            ("1e", "Extra data: line 1 column 2 (char 1)"),
            ("-", "Expecting value: line 1 column 1 (char 0)"),
            ("[tru]", "Expecting value: line 1 column 2 (char 1)"),
        ] {
            assert_eq!(json(text).map_err(|problem| problem.to_string()), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn endless_brackets_are_refused() {
        assert!(json(&"[".repeat(100_000)).is_err());
    }
}
