//! Changes a setting in one of the shared files, and leaves every other line as it is.
//!
//! The dialect is that of [`crate::ini`]: a setting is a line `key = value` in a section; settings nested in another
//! stand indented under it. A file that is made is its owner's only, and a file is replaced as a whole: whoever reads
//! it meanwhile sees the old one or the new one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// How far a nested setting stands in.
const INDENT: &str = "    ";

/// The lines of a file.
#[derive(Debug, Default)]
pub(super) struct File(Vec<String>);

impl File {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.lines().map(str::to_owned).collect())
    }

    /// Sets a key, or one nested in it; `None` takes it away.
    pub(super) fn set(&mut self, section: &str, key: &str, nested: Option<&str>, value: Option<&str>) {
        let Some(start) = self.0.iter().position(|line| is_header(line, section)) else {
            if let Some(value) = value {
                self.0.push(format!("[{section}]"));
                self.insert(self.0.len(), key, nested, value);
            }
            return;
        };
        let body = start + 1..self.end_of_section(start);
        let settings = || body.clone().filter(|&at| !is_indented(&self.0[at]) && name(&self.0[at]).is_some());
        let found = settings().find(|&at| name(&self.0[at]).is_some_and(|name| name.eq_ignore_ascii_case(key)));
        let last = settings().next_back();
        match (found, nested, value) {
            (Some(at), None, Some(value)) => {
                let end = self.end_of_setting(at);
                self.0.splice(at..end, [format!("{key} = {value}")]);
            }
            (Some(at), Some(nested), value) => self.set_nested(at, nested, value),
            (Some(at), None, None) => {
                let end = self.end_of_setting(at);
                self.0.drain(at..end);
            }
            (None, _, Some(value)) => {
                let at = last.map_or(start + 1, |at| self.end_of_setting(at));
                self.insert(at, key, nested, value);
            }
            (None, _, None) => {}
        }
    }

    fn set_nested(&mut self, parent: usize, key: &str, value: Option<&str>) {
        let end = self.end_of_setting(parent);
        let at = (parent + 1..end).find(|&at| name(&self.0[at]).is_some_and(|name| name.eq_ignore_ascii_case(key)));
        match (at, value) {
            (Some(at), Some(value)) => {
                let indent: String = self.0[at].chars().take_while(|c| c.is_whitespace()).collect();
                self.0[at] = format!("{indent}{key} = {value}");
            }
            (Some(at), None) => {
                self.0.remove(at);
            }
            (None, Some(value)) => self.0.insert(end, format!("{INDENT}{key} = {value}")),
            (None, None) => {}
        }
    }

    fn insert(&mut self, at: usize, key: &str, nested: Option<&str>, value: &str) {
        let lines = match nested {
            None => vec![format!("{key} = {value}")],
            Some(nested) => vec![format!("{key} ="), format!("{INDENT}{nested} = {value}")],
        };
        self.0.splice(at..at, lines);
    }

    /// Where the next section begins.
    fn end_of_section(&self, start: usize) -> usize {
        let next = self.0[start + 1..].iter().position(|line| line.trim_start().starts_with('['));
        next.map_or(self.0.len(), |offset| start + 1 + offset)
    }

    /// Behind the last line that is indented under a setting.
    fn end_of_setting(&self, at: usize) -> usize {
        let belongs = |line: &&String| is_indented(line) && !line.trim().is_empty();
        at + 1 + self.0[at + 1..].iter().take_while(belongs).count()
    }

    fn text(&self) -> String {
        self.0.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Puts the file in the place of the one of that name.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        // A link stays a link: what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            // A device or a pipe takes the text; it is never replaced.
            return fs::write(&path, self.text());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let new = path.with_file_name(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        let written = file.write_all(self.text().as_bytes()).and_then(|()| match fs::metadata(&path) {
            Ok(old) => file.set_permissions(old.permissions()),
            Err(_) => Ok(()),
        });
        let placed = written.and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, &path));
        if placed.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_file(&new);
        }
        placed
    }
}

/// Whether others than its owner may read or write a file.
pub(super) fn is_open_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// `[profile  "x"]` and `[profile x]` are the same section.
fn is_header(line: &str, section: &str) -> bool {
    let Some((name, _)) = line.trim().strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return false };
    words(name) == words(section)
}

fn words(name: &str) -> (&str, &str) {
    let name = name.trim();
    let (kind, name) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    (kind, name.trim().trim_matches(['"', '\'']))
}

fn is_indented(line: &str) -> bool {
    line.starts_with([' ', '\t'])
}

/// The key of a line that has one.
fn name(line: &str) -> Option<&str> {
    let line = line.trim();
    if line.starts_with(['#', ';', '[']) {
        return None;
    }
    Some(line.split_once(['=', ':'])?.0.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# mine\n[default]\nregion = a\n; why\noutput = json\n\n[profile x]\ns3 =\n  a = 1\n  b = 2\nregion = c\n";

    fn changed(section: &str, key: &str, nested: Option<&str>, value: Option<&str>) -> String {
        let mut file = File::parse(TEXT);
        file.set(section, key, nested, value);
        file.text()
    }

    #[test]
    fn a_value_is_changed_in_its_place() {
        assert_eq!(changed("default", "region", None, Some("z")), TEXT.replace("region = a", "region = z"));
        assert_eq!(changed("profile x", "region", None, Some("z")), TEXT.replace("region = c", "region = z"));
        assert_eq!(changed("profile x", "s3", Some("b"), Some("z")), TEXT.replace("b = 2", "b = z"));
    }

    #[test]
    fn a_new_value_stands_behind_the_others() {
        assert_eq!(changed("default", "k", None, Some("z")), TEXT.replace("= json\n", "= json\nk = z\n"));
        assert_eq!(changed("profile x", "s3", Some("c"), Some("z")), TEXT.replace("b = 2\n", "b = 2\n    c = z\n"));
        let expected = TEXT.replace("region = c\n", "region = c\nivs =\n    url = z\n");
        assert_eq!(changed("profile x", "ivs", Some("url"), Some("z")), expected);
        assert_eq!(changed("profile y", "k", None, Some("z")), format!("{TEXT}[profile y]\nk = z\n"));
        let mut empty = File::default();
        empty.set("default", "k", None, Some("z"));
        assert_eq!(empty.text(), "[default]\nk = z\n");
    }

    #[test]
    fn a_value_is_taken_away() {
        assert_eq!(changed("default", "region", None, None), TEXT.replace("region = a\n", ""));
        assert_eq!(changed("profile x", "s3", None, None), TEXT.replace("s3 =\n  a = 1\n  b = 2\n", ""));
        assert_eq!(changed("profile x", "s3", Some("a"), None), TEXT.replace("  a = 1\n", ""));
        assert_eq!(changed("nowhere", "k", None, None), TEXT);
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let mut file = File::default();
        file.set("default", "k", None, Some("z"));
        file.write(Path::new("/dev/null")).expect("it takes everything");
        assert!(!fs::metadata("/dev/null").expect("it is there").is_file());
    }

    #[test]
    fn quotes_in_a_header_mean_nothing() {
        let mut file = File::parse("[profile \"a b\"]\nk = 1\n");
        file.set("profile a b", "k", None, Some("2"));
        assert_eq!(file.text(), "[profile \"a b\"]\nk = 2\n");
    }
}
