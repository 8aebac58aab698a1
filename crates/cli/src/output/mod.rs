//! How an answer is printed: one of the formats of `aws`, perhaps after a query.
//!
//! One rule: a page is printed when it arrives wherever the format allows it: text and YAML streams print page by
//! page, and so does JSON where the pages only make one list longer. (AWS CLI User Guide, "Setting the output format".)

mod listing;
mod pager;
mod table;
mod text;
mod width;

use std::io::Write;

use crate::errors::Failure;
use crate::jmespath::Expression;
use crate::paging::{self, Pages};
use crate::python;
use crate::value::{Map, Value};
use crate::yaml;

pub(crate) use pager::Screen;

/// How values are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Text,
    Table,
    Yaml,
    YamlStream,
    Off,
}

impl Format {
    /// The names of the formats, as `--output` takes them.
    pub(crate) const NAMES: [&'static str; 6] = ["json", "text", "table", "yaml", "yaml-stream", "off"];

    /// The format of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "json" => Self::Json,
            "text" => Self::Text,
            "table" => Self::Table,
            "yaml" => Self::Yaml,
            "yaml-stream" => Self::YamlStream,
            "off" => Self::Off,
            _ => return None,
        })
    }
}

/// What a table looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) color: bool,
    /// The columns of the terminal.
    pub(crate) width: usize,
}

/// What there is to print.
pub(crate) enum Reply<'p, 'c> {
    One(Map),
    Pages(&'p mut Pages<'c>),
}

/// Prints replies.
#[derive(Debug)]
pub(crate) struct Printer<'q> {
    pub(crate) format: Format,
    pub(crate) query: Option<&'q Expression>,
    pub(crate) style: Style,
}

impl Printer<'_> {
    /// Prints a reply; `title` heads a table.
    pub(crate) fn print(&self, title: &str, reply: Reply<'_, '_>, out: &mut dyn Write) -> Result<(), Failure> {
        match (self.format, reply) {
            (Format::Off, Reply::One(_)) => Ok(()),
            (Format::Off, Reply::Pages(pages)) => {
                while pages.next()?.is_some() {}
                Ok(())
            }
            (Format::Text, Reply::Pages(pages)) => self.text_pages(pages, out),
            (Format::YamlStream, Reply::Pages(pages)) => {
                while let Some(page) = pages.next()? {
                    self.stream_item(self.queried(page)?, out)?;
                }
                Ok(())
            }
            (Format::Json, Reply::Pages(pages)) if self.query.is_none() => listing::print(pages, out),
            (_, Reply::Pages(pages)) => {
                let whole = pages.whole()?;
                self.whole(title, whole, out)
            }
            (_, Reply::One(map)) => self.whole(title, map, out),
        }
    }

    fn whole(&self, title: &str, map: Map, out: &mut dyn Write) -> Result<(), Failure> {
        let value = self.queried(map)?;
        let is_empty_map = matches!(&value, Value::Map(map) if map.is_empty());
        match self.format {
            Format::Table => {
                let table = table::write(title, &value, self.style).map_err(Failure::Other)?;
                put(out, &table)
            }
            Format::Text => text_lines(&value, out),
            _ if is_empty_map => Ok(()),
            Format::Json => put(out, &format!("{}\n", python::pretty_json(&value, false))),
            Format::Yaml => put(out, &yaml::write(&value)),
            Format::YamlStream => self.stream_item(value, out),
            Format::Off => Ok(()),
        }
    }

    /// One page of a stream is a list with one element, so that all pages together are one list.
    fn stream_item(&self, value: Value, out: &mut dyn Write) -> Result<(), Failure> {
        put(out, &yaml::write(&Value::List(vec![value])))
    }

    /// Each page by itself, without what is the same on every page; then the token to go on with.
    fn text_pages(&self, pages: &mut Pages<'_>, out: &mut dyn Write) -> Result<(), Failure> {
        let mut is_first = true;
        while let Some(page) = pages.next()? {
            let mut shown = if is_first { pages.non_aggregate() } else { Map::new() };
            is_first = false;
            for key in pages.result_keys() {
                let value = paging::search(key, &page)?;
                paging::set(&mut shown, key.text(), value);
            }
            text_lines(&self.queried(shown)?, out)?;
        }
        let Some(token) = pages.resume_token() else { return Ok(()) };
        let token = Map::from_iter([("NextToken".to_owned(), Value::from(token))]);
        let line = Map::from_iter([("NextToken".to_owned(), Value::from(token))]);
        text_lines(&self.queried(line)?, out)
    }

    fn queried(&self, map: Map) -> Result<Value, Failure> {
        let value = Value::Map(map);
        match self.query {
            Some(query) => query.search(&value).map_err(Failure::Other),
            None => Ok(value),
        }
    }
}

fn text_lines(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    let mut lines = String::new();
    let written = text::write(&mut lines, value).map_err(Failure::Other);
    // The lines before a mistake are printed all the same.
    put(out, &lines)?;
    written
}

/// Writes at once, so that a page is seen when it arrives.
fn put(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    if text.is_empty() {
        return Ok(());
    }
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::writing(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printed(format: Format, query: Option<&str>, value: serde_json::Value) -> String {
        let query = query.map(|query| Expression::parse(query).expect("a query"));
        let printer = Printer { format, query: query.as_ref(), style: Style { color: false, width: 80 } };
        let Value::Map(map) = Value::from(value) else { panic!("a map was expected") };
        let mut out = Vec::new();
        printer.print("Title", Reply::One(map), &mut out).expect("it can be printed");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn every_format_prints() {
        let value = json!({"b": "x", "a": ["é"]});
        for (format, expected) in [
            (Format::Json, "{\n    \"b\": \"x\",\n    \"a\": [\n        \"é\"\n    ]\n}\n"),
            (Format::Text, "x\nA\té\n"),
            (Format::Yaml, "a:\n- é\nb: x\n"),
            (Format::YamlStream, "- a:\n  - é\n  b: x\n"),
            (Format::Off, ""),
        ] {
            assert_eq!(printed(format, None, value.clone()), expected, "{format:?}");
        }
        assert!(printed(Format::Table, None, value).starts_with("-----"));
        assert!(Format::NAMES.iter().all(|name| Format::named(name).is_some()));
    }

    #[test]
    fn little_is_printed_of_nothing() {
        for format in Format::NAMES.iter().filter_map(|name| Format::named(name)) {
            assert_eq!(printed(format, None, json!({})), "", "{format:?}");
        }
        for (format, expected) in [
            (Format::Json, "null\n"),
            (Format::Text, "None\n"),
            (Format::Table, ""),
            (Format::Yaml, "null\n"),
            (Format::YamlStream, "- null\n"),
        ] {
            assert_eq!(printed(format, Some("nope"), json!({"a": 1})), expected, "{format:?}");
        }
    }
}
