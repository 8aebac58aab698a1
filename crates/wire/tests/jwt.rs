//! Tokens of stages: what is signed reads back, and nothing else does.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use switchboard_wire::jwt::{Claims, Jwt, PublicKey, SigningKey};

/// Made by `openssl ecparam -name secp384r1` and `openssl ec -pubout`.
const OPENSSL_KEY: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEfaYrIe4PjNmsRwLI41A4DNyD53reIhLR
mZouk7iaNoeWavZxuMAgXH3fBiMDOeIgBS5APW8moeM2E2qXJo8RkwRpxh0J3nJi
JonJ9gApH7bjjMDjMDE+S4zNZd25UcNC
-----END PUBLIC KEY-----
";

#[allow(clippy::disallowed_methods, reason = "a test may sign with any randomness")]
fn random() -> SystemRandom {
    SystemRandom::new()
}

fn key() -> SigningKey {
    SigningKey::from_pkcs8(&SigningKey::generate(&random()).expect("a key")).expect("the same key")
}

fn claims() -> Claims {
    Claims {
        exp: 1_700_003_600,
        iat: 1_700_000_000,
        jti: "alice".to_owned(),
        resource: "arn:aws:ivs:us-east-1:123456789012:stage/AbCdEfGhIjKl".to_owned(),
        topic: "AbCdEfGhIjKl".to_owned(),
        events_url: "ws://127.0.0.1:4747/events".to_owned(),
        whip_url: "http://127.0.0.1:4747/whip/AbCdEfGhIjKl".to_owned(),
        allow_publish: true,
        allow_subscribe: false,
        version: "1.0".to_owned(),
        user_id: Some("ü".to_owned()),
        attributes: [("name".to_owned(), "Alice".to_owned())].into(),
    }
}

fn payload() -> Value {
    json!({
        "exp": 1_700_003_600, "iat": 1_700_000_000, "jti": "alice", "resource": "arn", "topic": "t",
        "events_url": "e", "whip_url": "w", "capabilities": { "allow_subscribe": true }, "version": "1.0",
    })
}

/// A token of those parts, signed by a customer's own key, and the key.
fn signed(header: &Value, payload: &Value) -> (String, PublicKey) {
    let document = SigningKey::generate(&random()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &document).expect("the same key");
    let parts = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let text = parts.join(".");
    let signature = pair.sign(&random(), text.as_bytes()).expect("signed");
    let public = SigningKey::from_pkcs8(&document).expect("the same key").public().clone();
    (format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)), public)
}

fn header() -> Value {
    json!({ "alg": "ES384", "typ": "JWT", "kid": "arn:key" })
}

#[test]
fn a_token_of_ours_reads_back() {
    let key = key();
    let token = key.sign(&claims(), &random()).expect("signed");
    assert_eq!(token.split('.').count(), 3);
    let jwt = Jwt::read(&token).expect("well formed");
    assert_eq!(jwt.key_id(), None);
    assert_eq!(jwt.clone().verify(key.public()), Some(claims()));
    assert_eq!(jwt.verify(self::key().public()), None, "another key");
}

#[test]
fn clients_can_read_what_is_in_it() {
    let token = key().sign(&claims(), &random()).expect("signed");
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).expect("base64url");
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    assert_eq!(payload["topic"], "AbCdEfGhIjKl");
    assert_eq!(payload["capabilities"], json!({ "allow_publish": true, "allow_subscribe": false }));
    assert_eq!(payload["attributes"], json!({ "name": "Alice" }));
}

#[test]
fn a_customers_token_names_its_key_and_what_it_leaves_out_is_not_allowed() {
    let (token, key) = signed(&header(), &payload());
    let jwt = Jwt::read(&token).expect("well formed");
    assert_eq!(jwt.key_id(), Some("arn:key"));
    let claims = jwt.verify(&key).expect("signed by it");
    assert!(claims.allow_subscribe && !claims.allow_publish);
    assert_eq!((claims.user_id, claims.attributes.len()), (None, 0));
}

#[test]
fn no_other_algorithm_is_obeyed() {
    for alg in [json!("none"), json!("None"), json!("HS384"), json!("ES256"), json!("KMS"), json!(null), json!(1)] {
        let (token, _) = signed(&json!({ "alg": alg, "typ": "JWT" }), &payload());
        assert!(Jwt::read(&token).is_err(), "{alg}");
    }
    for bad in [
        json!({ "alg": "ES384" }),
        json!({ "alg": "ES384", "typ": "JOSE" }),
        json!({ "alg": "ES384", "typ": "JWT", "kid": 7 }),
        json!({ "alg": "ES384", "typ": "JWT", "crit": ["exp"] }),
        json!([]),
    ] {
        assert!(Jwt::read(&signed(&bad, &payload()).0).is_err(), "{bad}");
    }
}

#[test]
fn every_claim_has_its_type() {
    for (claim, value) in [
        ("exp", json!(1.5)),
        ("exp", json!("1700003600")),
        ("iat", json!(null)),
        ("iat", json!(1.7e9)),
        ("jti", json!(7)),
        ("resource", json!(null)),
        ("topic", json!([])),
        ("events_url", json!({})),
        ("whip_url", json!(false)),
        ("version", json!(1.0)),
        ("capabilities", json!([])),
        ("capabilities", json!({ "allow_publish": "yes" })),
        ("user_id", json!(7)),
        ("attributes", json!([])),
        ("attributes", json!({ "level": 3 })),
    ] {
        let mut payload = payload();
        payload[claim] = value.clone();
        assert!(Jwt::read(&signed(&header(), &payload).0).is_err(), "{claim}: {value}");
    }
}

#[test]
fn no_changed_or_shortened_token_is_believed() {
    let (token, key) = signed(&header(), &payload());
    let believed = |token: &str| Jwt::read(token).ok().and_then(|jwt| jwt.verify(&key)).is_some();
    assert!(believed(&token));
    for at in 0..token.len() {
        assert!(!believed(&token[..at]), "cut at {at}");
        let mut other = token.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        assert!(!believed(&String::from_utf8(other).expect("ASCII")), "changed at {at}");
    }
    for text in ["", ".", "..", "...", "a.b.c", "a.b.c.d", &"a".repeat(1 << 20), "ü.ü.ü"] {
        assert!(Jwt::read(text).is_err(), "{}", text.len());
    }
}

#[test]
fn a_der_signature_is_not_one_of_this_form() {
    let (token, key) = signed(&header(), &payload());
    let (text, signature) = token.rsplit_once('.').expect("three parts");
    let fixed = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    assert_eq!(fixed.len(), 96);
    let der = [&[0x30, 0x64, 0x02, 0x30][..], &fixed[..48], &[0x02, 0x30], &fixed[48..]].concat();
    let other = format!("{text}.{}", URL_SAFE_NO_PAD.encode(der));
    assert_eq!(Jwt::read(&other).expect("well formed").verify(&key), None);
}

#[test]
fn keys_are_points_on_p_384_and_nothing_else() {
    assert!(PublicKey::from_pem(OPENSSL_KEY).is_ok());
    assert!(PublicKey::from_pem(&OPENSSL_KEY.replace('\n', "\r\n")).is_ok());
    assert!(PublicKey::from_pem(OPENSSL_KEY.trim_end()).is_ok());

    let p256 = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtnyxNNXRzGn0s4/lJofbBPEti0bY
D3qbqMvZfTP8d1vEVig3YVhb+I5RJsn6qry6dw5ie34SeSKzH3eTMag9sg==
-----END PUBLIC KEY-----
";
    assert!(PublicKey::from_pem(p256).is_err());
    let mut der = PublicKey::der(OPENSSL_KEY).expect("DER");
    *der.last_mut().expect("a point") ^= 1;
    let off_curve = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode(&der));
    assert!(PublicKey::from_pem(&off_curve).is_err());
    for text in ["", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----"] {
        assert!(PublicKey::from_pem(text).is_err(), "{text}");
    }
}
