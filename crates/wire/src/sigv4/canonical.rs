//! The canonical request: one text for all the ways in which one request can be written.
//!
//! The one rule: two requests that would be answered differently never have the same canonical request, apart from
//! dot segments and doubled slashes in a path, which the signers of the SDKs take out.
//!
//! Source: IAM User Guide, *Create a signed AWS API request*, step 1; botocore's `SigV4Auth`.

use std::borrow::Cow;

use aws_lc_rs::digest;
use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode};

use super::Request;

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
const EMPTY_SHA256: &[u8; 64] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Builds the canonical request.
pub(super) fn request(request: &Request<'_>, query: &Query<'_>, signed_headers: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    push_path(&mut out, request.path);
    out.push(b'\n');
    query.push(&mut out);
    out.push(b'\n');
    push_headers(&mut out, request.headers, signed_headers);
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    push_payload(&mut out, request, query);
    out
}

/// The path without `.`, `..` and doubled slashes, percent-encoded as it is, so that `%3A` becomes `%253A`.
fn push_path(out: &mut Vec<u8>, path: &str) {
    let start = out.len();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                let last = out[start..].iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                out.truncate(start + last);
            }
            name => {
                out.push(b'/');
                push_encoded(out, name);
            }
        }
    }
    if out.len() == start || path.ends_with('/') {
        out.push(b'/');
    }
}

/// One line for each signed header, in the order in which the signer lists them.
fn push_headers(out: &mut Vec<u8>, headers: &HeaderMap, signed: &str) {
    for name in signed.split(';') {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        for (nth, value) in headers.get_all(name).iter().enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            push_words(out, value.as_bytes());
        }
        out.push(b'\n');
    }
}

/// A header's value with one space where there was white space, and none around it.
fn push_words(out: &mut Vec<u8>, value: &[u8]) {
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    for (nth, word) in words.enumerate() {
        if nth > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// The hash of the body that came, whatever hash the request declares; or that the signer chose not to sign it.
fn push_payload(out: &mut Vec<u8>, request: &Request<'_>, query: &Query<'_>) {
    let in_header = || request.headers.get("x-amz-content-sha256").is_some_and(|value| value == UNSIGNED_PAYLOAD);
    let in_query = || query.get("X-Amz-Content-Sha256").is_some_and(|value| value == UNSIGNED_PAYLOAD);
    if in_header() || in_query() {
        out.extend_from_slice(UNSIGNED_PAYLOAD.as_bytes());
    } else if request.body.is_empty() {
        out.extend_from_slice(EMPTY_SHA256);
    } else {
        out.extend_from_slice(&sha256_hex(request.body));
    }
}

/// A query's parameters in their canonical encoding, in the order in which they came.
pub(super) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// Splits a raw query. A plus sign is a space, as in a form; an empty pair is nothing.
    ///
    /// AWS does not say: what a bare plus sign is. botocore, Go's and Rust's signers sign a space for it.
    pub(super) fn parse(raw: &'a str) -> Self {
        let pairs = raw.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (recode(name), recode(value))
                })
                .collect(),
        )
    }

    /// The first value of a parameter, decoded. `name` has unreserved characters only.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.0.iter().find(|(found, _)| found == name)?;
        Some(percent_decode_str(value).decode_utf8_lossy())
    }

    /// All parameters but the signature, sorted by name and then by value.
    fn push(&self, out: &mut Vec<u8>) {
        let mut pairs: Vec<_> = self.0.iter().filter(|(name, _)| name != "X-Amz-Signature").collect();
        pairs.sort_unstable();
        for (nth, (name, value)) in pairs.into_iter().enumerate() {
            if nth > 0 {
                out.push(b'&');
            }
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
            out.extend_from_slice(value.as_bytes());
        }
    }
}

/// The canonical encoding of a piece of a query: decoded, and encoded again.
fn recode(piece: &str) -> Cow<'_, str> {
    if is_canonical(piece.as_bytes()) {
        return Cow::Borrowed(piece);
    }
    let decoded: Vec<u8> = percent_decode_str(&piece.replace('+', "%20")).collect();
    Cow::Owned(percent_encode(&decoded, ENCODED).to_string())
}

/// Whether encoding a decoded piece would give the same text.
fn is_canonical(mut piece: &[u8]) -> bool {
    loop {
        piece = match piece {
            [] => return true,
            [b'%', high, low, rest @ ..] => match (upper_hex(*high), upper_hex(*low)) {
                (Some(high), Some(low)) if !is_unreserved(high << 4 | low) => rest,
                _ => return false,
            },
            [byte, rest @ ..] if is_unreserved(*byte) => rest,
            _ => return false,
        };
    }
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn upper_hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn push_encoded(out: &mut Vec<u8>, text: &str) {
    for chunk in utf8_percent_encode(text, ENCODED) {
        out.extend_from_slice(chunk.as_bytes());
    }
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> [u8; 64] {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// 32 bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_lose_dots_and_double_slashes_and_are_encoded_again() {
        for (raw, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/..", "/"),
            ("/../../", "/"),
            ("/a//b/", "/a/b/"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/b/..", "/a"),
            ("/a/b/../", "/a/"),
            ("/a/...", "/a/..."),
            ("/tags/arn%3Aaws%3Aconnect", "/tags/arn%253Aaws%253Aconnect"),
            ("/a/%2e%2e/b", "/a/%252e%252e/b"),
            ("/a b+c~d*é", "/a%20b%2Bc~d%2A%C3%A9"),
        ] {
            assert_eq!(text(|out| push_path(out, raw)), canonical, "{raw}");
        }
    }

    #[test]
    fn queries_are_recoded_and_sorted() {
        for (raw, canonical) in [
            ("", ""),
            ("a", "a="),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&a", "a=&a=1&a=2"),
            ("a-b=1&a=2", "a=2&a-b=1"),
            ("&&a=1&", "a=1"),
            ("a=b=c", "a=b%3Dc"),
            ("a=b+c%2B", "a=b%20c%2B"),
            ("a=%2f%7E%zz", "a=%2F~%25zz"),
            ("a=%E9%C3%A9é", "a=%E9%C3%A9%C3%A9"),
            ("X-Amz-Signature=00&a=1&X%2DAmz-Signature=11", "a=1"),
        ] {
            assert_eq!(text(|out| Query::parse(raw).push(out)), canonical, "{raw}");
        }
    }

    #[test]
    fn header_values_are_trimmed_inside_and_out() {
        let mut headers = HeaderMap::new();
        headers.append("a", "  1 \t  2  ".parse().unwrap());
        headers.append("a", "3".parse().unwrap());
        assert_eq!(text(|out| push_headers(out, &headers, "a;b")), "a:1 2,3\nb:\n");
    }
}
