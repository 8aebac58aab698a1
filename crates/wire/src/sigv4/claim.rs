//! What a request claims: who signed it, when, which headers, and for what scope. Nothing here is believed yet.

use std::borrow::Cow;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, HeaderName, header};

use super::{Expected, Refusal, canonical::Query, date::Timestamp};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const TERMINATOR: &str = "aws4_request";
/// A week, the longest that a presigned URL may live.
const MAX_LIFETIME_S: i64 = 604_800;

/// The parameters of a signature, from the header or from the query.
pub(super) struct Claim<'a> {
    /// `AKID/YYYYMMDD/region/service/aws4_request`.
    pub(super) credential: Cow<'a, str>,
    /// Lower-case header names, joined by semicolons.
    pub(super) signed_headers: Cow<'a, str>,
    /// Hexadecimal.
    pub(super) signature: Cow<'a, str>,
    /// The session token, where there is one.
    pub(super) token: Option<Cow<'a, [u8]>>,
    date: Cow<'a, str>,
    lifetime: Option<Cow<'a, str>>,
}

impl<'a> Claim<'a> {
    /// Reads the claim from wherever the request carries it.
    pub(super) fn read(headers: &'a HeaderMap, query: &'a Query<'_>) -> Result<Self, Refusal> {
        match (headers.get(header::AUTHORIZATION), query.get("X-Amz-Algorithm")) {
            (None, None) => Err(Refusal::Missing),
            (Some(authorization), None) => {
                Self::from_header(headers, std::str::from_utf8(authorization.as_bytes()).unwrap_or_default())
            }
            (None, Some(algorithm)) => Self::from_query(query, &algorithm),
            // AWS does not say: what its services but S3 do with two signatures. Neither is obeyed, as S3 does.
            (Some(_), Some(_)) => Err(Refusal::Invalid(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header \
                 should be specified."
                    .to_owned(),
            )),
        }
    }

    /// From `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
    fn from_header(headers: &'a HeaderMap, authorization: &'a str) -> Result<Self, Refusal> {
        let mut tokens = authorization.split(',').flat_map(str::split_ascii_whitespace);
        let algorithm = tokens.next().unwrap_or_default();
        let [mut credential, mut signature, mut signed_headers] = [None; 3];
        for token in tokens {
            match token.split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                Some(("SignedHeaders", value)) => signed_headers = Some(value),
                Some(_) => {}
                None => {
                    return Err(Refusal::Incomplete(format!(
                        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and \
                         encoded with Base64): '{}'.",
                        fingerprint(authorization)
                    )));
                }
            }
        }
        let date = headers.get(DATE).or_else(|| headers.get(header::DATE));
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (credential, signature, signed_headers, date)
        else {
            return Err(incomplete_header(
                authorization,
                [
                    (credential.is_some(), "'Credential' parameter"),
                    (signature.is_some(), "'Signature' parameter"),
                    (signed_headers.is_some(), "'SignedHeaders' parameter"),
                    (date.is_some(), "existence of either a 'X-Amz-Date' or a 'Date' header"),
                ],
            ));
        };
        if algorithm != ALGORITHM {
            return Err(unsupported(algorithm));
        }
        Ok(Self {
            credential: credential.into(),
            signed_headers: signed_headers.into(),
            signature: signature.into(),
            token: headers.get(TOKEN).map(|token| Cow::Borrowed(token.as_bytes())),
            date: String::from_utf8_lossy(date.as_bytes()),
            lifetime: None,
        })
    }

    /// From `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…&…`.
    fn from_query(query: &'a Query<'_>, algorithm: &str) -> Result<Self, Refusal> {
        let credential = query.get("X-Amz-Credential");
        let signature = query.get("X-Amz-Signature");
        let signed_headers = query.get("X-Amz-SignedHeaders");
        let date = query.get("X-Amz-Date");
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (&credential, &signature, &signed_headers, &date)
        else {
            return Err(incomplete_query([
                (credential.is_some(), "X-Amz-Credential"),
                (signature.is_some(), "X-Amz-Signature"),
                (signed_headers.is_some(), "X-Amz-SignedHeaders"),
                (date.is_some(), "X-Amz-Date"),
            ]));
        };
        if algorithm != ALGORITHM {
            return Err(unsupported(algorithm));
        }
        Ok(Self {
            credential: credential.clone(),
            signed_headers: signed_headers.clone(),
            signature: signature.clone(),
            token: query.get("X-Amz-Security-Token").map(|token| Cow::Owned(token.into_owned().into_bytes())),
            date: date.clone(),
            lifetime: query.get("X-Amz-Expires"),
        })
    }

    /// When the request says it was signed.
    pub(super) fn date(&self) -> Result<Timestamp, Refusal> {
        Timestamp::parse(&self.date).ok_or_else(|| {
            Refusal::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
                self.date
            ))
        })
    }

    /// How long a presigned URL says it lives. Without `X-Amz-Expires` it lives as long as a signed header does.
    ///
    /// AWS does not say: what its services but S3 do with the parameter (STS was observed to ignore it). It is obeyed,
    /// because that is what its author asked for, and wrong values are answered with S3's words.
    pub(super) fn lifetime_s(&self) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.lifetime.as_deref() else { return Ok(None) };
        let refuse = |why: &str| Err(Refusal::Incomplete(why.to_owned()));
        match text.parse::<i64>() {
            Err(_) => refuse("X-Amz-Expires should be a number"),
            Ok(seconds) if seconds < 0 => refuse("X-Amz-Expires must be non-negative"),
            Ok(seconds) if seconds > MAX_LIFETIME_S => refuse(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
                 604800 seconds",
            ),
            Ok(seconds) => Ok(Some(seconds)),
        }
    }
}

/// `AKID/YYYYMMDD/region/service/aws4_request`, split.
pub(super) struct Scope<'a> {
    pub(super) access_key_id: &'a str,
    /// Everything after the access key id, as it is signed.
    pub(super) text: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
}

impl<'a> Scope<'a> {
    pub(super) fn parse(credential: &'a str) -> Result<Self, Refusal> {
        let mut parts = credential.split('/');
        let five = [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()];
        let ([Some(access_key_id), Some(date), Some(region), Some(service), Some(terminator)], None) =
            (five, parts.next())
        else {
            return Err(Refusal::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{credential}'"
            )));
        };
        let text = &credential[access_key_id.len() + 1..];
        Ok(Self { access_key_id, text, date, region, service, terminator })
    }

    /// Names every mistake at once. The space that ends each sentence is AWS's.
    pub(super) fn check(&self, expected: &Expected<'_>, date: &Timestamp) -> Result<(), Refusal> {
        let mut mistakes = String::new();
        if self.region != expected.region {
            mistakes += &format!("Credential should be scoped to a valid region, not '{}'. ", self.region);
        }
        if self.service != expected.service {
            mistakes += &format!("Credential should be scoped to correct service: '{}'. ", expected.service);
        }
        if self.terminator != TERMINATOR {
            mistakes += &format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'. ",
                self.terminator
            );
        }
        if self.date != date.day() {
            mistakes += &format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != \
                 '{}', from '{date}'.",
                self.date,
                date.day()
            );
        }
        if mistakes.is_empty() { Ok(()) } else { Err(Refusal::Invalid(mistakes)) }
    }
}

fn unsupported(algorithm: &str) -> Refusal {
    Refusal::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'."))
}

/// Names everything that the header lacks: `(present, what)`.
fn incomplete_header(authorization: &str, needed: [(bool, &str); 4]) -> Refusal {
    let mut message = String::new();
    for (_, what) in needed.iter().filter(|(present, _)| !present) {
        message += &format!("Authorization header requires {what}. ");
    }
    message += &format!("(Hashed with SHA-256 and encoded with Base64) Authorization={}", fingerprint(authorization));
    Refusal::Incomplete(message)
}

/// Names everything that the query lacks: `(present, what)`.
fn incomplete_query(needed: [(bool, &str); 4]) -> Refusal {
    let mut message = String::new();
    for (_, what) in needed.iter().filter(|(present, _)| !present) {
        message += &format!("AWS query-string parameters must include '{what}'. ");
    }
    Refusal::Incomplete(message + "Re-examine the query-string parameters.")
}

/// Says which header is meant without repeating what may be a password.
fn fingerprint(authorization: &str) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, authorization.as_bytes()))
}
