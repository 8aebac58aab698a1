//! Option values that name a file: `file://` for text, `fileb://` for bytes.
//!
//! Only a whole value does so. The text is taken as it is, its last newline included. It is UTF-8 unless
//! `AWS_CLI_FILE_ENCODING` names another encoding (AWS CLI user guide, "Environment variables").

use std::path::PathBuf;

use crate::python;

/// What a file gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

/// Reads the file that `value` names; `None` when it names none.
pub(crate) fn read(value: &str) -> Result<Option<Content>, String> {
    if let Some(path) = value.strip_prefix("file://") {
        let bytes = load(value, path)?;
        let encoding = std::env::var("AWS_CLI_FILE_ENCODING").ok().filter(|name| !name.is_empty());
        let text = decode(bytes, encoding.as_deref().unwrap_or("utf-8"))?.ok_or_else(|| {
            format!(
                "Unable to load paramfile ({path}), text contents could not be decoded.  If this is a binary file, \
                 please use the fileb:// prefix instead of the file:// prefix."
            )
        })?;
        return Ok(Some(Content::Text(text)));
    }
    match value.strip_prefix("fileb://") {
        Some(path) => Ok(Some(Content::Bytes(load(value, path)?))),
        None => Ok(None),
    }
}

/// The text of the file that `value` names, or else `value` itself.
pub(crate) fn text(value: &str) -> Result<String, String> {
    match read(value)? {
        Some(Content::Text(text)) => Ok(text),
        Some(Content::Bytes(bytes)) => {
            String::from_utf8(bytes).map_err(|_| format!("Unable to load paramfile {value}: it is not text"))
        }
        None => Ok(value.to_owned()),
    }
}

/// The text that the bytes are in that encoding, by the names that Python has for it; `None` when they are none.
fn decode(bytes: Vec<u8>, encoding: &str) -> Result<Option<String>, String> {
    match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" => Ok(String::from_utf8(bytes).ok()),
        "utf-8-sig" => Ok(String::from_utf8(bytes).ok().map(|text| text.trim_start_matches('\u{feff}').to_owned())),
        "ascii" | "us-ascii" | "646" => Ok(String::from_utf8(bytes).ok().filter(|text| text.is_ascii())),
        // The first 256 characters of Unicode are those of this encoding.
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" => {
            Ok(Some(bytes.into_iter().map(char::from).collect()))
        }
        "utf-16" | "utf16" | "u16" => Ok(utf16(&bytes)),
        _ => Err(format!("unknown encoding: {encoding}")),
    }
}

/// The order of the bytes is told by a mark in front; without one it is that of the machine.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let read = |pair: fn([u8; 2]) -> u16, pairs: &[[u8; 2]]| {
        char::decode_utf16(pairs.iter().map(|bytes| pair(*bytes))).collect::<Result<String, _>>().ok()
    };
    match pairs {
        _ if !rest.is_empty() => None,
        [[0xff, 0xfe], pairs @ ..] => read(u16::from_le_bytes, pairs),
        [[0xfe, 0xff], pairs @ ..] => read(u16::from_be_bytes, pairs),
        pairs => read(u16::from_ne_bytes, pairs),
    }
}

fn load(value: &str, path: &str) -> Result<Vec<u8>, String> {
    let path = expand(path);
    let told = |error| python::os_error(&error, &path.display().to_string());
    std::fs::read(&path).map_err(|error| format!("Unable to load paramfile {value}: {}", told(error)))
}

/// Replaces a leading `~` by the home folder, `~name` by that of another user, and `$NAME` and `${NAME}` by the variables
/// that are set.
pub(crate) fn expand(path: &str) -> PathBuf {
    let home = |user: &str| if user.is_empty() { std::env::var("HOME").ok() } else { home_of(user) };
    PathBuf::from(expand_with(path, &|name| std::env::var(name).ok(), &home))
}

/// The home folder of a user of this machine.
fn home_of(user: &str) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.first() == Some(&user)).then(|| fields.get(5).map(|home| (*home).to_owned()))?
    })
}

/// What a name stands for.
type Named<'n> = &'n dyn Fn(&str) -> Option<String>;

fn expand_with(path: &str, variable: Named<'_>, home: Named<'_>) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        let (name, after) = match behind.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
            Some(parts) => parts,
            None => {
                behind.split_at(behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(behind.len()))
            }
        };
        match variable(name) {
            Some(value) => out.push_str(&value),
            // An unknown variable stays as it was written.
            None => out.push_str(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    out.push_str(rest);
    let Some(below) = out.strip_prefix('~') else { return out };
    let (user, below) = below.split_at(below.find('/').unwrap_or(below.len()));
    match home(user) {
        Some(home) => format!("{home}{below}"),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_prefix_makes_it_a_file() {
        assert_eq!(read("plain"), Ok(None));
        assert_eq!(text("plain file://x"), Ok("plain file://x".to_owned()));
        let expected = "Unable to load paramfile file://nope.txt: [Errno 2] No such file or directory: 'nope.txt'";
        assert_eq!(read("file://nope.txt"), Err(expected.to_owned()));
    }

    #[test]
    fn encodings_have_the_names_that_python_has() {
        let decoded = |bytes: &[u8], encoding: &str| decode(bytes.to_vec(), encoding);
        assert_eq!(decoded(b"na\xefve", "Latin_1"), Ok(Some("naïve".to_owned())));
        assert_eq!(decoded(b"na\xefve", "UTF-8"), Ok(None));
        assert_eq!(decoded("é".as_bytes(), "ascii"), Ok(None));
        assert_eq!(decoded(b"\xef\xbb\xbfx", "utf-8-sig"), Ok(Some("x".to_owned())));
        assert_eq!(decoded(b"\xff\xfex\0", "utf-16"), Ok(Some("x".to_owned())));
        assert_eq!(decoded(b"\xfe\xff\0x", "utf-16"), Ok(Some("x".to_owned())));
        assert_eq!(decoded(b"x", "utf-16"), Ok(None));
        assert_eq!(decoded(b"x", "klingon"), Err("unknown encoding: klingon".to_owned()));
    }

    #[test]
    fn paths_are_expanded() {
        let home = |user: &str| match user {
            "" => Some("/home/me".to_owned()),
            "you" => Some("/home/you".to_owned()),
            _ => None,
        };
        let variable = |name: &str| match name {
            "DIR" => Some("d".to_owned()),
            _ => None,
        };
        for (path, expected) in [
            ("~/x", "/home/me/x"),
            ("~", "/home/me"),
            ("~you/x", "/home/you/x"),
            ("~them/x", "~them/x"),
            ("a/~", "a/~"),
            ("$DIR/x", "d/x"),
            ("${DIR}x$DIR", "dxd"),
            ("$NOPE/${NOPE}/$", "$NOPE/${NOPE}/$"),
        ] {
            assert_eq!(expand_with(path, &variable, &home), expected);
        }
    }
}
