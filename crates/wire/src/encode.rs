//! From Rust to JSON text: absent members absent, timestamps by type, straight into the reply's buffer.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::shape::{Blob, EpochTimestamp, IsoTimestamp, Map, iso_millis};

/// Something that can be written as JSON.
pub trait Encode {
    /// Appends the JSON text.
    fn encode(&self, out: &mut Vec<u8>);

    /// Whether the value is absent and its member is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Writes one JSON object, member by member.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    pub fn member(&mut self, name: &str, value: &impl Encode) {
        if value.is_absent() {
            return;
        }
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        name.encode(self.out);
        self.out.push(b':');
        value.encode(self.out);
    }

    pub fn end(self) {
        self.out.push(b'}');
    }
}

impl Encode for () {
    fn encode(&self, _: &mut Vec<u8>) {}
}

impl Encode for str {
    fn encode(&self, out: &mut Vec<u8>) {
        if is_plain(self) {
            out.push(b'"');
            out.extend_from_slice(self.as_bytes());
            return out.push(b'"');
        }
        // Writing text into memory has no way to fail.
        let _ = serde_json::to_writer(out, self);
    }
}

/// Whether JSON has the text as it is (RFC 8259 §7). It looks at every byte, which the compiler makes sixteen at a time.
fn is_plain(text: &str) -> bool {
    !text.bytes().fold(false, |found, byte| found | (byte < b' ') | (byte == b'"') | (byte == b'\\'))
}

impl Encode for String {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().encode(out);
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

macro_rules! encode_number {
    ($($kind:ty),+) => {$(
        impl Encode for $kind {
            fn encode(&self, out: &mut Vec<u8>) {
                let _ = serde_json::to_writer(out, self);
            }
        }
    )+};
}
encode_number!(i32, i64, f64);

impl Encode for EpochTimestamp {
    fn encode(&self, out: &mut Vec<u8>) {
        use std::io::Write as _;
        let (seconds, millis) = (self.0.div_euclid(1_000), self.0.rem_euclid(1_000));
        let _ = if self.0 < 0 {
            serde_json::to_writer(out, &(self.0 as f64 / 1e3)).map_err(Into::into)
        } else if millis == 0 {
            write!(out, "{seconds}")
        } else {
            write!(out, "{seconds}.{millis:03}")
        };
    }
}

impl Encode for IsoTimestamp {
    fn encode(&self, out: &mut Vec<u8>) {
        iso_millis(self.0).encode(out);
    }
}

impl Encode for Blob {
    fn encode(&self, out: &mut Vec<u8>) {
        STANDARD.encode(&self.0).encode(out);
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_ref().encode(out);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, item) in self.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            item.encode(out);
        }
        out.push(b']');
    }
}

impl<T: Encode> Encode for Map<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        for (key, value) in self {
            object.member(key, value);
        }
        object.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &impl Encode) -> String {
        let mut out = Vec::new();
        value.encode(&mut out);
        String::from_utf8(out).expect("JSON is text")
    }

    #[test]
    fn timestamps_are_numbers_with_milliseconds_only_when_there_are_some() {
        assert_eq!(json(&EpochTimestamp(1_767_323_045_678)), "1767323045.678");
        assert_eq!(json(&EpochTimestamp(1_767_323_045_050)), "1767323045.050");
        assert_eq!(json(&EpochTimestamp(1_767_323_045_000)), "1767323045");
        assert_eq!(json(&EpochTimestamp(-1_500)), "-1.5");
        assert_eq!(json(&IsoTimestamp(1_767_323_045_678)), "\"2026-01-02T03:04:05.678Z\"");
    }

    #[test]
    fn text_is_written_as_any_writer_of_json_does() {
        for character in ('\0'..='\u{200}').chain(['\u{2028}', '\u{1f600}']) {
            let text = format!("sixteen letters {character} and more of them");
            assert_eq!(json(&text), serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn absent_members_are_left_out() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.member("a", &None::<String>);
        object.member("b", &Some("q\"\u{e9}\n".to_owned()));
        object.member("c", &vec![1, 2]);
        object.end();
        assert_eq!(String::from_utf8(out).unwrap(), "{\"b\":\"q\\\"é\\n\",\"c\":[1,2]}");
    }
}
