//! AWS Signature Version 4, verified: in the `Authorization` header, or in the query of a presigned URL.
//!
//! The one rule: what is verified is what arrived. The path and the query are taken raw, and the canonical request is
//! built from them as the signers of the AWS SDKs build it for every service but S3: dot segments and doubled slashes
//! leave the path, and the path as sent is percent-encoded once more.
//!
//! A check that fails is a [`Refusal`] with the code, status and words AWS answers with. The checks run in AWS's order
//! (observed): the parameters, the signed headers, the date, the credential's scope, the access key, the signature.
//!
//! Sources: IAM User Guide, *AWS Signature Version 4 for API requests*, *Create a signed AWS API request* and
//! *Troubleshoot signed requests for AWS APIs*; botocore's signer; API references, *Common Errors*. Message texts that
//! those pages do not give are as services that speak restJson1 were observed to answer.

mod canonical;
mod claim;
mod date;
mod keys;
mod refusal;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use http::HeaderMap;

pub use keys::{Credential, Credentials, Secret, SigningKeys};
pub use refusal::Refusal;

use canonical::Query;
use claim::{Claim, Scope};
use date::Timestamp;

/// How far a request's date may be from the server's, either way.
const CLOCK_SKEW_S: i64 = 5 * 60;

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method, in upper case.
    pub method: &'a str,
    /// The path before any decoding.
    pub path: &'a str,
    /// The query before any decoding, without the question mark; empty when there is none.
    pub query: &'a str,
    /// The headers, `Host` among them.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

/// What a credential must be scoped to.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The server's region.
    pub region: &'a str,
    /// The signing name of the service that the request is for.
    pub service: &'a str,
}

/// Verifies a request's signature. `now_s` is the real time, in seconds since the Unix epoch.
///
/// Returns the access key id of the caller.
///
/// # Errors
/// A [`Refusal`]: the request is not signed, not in time, not for here, or not by whom it says.
pub fn verify(
    request: &Request<'_>,
    expected: &Expected<'_>,
    credentials: &(impl Credentials + ?Sized),
    keys: &SigningKeys,
    now_s: i64,
) -> Result<String, Refusal> {
    let query = Query::parse(request.query);
    let claim = Claim::read(request.headers, &query)?;
    check_signed_headers(request.headers, &claim.signed_headers)?;
    let date = claim.date()?;
    check_window(&date, claim.lifetime_s()?, now_s)?;
    let scope = Scope::parse(&claim.credential)?;
    scope.check(expected, &date)?;

    let credential = credentials.find(scope.access_key_id).ok_or(Refusal::Unrecognized)?;
    check_token(&credential, claim.token.as_deref())?;

    let canonical = canonical::request(request, &query, &claim.signed_headers);
    let key = keys.signing_key(&claim.credential, &scope, &credential.secret);
    let to_sign = StringToSign { date: &date, scope: scope.text, canonical_hash: canonical::sha256_hex(&canonical) };
    if !to_sign.is_signed_by(&key, &claim.signature) {
        return Err(Refusal::mismatch(&canonical, &to_sign.text()));
    }
    Ok(scope.access_key_id.to_owned())
}

/// The access key id that a request names, believed without any proof.
///
/// Only for a server that was told to accept anybody.
#[must_use]
pub fn unverified_access_key_id(request: &Request<'_>) -> Option<String> {
    let query = Query::parse(request.query);
    let claim = Claim::read(request.headers, &query).ok()?;
    claim.credential.split('/').next().map(str::to_owned)
}

/// The service that a request is signed for, believed without any proof: which operation it is for, not whether it may.
#[must_use]
pub fn unverified_service(headers: &HeaderMap, query: &str) -> Option<String> {
    let query = Query::parse(query);
    let claim = Claim::read(headers, &query).ok()?;
    claim.credential.rsplit('/').nth(1).map(str::to_owned)
}

/// `Host` must be signed, and so must every `x-amz-*` header there is.
fn check_signed_headers(headers: &HeaderMap, signed: &str) -> Result<(), Refusal> {
    let is_signed = |name: &str| signed.split(';').any(|listed| listed == name);
    if !is_signed("host") {
        return Err(Refusal::Invalid(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        ));
    }
    // AWS does not say: which `x-amz-*` headers may come unsigned. CloudFront adds this one after the signer.
    let must_be_signed = |name: &str| name.starts_with("x-amz-") && name != "x-amz-cf-id";
    match headers.keys().find(|name| must_be_signed(name.as_str()) && !is_signed(name.as_str())) {
        Some(name) => Err(Refusal::Invalid(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."))),
        None => Ok(()),
    }
}

/// The date must be near `now_s`, or for a presigned URL not longer ago than it says it lives.
fn check_window(date: &Timestamp, lifetime_s: Option<i64>, now_s: i64) -> Result<(), Refusal> {
    let latest = now_s.saturating_add(CLOCK_SKEW_S);
    if date.seconds() > latest {
        let (latest, now) = (Timestamp::from_seconds(latest), Timestamp::from_seconds(now_s));
        return Err(Refusal::Invalid(format!(
            "Signature not yet current: {date} is still later than {latest} ({now} + 5 min.)"
        )));
    }
    if let Some(lifetime_s) = lifetime_s {
        let expires_s = date.seconds().saturating_add(lifetime_s);
        if expires_s < now_s {
            // AWS does not say: the words. These carry the three facts that S3 gives.
            let (expires, now) = (Timestamp::from_seconds(expires_s), Timestamp::from_seconds(now_s));
            return Err(Refusal::Expired(format!(
                "Request has expired. X-Amz-Expires: {lifetime_s}. Expires: {expires}. ServerTime: {now}."
            )));
        }
        return Ok(());
    }
    let earliest = now_s.saturating_sub(CLOCK_SKEW_S);
    if date.seconds() < earliest {
        let (earliest, now) = (Timestamp::from_seconds(earliest), Timestamp::from_seconds(now_s));
        return Err(Refusal::Invalid(format!(
            "Signature expired: {date} is now earlier than {earliest} ({now} - 5 min.)"
        )));
    }
    Ok(())
}

/// A credential with a session token needs exactly that token, and one without needs none.
fn check_token(credential: &Credential, token: Option<&[u8]>) -> Result<(), Refusal> {
    let matches = match (&credential.session_token, token) {
        (None, None) => true,
        (Some(known), Some(given)) => verify_slices_are_equal(known.expose().as_bytes(), given).is_ok(),
        (None, Some(_)) | (Some(_), None) => false,
    };
    if matches { Ok(()) } else { Err(Refusal::Unrecognized) }
}

/// What is signed: the date, the scope and the hash of the canonical request.
struct StringToSign<'a> {
    date: &'a Timestamp,
    scope: &'a str,
    canonical_hash: [u8; 64],
}

impl StringToSign<'_> {
    /// Its pieces, in order.
    fn pieces(&self) -> [&[u8]; 6] {
        [b"AWS4-HMAC-SHA256\n", self.date.as_bytes(), b"\n", self.scope.as_bytes(), b"\n", &self.canonical_hash]
    }

    fn text(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    /// Compares in constant time. The signature must be 64 lower-case hexadecimal digits.
    fn is_signed_by(&self, key: &hmac::Key, signature: &str) -> bool {
        let mut context = hmac::Context::with_key(key);
        for piece in self.pieces() {
            context.update(piece);
        }
        let expected = canonical::hex(context.sign().as_ref());
        verify_slices_are_equal(&expected, signature.as_bytes()).is_ok()
    }
}
