//! Tokens: what one is made of, and every claim that lets its holder in or keeps them out.

use std::collections::BTreeMap;

use switchboard_domain::{
    Time,
    stage::{
        Addresses, AutoRecording, Endpoints, Stage,
        token::{Capabilities, Capability, Claims, NewToken, Signer, TokenError, TokenRefused},
    },
};

use crate::{NOW, home, ids, later};

const BASE: &str = "http://127.0.0.1:4747";
const NOW_S: i64 = NOW.0 / 1_000;

fn stage() -> Stage {
    Stage::create(String::new(), AutoRecording::default(), NOW, &mut ids())
}

fn claims(stage: &Stage) -> Claims {
    let endpoints = Endpoints::at(BASE, stage.id);
    Claims {
        expires_s: NOW_S + 3_600,
        issued_s: NOW_S,
        token_id: "alice".to_owned(),
        resource: stage.arn(&home()).to_string(),
        topic: stage.id.to_string(),
        events_url: endpoints.events,
        whip_url: endpoints.whip,
        capabilities: Capabilities::ALL,
        version: "1.0".to_owned(),
        user_id: None,
        attributes: BTreeMap::new(),
    }
}

fn checked(change: impl FnOnce(&mut Claims)) -> Result<(), TokenError> {
    checked_at(&Addresses::default().started_at(BASE, NOW), Signer::Customer, NOW, change)
}

fn checked_at(
    addresses: &Addresses,
    signer: Signer,
    now: Time,
    change: impl FnOnce(&mut Claims),
) -> Result<(), TokenError> {
    let stage = stage();
    let mut claims = claims(&stage);
    change(&mut claims);
    claims.check(signer, &stage, &home(), addresses, now).map(drop)
}

#[test]
fn a_token_is_made_with_aws_defaults() {
    let made = NewToken::default().make(Time(NOW.0 + 999), &mut ids()).expect("a token");
    assert_eq!(made.duration_minutes, 720);
    assert_eq!(made.grant.capabilities, Capabilities::ALL);
    assert_eq!(made.grant.expires, NOW.plus_minutes(720), "in whole seconds");
}

#[test]
fn capabilities_are_named_in_aws_order() {
    let both = Capabilities::of(&[Capability::Subscribe, Capability::Publish]);
    assert_eq!(both.names(), [Capability::Publish, Capability::Subscribe]);
    assert_eq!(Capabilities::of(&[Capability::Subscribe]).names(), [Capability::Subscribe]);
    assert_eq!(Capabilities::of(&[]), Capabilities::ALL);
}

#[test]
fn attributes_are_a_kilobyte_at_most() {
    let token = |value: usize| NewToken {
        attributes: Some(BTreeMap::from([("key".to_owned(), "v".repeat(value))])),
        ..NewToken::default()
    };
    assert!(token(1_021).make(NOW, &mut ids()).is_ok());
    assert_eq!(token(1_022).make(NOW, &mut ids()).map(drop), Err(TokenRefused::AttributesTooLarge));
}

#[test]
fn a_good_token_says_who_its_holder_is() {
    let stage = stage();
    let mut claims = claims(&stage);
    claims.user_id = Some("u-1".to_owned());
    claims.capabilities.publish = false;
    let addresses = Addresses::default().started_at(BASE, NOW);
    let grant = claims.check(Signer::Customer, &stage, &home(), &addresses, NOW).expect("good");
    assert_eq!((grant.participant.as_str(), grant.user_id.as_deref()), ("alice", Some("u-1")));
    assert!(!grant.capabilities.publish && grant.capabilities.subscribe);
    assert_eq!(grant.expires, later(3_600));
}

#[test]
fn every_claim_is_checked() {
    type Change = fn(&mut Claims);
    let wrong: [(&str, Change); 14] = [
        ("jti", |claims| claims.token_id = String::new()),
        ("jti", |claims| claims.token_id = "a b".to_owned()),
        ("jti", |claims| claims.token_id = "a".repeat(65)),
        ("version", |claims| claims.version = "2.0".to_owned()),
        ("resource", |claims| claims.resource.push('x')),
        ("resource", |claims| claims.resource = claims.resource.replace("us-east-1", "eu-west-1")),
        ("topic", |claims| claims.topic.push('x')),
        ("events_url or whip_url", |claims| claims.events_url.push('/')),
        ("events_url or whip_url", |claims| claims.whip_url = "http://elsewhere/whip".to_owned()),
        ("user_id", |claims| claims.user_id = Some("u".repeat(129))),
        ("attributes", |claims| {
            claims.attributes.insert("k".to_owned(), "v".repeat(1_024));
        }),
        ("iat", |claims| claims.issued_s = NOW_S + 61),
        ("exp", |claims| claims.expires_s = claims.issued_s),
        ("exp", |claims| claims.expires_s = claims.issued_s + 14 * 86_400 + 1),
    ];
    for (claim, change) in wrong {
        assert_eq!(checked(change), Err(TokenError::Claim(claim)), "{claim}");
    }
    assert_eq!(checked(|claims| claims.issued_s = NOW_S + 60), Ok(()), "clocks are not that exact");
    assert_eq!(checked(|claims| claims.expires_s = claims.issued_s + 14 * 86_400), Ok(()));
}

#[test]
fn numbers_beyond_reason_are_refused_and_no_more() {
    assert!(checked(|claims| (claims.issued_s, claims.expires_s) = (i64::MIN, i64::MAX)).is_err());
    assert!(checked(|claims| (claims.issued_s, claims.expires_s) = (i64::MAX, i64::MIN)).is_err());
}

#[test]
fn a_token_is_good_until_its_second_and_no_longer() {
    let addresses = Addresses::default().started_at(BASE, NOW);
    assert_eq!(checked_at(&addresses, Signer::Customer, Time(later(3_600).0 - 1), |_| {}), Ok(()));
    assert_eq!(checked_at(&addresses, Signer::Customer, later(3_600), |_| {}), Err(TokenError::Expired));
}

#[test]
fn urls_of_before_a_move_are_good_for_fourteen_days() {
    const DAY: i64 = 86_400;
    let moved = Addresses::default().started_at(BASE, NOW).started_at("https://new.example", later(10));
    let again = |days: i64| moved.clone().started_at("https://newer.example", later(days * DAY));
    assert_eq!(checked_at(&moved, Signer::Customer, NOW, |_| {}), Ok(()));
    assert_eq!(checked_at(&again(13), Signer::Customer, NOW, |_| {}), Ok(()));
    assert!(checked_at(&again(15), Signer::Customer, NOW, |_| {}).is_err());
    assert_eq!(checked_at(&again(15), Signer::Server, NOW, |_| {}), Ok(()), "our own tokens need no proof");
    let back = again(13).started_at(BASE, later(14 * DAY));
    assert_eq!(checked_at(&back, Signer::Customer, NOW, |_| {}), Ok(()));
}

#[test]
fn endpoints_follow_the_address() {
    let stage = stage();
    let plain = Endpoints::at("http://127.0.0.1:4747", stage.id);
    assert_eq!(plain.events, "ws://127.0.0.1:4747/events");
    assert_eq!(plain.whip, format!("http://127.0.0.1:4747/whip/{}", stage.id));
    assert_eq!(plain.rtmp, "rtmp://127.0.0.1:1935/app/");
    let secure = Endpoints::at("https://live.example", stage.id);
    assert_eq!(secure.events, "wss://live.example/events");
    assert_eq!(secure.rtmps, "rtmps://live.example:443/app/");
    assert_eq!(Endpoints::at("http://[::1]:4747", stage.id).rtmp, "rtmp://[::1]:1935/app/");
}
