//! Offers that must pass, and one change each that must not.

use super::*;

const SESSION: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
    a=fingerprint:sha-256 00:11\r\na=setup:actpass\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";
const AUDIO: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n\
    a=rtpmap:111 opus/48000/2\r\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n";
const VIDEO: &str = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendonly\r\na=rtcp-mux\r\n\
    a=rtpmap:96 VP8/90000\r\na=rid:hi send\r\na=rid:low send\r\na=simulcast:send hi;~low\r\n";

fn offer() -> String {
    [SESSION, AUDIO, VIDEO].concat()
}

fn parse(text: &str) -> Result<Offer, OfferError> {
    Offer::parse(text, Side::Publisher, &Limits::default())
}

#[test]
fn a_good_offer_passes() {
    let offer = parse(&offer()).expect("good");
    assert_eq!(offer.ufrag, "abcd");
    assert_eq!(offer.sections[0], Section { kind: Kind::Audio, mid: "0".into(), layers: vec![] });
    assert_eq!(offer.sections[1].layers, ["hi", "low"]);
    assert!(!offer.text().contains("candidate"));
}

#[test]
fn one_thing_wrong() {
    let good = offer();
    let without = |line: &str| good.replace(&format!("{line}\r\n"), "");
    let second_audio = AUDIO.replace("a=mid:0", "a=mid:2");
    let bundle = |mids: &str| good.replace("BUNDLE 0 1", &format!("BUNDLE {mids}"));
    let cases = [
        ("empty", String::new(), OfferError::NotSdp),
        ("JSON", "{\"sdp\":1}".into(), OfferError::NotSdp),
        ("too long", good.clone() + &"a=x\r\n".repeat(20_000), OfferError::TooLarge),
        ("too many lines", good.clone() + &"a=x\r\n".repeat(2_000), OfferError::TooLarge),
        ("a line without a type", good.clone() + "nonsense\r\n", OfferError::Malformed),
        ("no media", SESSION.into(), OfferError::NoMedia),
        (
            "all media refused",
            good.replace("m=audio 9", "m=audio 0").replace("m=video 9", "m=video 0").replace("BUNDLE 0 1", "BUNDLE"),
            OfferError::NoMedia,
        ),
        ("two audio tracks", bundle("0 1 2") + &second_audio, OfferError::TooManyTracks),
        ("four layers", good.replace("hi;~low", "a;b;c;d"), OfferError::TooManyLayers),
        (
            "a data channel",
            good.clone() + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=rtcp-mux\r\n",
            OfferError::UnsupportedSection,
        ),
        ("a publisher that receives", good.replace("a=sendonly", "a=recvonly"), OfferError::Direction),
        ("inactive", good.replace("a=sendonly", "a=inactive"), OfferError::Direction),
        ("no bundle", without("a=group:BUNDLE 0 1"), OfferError::NotBundled),
        ("half a bundle", bundle("0"), OfferError::NotBundled),
        ("no rtcp-mux", without("a=rtcp-mux"), OfferError::NoRtcpMux),
        ("no ufrag", without("a=ice-ufrag:abcd"), OfferError::IceCredentials),
        ("short ufrag", good.replace("ufrag:abcd", "ufrag:abc"), OfferError::IceCredentials),
        ("short password", good.replace("0123456789012345678901", "0123"), OfferError::IceCredentials),
        ("no fingerprint", without("a=fingerprint:sha-256 00:11"), OfferError::NoFingerprint),
        ("no DTLS role", good.replace("actpass", "holdconn"), OfferError::Setup),
        ("unknown codec", good.replace("VP8/", "H265/"), OfferError::NoCodec),
        ("no mid", without("a=mid:1"), OfferError::Malformed),
    ];
    for (name, text, expected) in cases {
        assert_eq!(parse(&text).err(), Some(expected), "{name}");
    }
}

#[test]
fn either_dtls_role_passes() {
    for role in ["active", "passive"] {
        assert!(parse(&offer().replace("actpass", role)).is_ok(), "{role}");
    }
}

#[test]
fn directions_of_either_side() {
    let viewer = |direction: &str| {
        let text = offer().replace("a=sendonly", direction);
        Offer::parse(&text, Side::Viewer, &Limits::default())
    };
    let both_ways = viewer("a=sendrecv").expect("tolerated").text();
    assert!(both_ways.contains("a=recvonly") && !both_ways.contains("a=sendrecv"));
    assert!(!both_ways.contains("simulcast"));
    assert!(viewer("a=recvonly").is_ok());
    assert_eq!(viewer("a=sendonly").err(), Some(OfferError::Direction));
    let publisher = parse(&offer().replace("a=sendonly\r\n", "")).expect("no direction means both").text();
    assert_eq!(publisher.matches("a=sendonly").count(), 2);
}

#[test]
fn strict_mode_wants_h264() {
    let strict = crate::Policy::strict().limits;
    assert_eq!(Offer::parse(&offer(), Side::Publisher, &strict).err(), Some(OfferError::H264Required));
    let h264 = offer().replace("VP8/", "H264/");
    assert!(Offer::parse(&h264, Side::Publisher, &strict).is_ok());
    let viewer = offer().replace("a=sendonly", "a=recvonly");
    assert!(Offer::parse(&viewer, Side::Viewer, &strict).is_ok());
}

#[test]
fn one_section_needs_no_group() {
    let text = SESSION.replace("a=group:BUNDLE 0 1\r\n", "") + AUDIO;
    assert!(parse(&text).expect("good").text().contains("a=group:BUNDLE 0\r\n"));
}

#[test]
fn a_restart_is_the_same_offer_with_other_credentials() {
    let again = parse(&offer()).expect("good").with_credentials("wxyz", "abcdefghijklmnopqrstuv");
    assert_eq!(again.ufrag, "wxyz");
    assert!(again.text().contains("a=ice-pwd:abcdefghijklmnopqrstuv\r\n"));
    assert!(!again.text().contains("abcd\r\n"));
}

#[test]
fn no_error_repeats_the_text() {
    let secret = "s3cr3t";
    let text = offer().replace("VP8/", secret);
    let error = parse(&text).expect_err("unknown codec");
    assert!(!error.to_string().contains(secret));
}

const ASKED: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n";

fn good_answer() -> String {
    [SESSION, ASKED].concat().replace("actpass", "active")
}

fn answer(text: &str) -> Result<Offer, OfferError> {
    Offer::parse_answer(text, &[(Kind::Audio, "0".into()), (Kind::Video, "1".into())])
}

#[test]
fn answers_that_pass() {
    let good = good_answer();
    for text in [good.clone(), good.replace("active", "passive"), good.replace("a=recvonly\r\n", "")] {
        let answer = answer(&text).expect("good");
        assert_eq!((answer.ufrag.as_str(), answer.sections.len()), ("abcd", 2), "{text}");
        assert_eq!(answer.text().matches("a=recvonly").count(), 2);
    }
    let kinds =
        |text: &str| answer(text).expect("half").sections.iter().map(|section| section.kind).collect::<Vec<_>>();
    let refused = good.replace("m=video 9", "m=video 0").replace("BUNDLE 0 1", "BUNDLE 0");
    assert_eq!(kinds(&refused), [Kind::Audio]);
    let (audio, video) = good.split_at(good.find("m=video").expect("there is one"));
    let idle = audio.replace("a=recvonly", "a=inactive") + video;
    assert_eq!(kinds(&idle), [Kind::Video]);
    assert!(answer(&idle).expect("half").text().contains("a=inactive"));
}

#[test]
fn one_thing_wrong_with_an_answer() {
    let good = good_answer();
    let (audio, video) = good.split_at(good.find("m=video").expect("there is one"));
    let head = &audio[..audio.find("m=audio").expect("there is one")];
    let cases = [
        ("empty", String::new(), OfferError::NotSdp),
        ("a section less", audio.replace("BUNDLE 0 1", "BUNDLE 0"), OfferError::Mismatch),
        ("a section more", good.clone() + &VIDEO.replace("a=mid:1", "a=mid:2"), OfferError::Mismatch),
        ("another order", format!("{head}{video}{}", &audio[head.len()..]), OfferError::Mismatch),
        ("another name", good.replace("a=mid:1", "a=mid:7"), OfferError::Mismatch),
        ("all refused", good.replace("a=recvonly", "a=inactive"), OfferError::NoMedia),
        ("it sends", good.replace("a=recvonly", "a=sendonly"), OfferError::Direction),
        ("it sends too", good.replace("a=recvonly", "a=sendrecv"), OfferError::Direction),
        ("no DTLS role taken", good.replace("setup:active", "setup:actpass"), OfferError::Setup),
        ("no fingerprint", good.replace("a=fingerprint:sha-256 00:11\r\n", ""), OfferError::NoFingerprint),
        ("no ICE", good.replace("a=ice-pwd", "a=ice-x"), OfferError::IceCredentials),
        ("no bundle", good.replace("a=group:BUNDLE 0 1\r\n", ""), OfferError::NotBundled),
        ("no rtcp-mux", good.replace("a=rtcp-mux\r\n", ""), OfferError::NoRtcpMux),
        ("no codec", good.replace("VP8/", "H265/"), OfferError::NoCodec),
    ];
    for (name, text, expected) in cases {
        assert_eq!(answer(&text).err(), Some(expected), "{name}");
    }
}
