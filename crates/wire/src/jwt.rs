//! JSON Web Tokens of stages: three parts, signed with ECDSA on P-384 over SHA-384 (`ES384`).
//!
//! The one rule: one algorithm. The header of a token never chooses how it is verified: anything but `ES384` is refused,
//! `none` first. What a token says is readable by anybody, since clients decode it for the URLs in it; it is believed
//! only once [`Jwt::verify`] says so.
//!
//! Sources: RFC 7515 (compact serialization, and the `r‖s` form of signatures in RFC 7518 §3.4), RFC 7519; *Distribute
//! participant tokens* in the Amazon IVS Real-Time User Guide.

use aws_lc_rs::{
    rand::SecureRandom,
    signature::{
        ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
    },
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};

/// The only algorithm.
const ALGORITHM: &str = "ES384";
/// Longer than any token with all its claims at their limits, were every byte of them escaped in JSON.
const LONGEST: usize = 16 * 1_024;
/// `SubjectPublicKeyInfo` of an uncompressed point on P-384, up to the point (RFC 5480).
const SPKI_P384: [u8; 23] = [
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22, 0x03, 0x62, 0x00,
];
/// An uncompressed point: its mark, x and y.
const POINT_BYTES: usize = 97;
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// The text is not a token of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is malformed: {0}")]
pub struct Malformed(&'static str);

/// The text is not a key on P-384 in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the PEM of a public key on the curve secp384r1")]
pub struct NotAKey;

/// What a participant token says, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// `exp`.
    pub exp: i64,
    /// `iat`.
    pub iat: i64,
    /// `jti`.
    pub jti: String,
    /// `resource`.
    pub resource: String,
    /// `topic`.
    pub topic: String,
    /// `events_url`.
    pub events_url: String,
    /// `whip_url`.
    pub whip_url: String,
    /// `capabilities.allow_publish`; false where it is missing.
    pub allow_publish: bool,
    /// `capabilities.allow_subscribe`; false where it is missing.
    pub allow_subscribe: bool,
    /// `version`.
    pub version: String,
    /// `user_id`.
    pub user_id: Option<String>,
    /// `attributes`.
    pub attributes: crate::Map<String>,
}

/// A token whose signature is not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    key_id: Option<String>,
    claims: Claims,
    signed: String,
    signature: Vec<u8>,
}

impl Jwt {
    /// Reads a token.
    ///
    /// # Errors
    /// [`Malformed`] says what is wrong with it.
    pub fn read(token: &str) -> Result<Self, Malformed> {
        if token.len() > LONGEST {
            return Err(Malformed("it is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Malformed("it has no three parts"))?;
        let (header, payload) = signed.split_once('.').ok_or(Malformed("it has no three parts"))?;
        if payload.contains('.') {
            return Err(Malformed("it has no three parts"));
        }
        let header = object(header)?;
        if header.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
            return Err(Malformed("alg is not ES384"));
        }
        if header.get("typ").and_then(Value::as_str) != Some("JWT") {
            return Err(Malformed("typ is not JWT"));
        }
        // RFC 7515 §4.1.11: what must be understood, and is not, is refused.
        if header.contains_key("crit") {
            return Err(Malformed("crit is not understood"));
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(Malformed("kid is not text")),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Malformed("the signature is not base64url"))?;
        Ok(Self { key_id, claims: claims(&object(payload)?)?, signed: signed.to_owned(), signature })
    }

    /// `kid`: the ARN of the imported key it is said to be signed with; `None` on tokens of the server's own.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// What it says, if `key` signed it.
    #[must_use]
    pub fn verify(self, key: &PublicKey) -> Option<Claims> {
        key.0.verify_sig(self.signed.as_bytes(), &self.signature).ok()?;
        Some(self.claims)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, Malformed> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Malformed("a part is not base64url"))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Malformed("a part is not a JSON object")),
    }
}

fn claims(payload: &Map<String, Value>) -> Result<Claims, Malformed> {
    let capabilities = match payload.get("capabilities") {
        Some(Value::Object(capabilities)) => capabilities,
        _ => return Err(Malformed("capabilities is not an object")),
    };
    Ok(Claims {
        exp: seconds(payload, "exp")?,
        iat: seconds(payload, "iat")?,
        jti: text(payload, "jti")?,
        resource: text(payload, "resource")?,
        topic: text(payload, "topic")?,
        events_url: text(payload, "events_url")?,
        whip_url: text(payload, "whip_url")?,
        allow_publish: flag(capabilities, "allow_publish")?,
        allow_subscribe: flag(capabilities, "allow_subscribe")?,
        version: text(payload, "version")?,
        user_id: payload.get("user_id").filter(|id| !id.is_null()).map(|_| text(payload, "user_id")).transpose()?,
        attributes: attributes(payload.get("attributes"))?,
    })
}

/// Whole seconds: a number with a fraction is refused, as the guide says.
fn seconds(payload: &Map<String, Value>, name: &'static str) -> Result<i64, Malformed> {
    payload.get(name).and_then(Value::as_i64).ok_or(Malformed(name))
}

fn text(payload: &Map<String, Value>, name: &'static str) -> Result<String, Malformed> {
    payload.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(Malformed(name))
}

fn flag(capabilities: &Map<String, Value>, name: &'static str) -> Result<bool, Malformed> {
    capabilities.get(name).map_or(Ok(false), |value| value.as_bool().ok_or(Malformed(name)))
}

fn attributes(value: Option<&Value>) -> Result<crate::Map<String>, Malformed> {
    const WRONG: Malformed = Malformed("attributes");
    match value {
        None | Some(Value::Null) => Ok(crate::Map::new()),
        Some(Value::Object(pairs)) => {
            let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            pairs.iter().map(pair).collect::<Option<_>>().ok_or(WRONG)
        }
        Some(_) => Err(WRONG),
    }
}

/// A key that verifies.
#[derive(Debug, Clone)]
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// The key in a PEM text, as OpenSSL writes it: `SubjectPublicKeyInfo`, the point not compressed.
    ///
    /// # Errors
    /// [`NotAKey`], also for a point that is not on the curve.
    pub fn from_pem(pem: &str) -> Result<Self, NotAKey> {
        let der = Self::der(pem).ok_or(NotAKey)?;
        let point = der.strip_prefix(&SPKI_P384).filter(|point| point.len() == POINT_BYTES).ok_or(NotAKey)?;
        let key = ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).map_err(|_| NotAKey)?;
        Ok(Self(key))
    }

    /// The bytes between the lines of a PEM text.
    #[must_use]
    pub fn der(pem: &str) -> Option<Vec<u8>> {
        let (_, rest) = pem.split_once(PEM_BEGIN)?;
        let (body, _) = rest.split_once(PEM_END)?;
        let body: String = body.split_ascii_whitespace().collect();
        STANDARD.decode(body).ok()
    }
}

/// The key that the server signs its own tokens with.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// A fresh one, to be kept. `None` when there is no randomness.
    #[must_use]
    pub fn generate(random: &dyn SecureRandom) -> Option<Vec<u8>> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, random).ok()?;
        Some(document.as_ref().to_vec())
    }

    /// The one that was kept.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, NotAKey> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, bytes).map_err(|_| NotAKey)?;
        let public = ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, pair.public_key().as_ref()).map_err(|_| NotAKey)?;
        Ok(Self { pair, public: PublicKey(public) })
    }

    /// What verifies its tokens.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A token that says so. `None` when there is no randomness.
    #[must_use]
    pub fn sign(&self, claims: &Claims, random: &dyn SecureRandom) -> Option<String> {
        let header = json!({ "alg": ALGORITHM, "typ": "JWT" });
        let signed = format!("{}.{}", encode(&header), encode(&payload(claims)));
        let signature = self.pair.sign(random, signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn payload(claims: &Claims) -> Value {
    let mut payload = json!({
        "exp": claims.exp,
        "iat": claims.iat,
        "jti": claims.jti,
        "resource": claims.resource,
        "topic": claims.topic,
        "events_url": claims.events_url,
        "whip_url": claims.whip_url,
        "capabilities": { "allow_publish": claims.allow_publish, "allow_subscribe": claims.allow_subscribe },
        "version": claims.version,
    });
    if let Some(user_id) = &claims.user_id {
        payload["user_id"] = json!(user_id);
    }
    if !claims.attributes.is_empty() {
        payload["attributes"] = json!(claims.attributes);
    }
    payload
}
