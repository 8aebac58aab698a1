//! Reads one YAML document into a value.
//!
//! The crate `saphyr-parser` splits the text into events; what they mean is settled here, as the "safe" loader behind
//! `aws` does it: a key twice in one map is a mistake, and so is a tag that is not one of YAML's own.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

use super::scalar::{self, Kind};
use crate::python;
use crate::value::{Map, Value};

/// Deeper nesting is refused.
const DEEPEST: usize = 200;

/// More values are refused: aliases of aliases could make a few lines into more than a machine holds.
const MOST_VALUES: usize = 1_000_000;

/// A text that is not one document of YAML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotYaml;

/// Reads a text; an empty one is null.
pub(crate) fn read(text: &str) -> Result<Value, NotYaml> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), values: 0, depth: 0 };
    let Some(start) = reader.skip_to_document()? else { return Ok(Value::Null) };
    let value = reader.value(start)?.value;
    reader.end()?;
    Ok(value)
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Value>,
    values: usize,
    depth: usize,
}

/// A value, and whether it is the plain `<<`.
struct Read {
    value: Value,
    is_merge: bool,
}

impl From<Value> for Read {
    fn from(value: Value) -> Self {
        Self { value, is_merge: false }
    }
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, NotYaml> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(_)) | None => Err(NotYaml),
        }
    }

    /// The first event of the document, if there is one.
    fn skip_to_document(&mut self) -> Result<Option<Event<'t>>, NotYaml> {
        loop {
            match self.next()? {
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
                Event::StreamEnd => return Ok(None),
                event => return Ok(Some(event)),
            }
        }
    }

    /// One document is all there may be.
    fn end(&mut self) -> Result<(), NotYaml> {
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(()),
                Event::Nothing | Event::DocumentEnd => {}
                _ => return Err(NotYaml),
            }
        }
    }

    fn value(&mut self, event: Event<'t>) -> Result<Read, NotYaml> {
        self.values += 1;
        if self.values > MOST_VALUES || self.depth > DEEPEST {
            return Err(NotYaml);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain;
                let is_merge = is_plain && tag.is_none() && scalar::kind(&text) == Kind::Merge;
                let value = scalar_value(&text, is_plain, tag.as_deref())?;
                self.remember(anchor, &value);
                Ok(Read { value, is_merge })
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().ok_or(NotYaml)?;
                self.values += size(&value);
                Ok(value.into())
            }
            Event::SequenceStart(anchor, tag) => {
                known(tag.as_deref(), "seq")?;
                let value = self.nested(Self::list)?;
                self.remember(anchor, &value);
                Ok(value.into())
            }
            Event::MappingStart(anchor, tag) => {
                known(tag.as_deref(), "map")?;
                let value = self.nested(Self::map)?;
                self.remember(anchor, &value);
                Ok(value.into())
            }
            _ => Err(NotYaml),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, NotYaml>) -> Result<Value, NotYaml> {
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn remember(&mut self, anchor: usize, value: &Value) {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
    }

    fn list(&mut self) -> Result<Value, NotYaml> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(items.into()),
                event => items.push(self.value(event)?.value),
            }
        }
    }

    fn map(&mut self) -> Result<Value, NotYaml> {
        let mut map = Map::new();
        let mut merged = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                event => self.value(event)?,
            };
            let event = self.next()?;
            let value = self.value(event)?.value;
            if key.is_merge {
                merged.extend(maps(value)?);
                continue;
            }
            if !key.value.is_scalar() || map.insert(python::display(&key.value), value).is_some() {
                return Err(NotYaml);
            }
        }
        // What the map says itself goes before what it takes over.
        for (key, value) in merged.into_iter().flatten() {
            map.entry(key).or_insert(value);
        }
        Ok(map.into())
    }
}

/// How many values a value holds.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The maps behind `<<`.
fn maps(value: Value) -> Result<Vec<Map>, NotYaml> {
    match value {
        Value::Map(map) => Ok(vec![map]),
        Value::List(items) => items
            .into_iter()
            .map(|item| match item {
                Value::Map(map) => Ok(map),
                _ => Err(NotYaml),
            })
            .collect(),
        _ => Err(NotYaml),
    }
}

/// The tag `!`, which says only that a scalar is not what it looks like.
fn is_bare(tag: &Tag) -> bool {
    let written = format!("{}{}", tag.handle, tag.suffix);
    written == "!"
}

/// A collection may only have the tag that it would have anyway.
fn known(tag: Option<&Tag>, expected: &str) -> Result<(), NotYaml> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix != expected => Err(NotYaml),
        Some(tag) if !tag.is_yaml_core_schema() && !is_bare(tag) => Err(NotYaml),
        _ => Ok(()),
    }
}

fn scalar_value(text: &str, is_plain: bool, tag: Option<&Tag>) -> Result<Value, NotYaml> {
    let Some(tag) = tag else {
        return if is_plain { scalar::value(text).ok_or(NotYaml) } else { Ok(Value::from(text)) };
    };
    if !tag.is_yaml_core_schema() {
        return if is_bare(tag) { Ok(Value::from(text)) } else { Err(NotYaml) };
    }
    let meant = || scalar::value(text).ok_or(NotYaml);
    match (tag.suffix.as_str(), scalar::kind(text)) {
        ("str", _) => Ok(Value::from(text)),
        ("null", _) => Ok(Value::Null),
        ("binary", _) => {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            BASE64_STANDARD.decode(text).map(Value::Bytes).map_err(|_| NotYaml)
        }
        ("int", Kind::Int) | ("float", Kind::Float) | ("bool", Kind::Bool) | ("timestamp", Kind::Timestamp) => meant(),
        ("float", Kind::Int) => python::float(text).map(Value::Float).ok_or(NotYaml),
        _ => Err(NotYaml),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        read(text).map_or_else(|_| "not YAML".to_owned(), |value| python::repr(&value))
    }

    #[test]
    fn documents_become_values() {
        for (text, expected) in [
            ("", "None"),
            ("# nothing\n", "None"),
            ("a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n- d: true\n", r"{'a': 1, 'b': ['x', 'y', 'z\n'], 'c': [{'d': True}]}"),
            (r#"{"json": [1.5, null]}"#, "{'json': [1.5, None]}"),
            ("--- a\n...\n", "'a'"),
            ("t: |\n  one\n  two\nf: >-\n  one\n  two\n", r"{'t': 'one\ntwo\n', 'f': 'one two'}"),
            (
                "a: &x {k: v}\nb: *x\nc:\n  <<: *x\n  k: w\n  l: m\n",
                "{'a': {'k': 'v'}, 'b': {'k': 'v'}, 'c': {'k': 'w', 'l': 'm'}}",
            ),
            ("a: !!binary aGk=\nb: !!str 12\nc: !!float 1\n", "{'a': b'hi', 'b': '12', 'c': 1.0}"),
            ("d: ! 5\n", "{'d': '5'}"),
            ("a: 2024-01-02\n", "{'a': datetime.date(2024, 1, 2)}"),
            ("a: ''\nb:\n", "{'a': '', 'b': None}"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in
            ["a: b: c", "[1", "a: 1\na: 2", "a\n---\nb", "a: !mine x", "*x", "a: 2024-02-31", "{[a]: b}", "a: !!int x"]
        {
            assert_eq!(shown(text), "not YAML", "{text}");
        }
        assert_eq!(read(&"[".repeat(10_000)), Err(NotYaml));
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(read(&laughs), Err(NotYaml));
    }
}
