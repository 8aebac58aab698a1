//! JSON of a long listing, printed while its pages arrive.
//!
//! The text is the one that printing all pages at the end would give. It can be printed early when the pages have one
//! list in common that grows, which is how nearly all listings are; what else the answer holds stands behind it.

use std::io::Write;

use super::put;
use crate::errors::Failure;
use crate::paging::Pages;
use crate::python;
use crate::value::{Map, Value};

/// Prints all pages.
pub(super) fn print(pages: &mut Pages<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(key) = pages.only_list() else {
        let whole = pages.whole()?;
        return print_whole(whole, out);
    };
    let mut printed = 0;
    let mut is_open = false;
    while let Some(mut page) = pages.next()? {
        match page.shift_remove(&key) {
            None | Some(Value::Null) => {}
            Some(Value::List(items)) => {
                let mut text = if is_open { String::new() } else { opening(&key) };
                is_open = true;
                for item in &items {
                    text.push_str(if printed == 0 { "\n        " } else { ",\n        " });
                    text.push_str(&python::pretty_json_at(item, 2));
                    printed += 1;
                }
                put(out, &text)?;
            }
            Some(other) => {
                let class = python::type_name(&other);
                return Err(Failure::Other(format!("A page holds a {class} under {key}, which should be a list")));
            }
        }
    }
    if !is_open {
        return print_whole(pages.rest(), out);
    }
    let mut text = String::from(if printed == 0 { "]" } else { "\n    ]" });
    for (key, value) in pages.rest() {
        text.push_str(",\n    ");
        text.push_str(&python::inline_json_text(&key));
        text.push_str(": ");
        text.push_str(&python::pretty_json_at(&value, 1));
    }
    text.push_str("\n}\n");
    put(out, &text)
}

fn opening(key: &str) -> String {
    format!("{{\n    {}: [", python::inline_json_text(key))
}

fn print_whole(map: Map, out: &mut dyn Write) -> Result<(), Failure> {
    if map.is_empty() {
        return Ok(());
    }
    put(out, &format!("{}\n", python::pretty_json(&Value::Map(map), false)))
}
