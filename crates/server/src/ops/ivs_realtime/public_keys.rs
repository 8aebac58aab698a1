//! What the operations on public keys share: reading one, and showing one.

use aws_lc_rs::digest::{SHA256, digest};
use switchboard_domain::{
    Home,
    stage::{ResourceKind, configurations::PublicKey},
};
use switchboard_wire::{
    Map,
    ivs_realtime::{PublicKey as Shown, ValidationException},
    jwt,
};

use super::lookup::invalid;

const FINGERPRINT_BYTES: usize = 16;

/// The fingerprint of the key in a PEM text.
// AWS does not say: what a fingerprint is made from. Its form is sixteen bytes; ours are the first of the SHA-256 of the
// key's DER.
pub(super) fn fingerprint(material: &str) -> Result<String, ValidationException> {
    let key = jwt::PublicKey::from_pem(material).ok().and_then(|_| jwt::PublicKey::der(material));
    let der = key.ok_or_else(|| invalid("publicKeyMaterial is not the PEM of a public key on the curve secp384r1."))?;
    let bytes: Vec<String> =
        digest(&SHA256, &der).as_ref()[..FINGERPRINT_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(bytes.join(":"))
}

/// The key's ARN.
pub(super) fn arn(key: &PublicKey, home: &Home) -> String {
    ResourceKind::PublicKey.arn(key.id.as_str(), home).to_string()
}

/// A key as replies show it.
pub(super) fn shown(key: PublicKey, arn: String, tags: Map<String>) -> Shown {
    Shown {
        arn: Some(arn),
        name: Some(key.name),
        public_key_material: Some(key.material),
        fingerprint: Some(key.fingerprint),
        tags: Some(tags),
    }
}
