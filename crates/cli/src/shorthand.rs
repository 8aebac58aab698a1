//! The shorthand syntax of `aws`: `Name=x,LexRegion=y` instead of JSON.
//!
//! One word gives one object. The parser knows no model; `values` gives the texts their types afterwards.
//! The grammar is the one in the user guide ("Using shorthand syntax") as the clients read it:
//!
//! ```text
//! parameter = keyval *("," keyval)
//! keyval    = key ("=" / "@=") values            ; "@=": a value file://… is read from that file
//! key       = *[A-Za-z0-9-_.#/:]
//! values    = csv / "[" [value *("," value)] "]" / "{" [keyval *("," keyval)] "}"
//! csv       = value *("," value)                 ; ends before an item that turns out to be the next key
//! value     = 'quoted' / "quoted" / bare
//! ```

use crate::paramfile::{self, Content};
use crate::value::{Map, Value};

/// Reads one word of shorthand.
///
/// # Errors
/// Says what was expected, and points at where.
pub(crate) fn parse(text: &str) -> Result<Value, Mistake> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, reads_files: false };
    parser.parameter().map(Value::Map).map_err(|problem| problem.describe(&parser.chars))
}

/// Why a word could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// It does not follow the syntax.
    Syntax(String),
    /// A file that it names cannot be read.
    File(String),
}

/// What went wrong, and at which character.
enum Problem {
    Expected { expected: String, received: String, at: usize },
    Duplicate { key: String, at: usize },
    File(String),
}

impl Problem {
    fn describe(&self, chars: &[char]) -> Mistake {
        let text = match self {
            Self::Expected { expected, received, at } => {
                format!("Expected: '{expected}', received: '{received}' for input:\n {}", pointed(chars, *at))
            }
            Self::Duplicate { key, at } => format!(
                "Second instance of key \"{key}\" encountered for input:\n{}\n\
                 This is often because there is a preceding \",\" instead of a space.",
                pointed(chars, *at)
            ),
            Self::File(problem) => return Mistake::File(problem.clone()),
        };
        Mistake::Syntax(text)
    }
}

/// The text with a caret under the character at `at`.
fn pointed(chars: &[char], at: usize) -> String {
    let line_start = chars[..at].iter().rposition(|&c| c == '\n').map_or(0, |newline| newline + 1);
    let line_end = chars[at..].iter().position(|&c| c == '\n').map_or(chars.len(), |newline| at + newline);
    let before: String = chars[..line_end].iter().collect();
    let after: String = chars[line_end..].iter().collect();
    format!("{before}\n{}^{after}", " ".repeat(at - line_start))
}

/// What may stand around a sign: the blanks of ASCII, and no others.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Whether a bare value may begin with `c`.
fn starts_value(c: char) -> bool {
    c > ' ' && !matches!(c, '"' | '\'' | ',' | '=' | '[' | '{')
}

/// Whether a bare value in first place, or in brackets, may go on with `c`.
fn continues_first(c: char) -> bool {
    c.is_whitespace() || (c > ' ' && !matches!(c, '"' | '\'' | ',' | ']' | '}'))
}

/// Whether a later item of a list without brackets may go on with `c`: not with `=`, or it would swallow a key.
fn continues_later(c: char) -> bool {
    c.is_whitespace() || (c > ' ' && !matches!(c, '"' | '\'' | ',' | '='))
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    reads_files: bool,
}

impl Parser {
    fn parameter(&mut self) -> Result<Map, Problem> {
        let mut map = Map::new();
        loop {
            let start = self.at;
            let (key, value) = self.keyval(Self::values)?;
            if map.contains_key(&key) {
                return Err(Problem::Duplicate { key, at: start });
            }
            map.insert(key, value);
            if self.current().is_none() {
                return Ok(map);
            }
            self.expect(',')?;
        }
    }

    fn keyval(&mut self, values: fn(&mut Self) -> Result<Value, Problem>) -> Result<(String, Value), Problem> {
        let start = self.at;
        while self.current().is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c)) {
            self.at += 1;
        }
        let key = self.chars[start..self.at].iter().collect();
        self.skip_blanks();
        self.reads_files = self.current() == Some('@');
        self.at += usize::from(self.reads_files);
        self.expect('=')?;
        Ok((key, values(self)?))
    }

    fn values(&mut self) -> Result<Value, Problem> {
        match self.current() {
            Some('[') => self.list(),
            Some('{') => self.object(),
            Some(_) => self.csv(),
            None => Ok(Value::from("")),
        }
    }

    /// `a` is a text, `a,b` a list; in `a,b=c` the comma parts two keys.
    fn csv(&mut self) -> Result<Value, Problem> {
        let mut items = vec![self.value()?];
        self.skip_blanks();
        while self.current() == Some(',') {
            self.expect(',')?;
            let item = self.later_value();
            self.skip_blanks();
            match item {
                Ok(item) if matches!(self.current(), None | Some(',')) => items.push(item),
                Err(problem) if self.current().is_none() => return Err(problem),
                // It was a key: its comma is the next thing to read.
                _ => {
                    while self.current() != Some(',') {
                        self.at -= 1;
                    }
                    break;
                }
            }
        }
        if items.len() > 1 {
            return Ok(Value::List(items));
        }
        Ok(items.pop().unwrap_or_default())
    }

    fn list(&mut self) -> Result<Value, Problem> {
        self.expect('[')?;
        let mut items = Vec::new();
        while self.current() != Some(']') {
            items.push(self.inner_values()?);
            self.separate(']')?;
        }
        self.at += 1;
        Ok(Value::List(items))
    }

    fn object(&mut self) -> Result<Value, Problem> {
        self.expect('{')?;
        let mut map = Map::new();
        while self.current() != Some('}') {
            let (key, value) = self.keyval(Self::inner_values)?;
            map.insert(key, value);
            self.separate('}')?;
        }
        self.at += 1;
        Ok(Value::Map(map))
    }

    fn inner_values(&mut self) -> Result<Value, Problem> {
        match self.current() {
            Some('[') => self.list(),
            Some('{') => self.object(),
            _ => self.value(),
        }
    }

    /// After an item inside brackets: a comma, unless the bracket closes.
    fn separate(&mut self, close: char) -> Result<(), Problem> {
        self.skip_blanks();
        if self.current() == Some(close) { Ok(()) } else { self.expect(',') }
    }

    fn value(&mut self) -> Result<Value, Problem> {
        let text = match self.current() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote)?,
            _ => self.bare(continues_first).unwrap_or_default(),
        };
        self.resolved(text)
    }

    fn later_value(&mut self) -> Result<Value, Problem> {
        let text = match self.current() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote)?,
            _ => self.bare(continues_later).ok_or_else(|| self.expected("<second>", "<none>"))?,
        };
        self.resolved(text)
    }

    /// A value without quotes: `\,` is a comma, blanks at its end do not count.
    fn bare(&mut self, continues: fn(char) -> bool) -> Option<String> {
        let mut text = String::new();
        let mut fits: fn(char) -> bool = starts_value;
        while let Some(c) = self.current() {
            if c == '\\' && self.chars.get(self.at + 1) == Some(&',') {
                text.push(',');
                self.at += 2;
            } else if fits(c) {
                text.push(c);
                self.at += 1;
            } else {
                break;
            }
            fits = continues;
        }
        let found = !text.is_empty();
        text.truncate(text.trim_end().len());
        found.then_some(text)
    }

    /// A value in quotes, in which a backslash protects a quote or a backslash.
    fn quoted(&mut self, quote: char) -> Result<String, Problem> {
        let start = self.at + 1;
        let mut close = None;
        let mut at = start;
        while let Some(&c) = self.chars.get(at) {
            if c == '\\' && self.chars.get(at + 1) == Some(&quote) {
                // Should no other quote follow, this one closes the value.
                close = Some(at + 1);
                at += 2;
                continue;
            }
            if c == quote {
                close = Some(at);
                break;
            }
            at += 1;
        }
        let name = if quote == '"' { "<double quoted>" } else { "<singled quoted>" };
        let close = close.ok_or_else(|| self.expected(name, "<none>"))?;
        self.at = close + 1;
        let text: String = self.chars[start..close].iter().collect();
        Ok(text.replace(&format!("\\{quote}"), &quote.to_string()).replace("\\\\", "\\"))
    }

    fn resolved(&self, text: String) -> Result<Value, Problem> {
        if !self.reads_files {
            return Ok(Value::Text(text));
        }
        match paramfile::read(&text).map_err(Problem::File)? {
            None => Ok(Value::Text(text)),
            Some(Content::Text(content)) => Ok(Value::Text(content)),
            Some(Content::Bytes(bytes)) => Ok(Value::Bytes(bytes)),
        }
    }

    /// Takes `c` and the blanks around it.
    fn expect(&mut self, c: char) -> Result<(), Problem> {
        self.skip_blanks();
        if self.current() != Some(c) {
            let received = self.current().map_or_else(|| "EOF".to_owned(), |c| c.to_string());
            return Err(self.expected(&c.to_string(), &received));
        }
        self.at += 1;
        self.skip_blanks();
        Ok(())
    }

    fn expected(&self, expected: &str, received: &str) -> Problem {
        Problem::Expected { expected: expected.to_owned(), received: received.to_owned(), at: self.at }
    }

    fn skip_blanks(&mut self) {
        while self.current().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn current(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Mistake, parse};
    use serde_json::json;

    #[test]
    fn words_become_objects() {
        for (text, expected) in [
            ("a=b", json!({"a": "b"})),
            ("a=b,c", json!({"a": ["b", "c"]})),
            ("a=b,c=d", json!({"a": "b", "c": "d"})),
            ("a=b,c,d=e,f=g", json!({"a": ["b", "c"], "d": "e", "f": "g"})),
            ("Name=,LexRegion=r", json!({"Name": "", "LexRegion": "r"})),
            ("a=", json!({"a": ""})),
            ("s3={x=1,y=[a,b]}", json!({"s3": {"x": "1", "y": ["a", "b"]}})),
            ("a=[],b={}", json!({"a": [], "b": {}})),
            ("a=[{k=v},{k=w}]", json!({"a": [{"k": "v"}, {"k": "w"}]})),
            ("a = b , c = d e ", json!({"a": "b", "c": "d e"})),
            (r#"a='it\'s',b="x,y",c=u\,v"#, json!({"a": "it's", "b": "x,y", "c": "u,v"})),
            ("a=b=c", json!({"a": "b=c"})),
            ("a=[x=y]", json!({"a": ["x=y"]})),
            ("a=😀", json!({"a": "😀"})),
            ("a=\u{a0}b", json!({"a": "\u{a0}b"})),
            (r"a='b\'", json!({"a": "b\\"})),
            ("a=b,,c=d", json!({"a": "b", "c": "d"})),
            ("a=b,x[1],c=d", json!({"a": ["b", "x[1]"], "c": "d"})),
            ("k=[a,]", json!({"k": ["a"]})),
            ("a=b,'c',d=e", json!({"a": ["b", "c"], "d": "e"})),
        ] {
            assert_eq!(parse(text), Ok(expected.into()), "{text}");
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, expected) in [
            ("a", "Expected: '=', received: 'EOF' for input:\n a\n ^"),
            ("a=b,", "Expected: '<second>', received: '<none>' for input:\n a=b,\n    ^"),
            ("a=,", "Expected: '<second>', received: '<none>' for input:\n a=,\n   ^"),
            ("a=b}c", "Expected: ',', received: '}' for input:\n a=b}c\n   ^"),
            ("a=b,c d=e", "Expected: '=', received: 'd' for input:\n a=b,c d=e\n      ^"),
            ("a=[b", "Expected: ',', received: 'EOF' for input:\n a=[b\n    ^"),
            ("a='b", "Expected: '<singled quoted>', received: '<none>' for input:\n a='b\n  ^"),
            (
                "a=b,a=c",
                "Second instance of key \"a\" encountered for input:\na=b,a=c\n    ^\n\
                 This is often because there is a preceding \",\" instead of a space.",
            ),
        ] {
            assert_eq!(parse(text), Err(Mistake::Syntax(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_file_may_give_a_value() {
        assert_eq!(parse("a@=b"), Ok(json!({"a": "b"}).into()));
        assert!(
            matches!(parse("a@=file://nope"), Err(Mistake::File(text)) if text.starts_with("Unable to load paramfile"))
        );
    }
}
