//! Origins, functions and keys: the sets besides the bots.

use switchboard_domain::instance::{
    Associable, AssociationError, Family, FunctionArn, Limits, NotAFunction, NotAPublicKey, NotAnOrigin, Origin,
    Present, PublicKey, SecurityKey, associate, disassociate,
};

use crate::{NOW, ids};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:look-up";

const KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
";

#[test]
fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
    let good = [
        "https://example.com",
        "HTTPS://Example.COM",
        "https://example.com:8443",
        "http://localhost:3000",
        "http://127.0.0.1",
        "https://[::1]:4747",
        "https://*.example.com",
        "https://xn--bcher-kva.example",
    ];
    for origin in good {
        assert_eq!(Origin::parse(origin).map(|o| o.as_str().to_owned()), Ok(origin.to_owned()), "{origin}");
    }
    let too_long = format!("https://{}", ["a".repeat(60).as_str(); 5].join("."));
    let bad = [
        "",
        "example.com",
        "https://",
        "https:///",
        "https://example.com/",
        "https://example.com/path",
        "https://example.com?query",
        "https://example.com#part",
        "https://user@example.com",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:+80",
        "https://exa mple.com",
        "https://-example.com",
        "https://example..com",
        "https://*",
        "https://a.*.com",
        "https://[::1",
        "https://[nonsense]",
        "ftp://example.com",
        "javascript://example.com",
        too_long.as_str(),
    ];
    for origin in bad {
        assert_eq!(Origin::parse(origin), Err(NotAnOrigin), "{origin}");
    }
}

#[test]
fn the_case_of_an_origin_means_nothing() {
    let keys = ["https://Example.com", "HTTPS://example.COM"].map(|origin| Origin::parse(origin).unwrap().key());
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_function_is_named_by_its_arn() {
    for arn in [FUNCTION.to_owned(), format!("{FUNCTION}:PROD"), format!("{FUNCTION}:$LATEST"), format!("{FUNCTION}_2")]
    {
        assert_eq!(FunctionArn::parse(&arn).map(|f| f.key()), Ok(arn.clone()));
    }
    let bad = [
        "look-up",
        "arn:aws:lambda:us-east-1:123456789012:look-up",
        "arn:aws:lambda:us-east-1:123456789012:function:",
        "arn:aws:lambda:us-east-1:123456789012:function:look-up:",
        "arn:aws:lambda:us-east-1:123456789012:function:look-up:1:2",
        "arn:aws:lambda:us-east-1:123456789012:function:look up",
        "arn:aws:lambda::123456789012:function:look-up",
        "arn:aws:lambda:us-east-1::function:look-up",
        "arn:aws:lex:us-east-1:123456789012:function:look-up",
        &format!("{FUNCTION}{}", "x".repeat(140)),
    ];
    for arn in bad {
        assert_eq!(FunctionArn::parse(arn), Err(NotAFunction), "{arn}");
    }
}

#[test]
fn origins_and_functions_follow_the_same_rules_as_bots() {
    fn check(thing: &impl Associable, limits: &Limits) {
        let max = thing.family().limit(limits).unwrap();
        assert_eq!(associate(thing, Present { this: false, count: u64::from(max) - 1 }, limits), Ok(()));
        let full = associate(thing, Present { this: false, count: u64::from(max) }, limits);
        assert_eq!(full, Err(AssociationError::QuotaExceeded { family: thing.family(), max }));
        assert!(associate(thing, Present { this: true, count: 1 }, limits).is_err());
        assert!(disassociate(thing, false).is_err());
        assert_eq!(disassociate(thing, true), Ok(()));
    }
    check(&Origin::parse("https://example.com").unwrap(), &Limits::aws());
    check(&FunctionArn::parse(FUNCTION).unwrap(), &Limits::aws());
}

#[test]
fn a_key_is_one_public_key_in_pem() {
    assert_eq!(PublicKey::parse(KEY).map(|key| key.as_str().to_owned()), Ok(KEY.to_owned()));
    assert!(PublicKey::parse(&KEY.replace('\n', "\r\n")).is_ok());
    assert!(PublicKey::parse(&KEY.replace("PUBLIC", "RSA PUBLIC")).is_ok());
    assert!(PublicKey::parse(&KEY.replace("PUBLIC KEY", "CERTIFICATE")).is_ok());

    let two = KEY.repeat(2);
    let long = KEY.replace("MFkw", &format!("MFkw{}", "A".repeat(1_024)));
    let bad = [
        "",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
        "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nhello\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\naGVsbG8h\n-----END PUBLIC KEY-----",
        &KEY.replace("PUBLIC", "PRIVATE"),
        &KEY.replacen("PUBLIC", "RSA PUBLIC", 1),
        &KEY.replace("==", "="),
        &KEY.replace("MFkw", "MF*w"),
        two.as_str(),
        long.as_str(),
    ];
    for key in bad {
        assert_eq!(PublicKey::parse(key), Err(NotAPublicKey), "{key}");
    }
}

#[test]
fn an_instance_has_two_keys_at_most_and_each_once() {
    let limits = Limits::default();
    let mut ids = ids();
    let other = PublicKey::parse(&KEY.replace("EVs", "EVt")).unwrap();
    let third = PublicKey::parse(&KEY.replace("EVs", "EVu")).unwrap();

    let mut add =
        |key: PublicKey, present: &[SecurityKey]| SecurityKey::associate(key, present, &limits, NOW, &mut ids);
    let first = add(PublicKey::parse(KEY).unwrap(), &[]).unwrap();
    assert_eq!((first.key.as_str(), first.created), (KEY, NOW));

    let broken_otherwise = PublicKey::parse(&KEY.replace('\n', "\r\n")).unwrap();
    let again = add(broken_otherwise, std::slice::from_ref(&first));
    assert_eq!(again, Err(AssociationError::AlreadyAssociated(first.to_string())));

    let second = add(other, std::slice::from_ref(&first)).unwrap();
    assert_ne!(first.association_id, second.association_id);
    let full = add(third, &[first, second]);
    assert_eq!(full, Err(AssociationError::QuotaExceeded { family: Family::SecurityKeys, max: 2 }));
}

#[test]
fn a_quota_is_told_in_words() {
    let error = AssociationError::QuotaExceeded { family: Family::LexV1Bots, max: 70 };
    assert_eq!(error.to_string(), "The instance has 70 Amazon Lex V1 bots already, the most it can have.");
}
