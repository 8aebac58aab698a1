//! The files `~/.aws/config` and `~/.aws/credentials`, in the dialect that the Python clients read.
//!
//! `key = value` lines in `[sections]`; `#` and `;` begin a comment only at the start of a line; lines that are
//! indented under a key belong to it, and under a key without a value they are keys of their own.

use std::collections::HashMap;

use indexmap::IndexMap;

/// The sections of a file, by name, in its order.
#[derive(Debug, Default)]
pub(crate) struct Ini(IndexMap<String, Section>);

/// The keys of a section, in small letters.
pub(crate) type Section = HashMap<String, Entry>;

/// A value, with the keys indented under it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) value: String,
    pub(crate) nested: HashMap<String, String>,
}

impl Ini {
    /// Reads a file; `None` when it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut sections: IndexMap<String, Section> = IndexMap::new();
        let mut section: Option<&mut Section> = None;
        let mut key: Option<String> = None;
        for line in text.lines() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if line.starts_with([' ', '\t'])
                && let (Some(section), Some(key)) = (&mut section, &key)
            {
                section.entry(key.clone()).or_default().continue_with(trimmed);
                continue;
            }
            if let Some(name) = trimmed.strip_prefix('[') {
                let name = name.split_once(']')?.0;
                section = Some(sections.entry(normal(name)).or_default());
                key = None;
                continue;
            }
            let (name, value) = pair(trimmed)?;
            section.as_mut()?.insert(name.clone(), Entry { value, nested: HashMap::new() });
            key = Some(name);
        }
        Some(Self(sections))
    }

    /// The names of the sections, in the order of the file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The section of that name.
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.0.get(name)
    }
}

impl Entry {
    fn continue_with(&mut self, line: &str) {
        match pair(line).filter(|_| self.value.is_empty()) {
            Some((name, value)) => {
                self.nested.insert(name, value);
            }
            None => {
                self.value.push('\n');
                self.value.push_str(line);
            }
        }
    }
}

fn pair(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(['=', ':'])?;
    Some((name.trim().to_lowercase(), value.trim().to_owned()))
}

/// `profile  "x y"` and `profile x y` are the same section.
fn normal(name: &str) -> String {
    match name.trim().split_once(char::is_whitespace) {
        Some((kind, name)) => format!("{kind} {}", name.trim().trim_matches(['"', '\''])),
        None => name.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_is_read() {
        let text = "# comment\n[default]\nregion = us-east-1 ; not a comment\nAWS_Key=a=b\n\
                    [profile \"x y\"]\nservices : s\n[services s]\nivs_realtime =\n  endpoint_url = http://h:1\n\
                    s3 =\n  endpoint_url=http://h:2\n";
        let ini = Ini::parse(text).expect("it is one");
        let default = ini.section("default").expect("it is there");
        assert_eq!(default["region"].value, "us-east-1 ; not a comment");
        assert_eq!(default["aws_key"].value, "a=b");
        assert_eq!(ini.section("profile x y").expect("it is there")["services"].value, "s");
        let services = ini.section("services s").expect("it is there");
        assert_eq!(services["ivs_realtime"].nested["endpoint_url"], "http://h:1");
        assert_eq!(services["s3"].nested["endpoint_url"], "http://h:2");
        assert!(ini.section("profile default").is_none());
    }

    #[test]
    fn what_is_no_ini_is_refused() {
        for text in ["nonsense", "key = before any section", "[open\nk = v"] {
            assert!(Ini::parse(text).is_none(), "{text}");
        }
    }
}
