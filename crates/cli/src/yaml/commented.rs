//! YAML with a comment behind each key, for skeletons that people fill in.

const INDENT: usize = 2;

/// An entry of a map with a comment, for skeletons.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Commented,
    pub(crate) comment: String,
}

/// A value whose keys have comments, in an order of their own.
pub(crate) enum Commented {
    Map(Vec<Entry>),
    List(Box<Commented>),
    Scalar(String),
}

/// A document whose keys stand in the order given, with comments at the ends of their lines.
///
/// The first comment of a map is set off by two blanks, each further one by one, as in the skeletons of `aws`.
pub(crate) fn write_commented(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "{}\n".to_owned();
    }
    let mut out = String::new();
    commented_entries(&mut out, entries, 0, false);
    out
}

fn commented_entries(out: &mut String, entries: &[Entry], indent: usize, starts_inline: bool) {
    let mut commented = false;
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 || !starts_inline {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&entry.key);
        out.push(':');
        if let Commented::Scalar(text) = &entry.value {
            out.push(' ');
            out.push_str(text);
        }
        let is_empty = matches!(&entry.value, Commented::Map(entries) if entries.is_empty());
        if is_empty {
            out.push_str(" {}");
        }
        if !entry.comment.is_empty() {
            let blanks = if commented || !matches!(entry.value, Commented::Scalar(_)) { " " } else { "  " };
            out.push_str(&format!("{blanks}# {}", entry.comment));
            commented = true;
        }
        out.push('\n');
        if !is_empty {
            commented_nested(out, &entry.value, indent);
        }
    }
}

/// What stands on the lines under a key.
fn commented_nested(out: &mut String, value: &Commented, indent: usize) {
    match value {
        Commented::Scalar(_) => {}
        Commented::Map(entries) => commented_entries(out, entries, indent + INDENT, false),
        Commented::List(item) => {
            out.push_str(&" ".repeat(indent));
            commented_item(out, item, indent);
        }
    }
}

/// A list item, from its dash on.
fn commented_item(out: &mut String, item: &Commented, indent: usize) {
    out.push('-');
    match item {
        Commented::Scalar(text) => out.push_str(&format!(" {text}\n")),
        Commented::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Commented::Map(entries) => {
            out.push(' ');
            commented_entries(out, entries, indent + INDENT, true);
        }
        Commented::List(inner) => {
            out.push(' ');
            commented_item(out, inner, indent + INDENT);
        }
    }
}
