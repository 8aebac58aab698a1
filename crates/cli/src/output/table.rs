//! `--output table`: boxes for people (AWS CLI User Guide, "Table output format").
//!
//! A value becomes sections: a title, perhaps a header row, and rows. What is nested comes as a section of its own,
//! one border further in. All sections are as wide as the widest; when that is too wide for the terminal, sections of
//! one row are turned on their side.

use std::collections::BTreeSet;

use super::Style;
use super::width::columns;
use crate::python;
use crate::value::{Map, Value};

/// Blanks and border that a column needs besides its text.
const CELL_PADDING: usize = 4;

const RESET: &str = "\u{1b}[0m";
const BRIGHT_BLUE: &str = "\u{1b}[1m\u{1b}[34m";
const DIM_YELLOW: &str = "\u{1b}[2m\u{1b}[33m";

/// Writes a value as a table; nothing at all when it is empty.
///
/// # Errors
/// Rows of one section must be equally long, and a list of maps hold maps only.
pub(super) fn write(title: &str, value: &Value, style: Style) -> Result<String, String> {
    let mut builder = Builder { sections: Vec::new() };
    builder.value(Some(title), value, 0)?;
    let mut sections = builder.sections;
    if sections.is_empty() {
        return Ok(String::new());
    }
    let width = |sections: &[Section]| sections.iter().map(Section::total_width).max().unwrap_or_default();
    let mut widest = width(&sections);
    if widest > style.width {
        sections.iter_mut().for_each(Section::turn_on_its_side);
        widest = width(&sections);
    }
    let mut canvas = Canvas { out: String::new(), color: style.color };
    canvas.put(&format!("{}\n", "-".repeat(widest)));
    for section in &sections {
        section.draw(&mut canvas, widest);
    }
    Ok(canvas.out)
}

/// A title with rows of equally many cells.
#[derive(Default)]
struct Section {
    title: String,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many borders stand on either side.
    level: usize,
    cells: Option<usize>,
    /// The widest text of each column.
    widths: Vec<usize>,
}

impl Section {
    fn set_headers(&mut self, headers: Vec<String>) {
        self.cells.get_or_insert(headers.len());
        self.widen(&headers);
        self.headers = headers;
    }

    fn add_row(&mut self, row: Vec<String>) -> Result<(), String> {
        let cells = *self.cells.get_or_insert(row.len());
        if row.len() != cells {
            return Err(format!("Row should have {cells} elements, instead it has {}", row.len()));
        }
        self.widen(&row);
        self.rows.push(row);
        Ok(())
    }

    fn widen(&mut self, row: &[String]) {
        if self.widths.is_empty() {
            self.widths = row.iter().map(|cell| columns(cell)).collect();
            return;
        }
        for (width, cell) in self.widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }

    fn total_width(&self) -> usize {
        let borders = 2 + 2 * self.level;
        let cells: usize = self.widths.iter().map(|width| width + CELL_PADDING).sum();
        (cells + borders).max(columns(&self.title) + borders)
    }

    /// One row under headers becomes a row for each header.
    fn turn_on_its_side(&mut self) {
        if self.rows.len() != 1 || self.headers.is_empty() {
            return;
        }
        let values = self.rows.pop().unwrap_or_default();
        let pairs: Vec<Vec<String>> = std::mem::take(&mut self.headers)
            .into_iter()
            .zip(values)
            .map(|(header, value)| vec![header, value])
            .collect();
        self.widths.clear();
        self.cells = Some(2);
        pairs.iter().for_each(|pair| self.widen(pair));
        self.rows = pairs;
    }

    fn draw(&self, canvas: &mut Canvas, widest: usize) {
        let width = widest - 2 * self.level;
        if !self.title.is_empty() {
            canvas.line(self.level, &centered(&self.title, width, "|"));
            if self.headers.is_empty() && self.rows.is_empty() {
                canvas.line(self.level, &format!("+{}+", "-".repeat(width.saturating_sub(2))));
            }
        }
        let widths = self.scaled_widths(width);
        if !self.headers.is_empty() {
            canvas.line(self.level, &rule(&widths));
            let cells = self.headers.iter().zip(&widths).enumerate();
            let line: String = cells.map(|(at, (header, &width))| centered(header, width, edge(at))).collect();
            canvas.line(self.level, &line);
        }
        if self.rows.is_empty() || widths.is_empty() {
            return;
        }
        canvas.line(self.level, &rule(&widths));
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate();
            let line: String =
                cells.map(|(at, (cell, &width))| left_aligned(cell, width, edge(at), canvas.color)).collect();
            canvas.line(self.level, &line);
        }
        canvas.line(self.level, &rule(&widths));
    }

    /// The columns stretched to `width` together, each in proportion.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "widths of a terminal are small, and floats round to the same columns as those of Python"
    )]
    fn scaled_widths(&self, width: usize) -> Vec<usize> {
        let natural: Vec<usize> = self.widths.iter().map(|width| width + CELL_PADDING).collect();
        if natural.is_empty() {
            return natural;
        }
        let scale = width as f64 / natural.iter().sum::<usize>() as f64;
        let mut scaled: Vec<usize> =
            natural.iter().map(|&natural| (scale * natural as f64).round_ties_even() as usize).collect();
        let mut sum: usize = scaled.iter().sum();
        let count = scaled.len();
        let mut at = 0;
        // Too much is taken away from the left, too little added from the right.
        while sum != width {
            if sum > width {
                scaled[at % count] = scaled[at % count].saturating_sub(1);
                sum -= 1;
            } else {
                scaled[count - 1 - at % count] += 1;
                sum += 1;
            }
            at += 1;
        }
        scaled
    }
}

/// Only the first cell of a line has a border on its left.
fn edge(at: usize) -> &'static str {
    if at == 0 { "|" } else { "" }
}

fn rule(widths: &[usize]) -> String {
    let parts = widths.iter().enumerate().map(|(at, &width)| match at {
        0 => format!("+{}+", "-".repeat(width.saturating_sub(2))),
        _ => format!("{}+", "-".repeat(width.saturating_sub(1))),
    });
    parts.collect()
}

fn centered(text: &str, length: usize, left_edge: &str) -> String {
    let text_length = columns(text);
    let left = left_edge.len() + text_length;
    // Where the text does not fit, what lacks on the left is made up for on the right.
    let (before, lacking) = match (length / 2).checked_sub(text_length / 2 + 1) {
        Some(before) => (before, 0),
        None => (0, text_length / 2 + 1 - length / 2),
    };
    let after = (length + lacking).saturating_sub(1 + left + before);
    format!("{left_edge}{}{text}{}|", " ".repeat(before), " ".repeat(after))
}

fn left_aligned(text: &str, length: usize, left_edge: &str, color: bool) -> String {
    let text_length = columns(text);
    let fits = text_length + 2 + left_edge.len() < length;
    let before = if fits { 2 } else { 0 };
    let after = length.saturating_sub(left_edge.len() + before + text_length + 1);
    let text = if color { format!("{BRIGHT_BLUE}{text}{RESET}") } else { text.to_owned() };
    format!("{left_edge}{}{text}{}|", " ".repeat(before), " ".repeat(after))
}

/// Where the table is drawn. With colour, every stroke ends by switching it off.
struct Canvas {
    out: String,
    color: bool,
}

impl Canvas {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        if self.color {
            self.out.push_str(RESET);
        }
    }

    /// One line between its borders.
    fn line(&mut self, level: usize, text: &str) {
        let border = if self.color { format!("{DIM_YELLOW}|{RESET}") } else { "|".to_owned() };
        let borders = border.repeat(level);
        for part in [&borders, text, &borders, "\n"] {
            self.put(part);
        }
    }
}

/// Turns values into sections.
struct Builder {
    sections: Vec<Section>,
}

impl Builder {
    fn value(&mut self, title: Option<&str>, value: &Value, level: usize) -> Result<(), String> {
        if !value.is_truthy() {
            return Ok(());
        }
        if let Some(title) = title {
            self.open(title, level);
        }
        match value {
            Value::List(items) if matches!(items.first(), Some(Value::Map(_))) => self.maps(title, items, level),
            Value::List(items) => items.iter().try_for_each(|item| self.row(item)),
            Value::Map(map) => self.map(map, level),
            _ => Ok(()),
        }
    }

    fn open(&mut self, title: &str, level: usize) {
        self.sections.push(Section { title: title.to_owned(), level, ..Section::default() });
    }

    /// The section at hand; the first value always opens one.
    fn section(&mut self) -> &mut Section {
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    /// An element of a list whose first element is no map.
    fn row(&mut self, item: &Value) -> Result<(), String> {
        match item {
            Value::List(cells) if cells.iter().all(Value::is_scalar) => {
                self.section().add_row(cells.iter().map(python::display).collect())
            }
            // A map that stands where none is expected shows its keys.
            Value::Map(map) => self.section().add_row(map.keys().cloned().collect()),
            Value::List(_) => self.value(None, item, 0),
            scalar => self.section().add_row(vec![python::display(scalar)]),
        }
    }

    fn map(&mut self, map: &Map, level: usize) -> Result<(), String> {
        let (plain, nested) = keys(map);
        let cell = |key: &&str| map.get(*key).map(python::display).unwrap_or_default();
        match plain.iter().collect::<Vec<_>>().as_slice() {
            [] => {}
            [only] => self.section().add_row(vec![(**only).to_owned(), cell(only)])?,
            several => {
                self.section().set_headers(several.iter().map(|key| (**key).to_owned()).collect());
                self.section().add_row(several.iter().map(|key| cell(key)).collect())?;
            }
        }
        self.nested(map, &nested, level)
    }

    fn nested(&mut self, map: &Map, keys: &BTreeSet<&str>, level: usize) -> Result<(), String> {
        let values = keys.iter().filter_map(|key| Some((*key, map.get(*key)?)));
        values.into_iter().try_for_each(|(key, value)| self.value(Some(key), value, level + 1))
    }

    fn maps(&mut self, title: Option<&str>, items: &[Value], level: usize) -> Result<(), String> {
        let (mut plain, mut nested) = (BTreeSet::new(), BTreeSet::new());
        for item in items {
            let Value::Map(map) = item else { return Err(no_map(item)) };
            let (own_plain, own_nested) = keys(map);
            plain.extend(own_plain);
            nested.extend(own_nested);
        }
        let headers: Vec<String> = plain.iter().map(|key| (*key).to_owned()).collect();
        self.section().set_headers(headers.clone());
        for (at, map) in items.iter().filter_map(Value::as_map).enumerate() {
            if at > 0 && !nested.is_empty() {
                self.open(title.unwrap_or_default(), level);
                self.section().set_headers(headers.clone());
            }
            let cell = |key: &&str| map.get(*key).map(python::display).unwrap_or_default();
            self.section().add_row(plain.iter().map(cell).collect())?;
            self.nested(map, &nested, level)?;
        }
        Ok(())
    }
}

/// The keys of plain values, and those of the others.
fn keys(map: &Map) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let named = |is_plain: bool| {
        let entries = map.iter().filter(move |(_, value)| value.is_scalar() == is_plain);
        entries.map(|(key, _)| key.as_str()).collect()
    };
    (named(true), named(false))
}

/// What Python says of something among maps that is none.
fn no_map(value: &Value) -> String {
    match value {
        Value::Text(_) => "string indices must be integers, not 'str'".to_owned(),
        Value::List(_) => "list indices must be integers or slices, not str".to_owned(),
        other => format!("'{}' object is not iterable", python::type_name(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table(title: &str, value: serde_json::Value) -> Result<String, String> {
        write(title, &value.into(), Style { color: false, width: 80 })
    }

    #[test]
    fn nested_values_are_boxes_inside_boxes() {
        let value = json!({
            "activeSessionId": "st-1", "arn": "arn:aws:ivs:us-west-2:1:stage/a", "name": "one",
            "tags": {"k1": "v1", "k2": "v2"},
        });
        let expected = "\
----------------------------------------------------------------
|                          ListStages                          |
+------------------+-----------------------------------+-------+
|  activeSessionId |                arn                | name  |
+------------------+-----------------------------------+-------+
|  st-1            |  arn:aws:ivs:us-west-2:1:stage/a  |  one  |
+------------------+-----------------------------------+-------+
||                            tags                            ||
|+-----------------------------+------------------------------+|
||             k1              |             k2               ||
|+-----------------------------+------------------------------+|
||  v1                         |  v2                          ||
|+-----------------------------+------------------------------+|
";
        assert_eq!(table("ListStages", value).as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_too_wide_is_turned_on_its_side() {
        let value = json!({"a": "x".repeat(50), "b": "y".repeat(50)});
        let table = table("T", value).expect("a table");
        assert!(table.contains(&format!("|  a|  {}   |", "x".repeat(50))), "{table}");
    }

    #[test]
    fn little_is_printed_of_little() {
        for nothing in [json!(null), json!([]), json!({}), json!(""), json!(0), json!(false)] {
            assert_eq!(table("T", nothing).as_deref(), Ok(""));
        }
        assert_eq!(table("Title", json!("x")).as_deref(), Ok("-------\n|Title|\n+-----+\n"));
    }

    #[test]
    fn rows_must_be_equally_long() {
        let expected = "Row should have 1 elements, instead it has 2";
        assert_eq!(table("T", json!([["a"], ["b", "c"]])), Err(expected.to_owned()));
        assert_eq!(table("T", json!([{"a": 1}, null])), Err("'NoneType' object is not iterable".to_owned()));
    }

    #[test]
    fn colours_surround_cells_and_borders() {
        let table = write("T", &json!({"k": "v"}).into(), Style { color: true, width: 80 }).expect("a table");
        assert!(table.contains("\u{1b}[1m\u{1b}[34mv\u{1b}[0m"), "{table:?}");
        assert!(table.ends_with("\n\u{1b}[0m"), "{table:?}");
    }
}
