//! Session descriptions: what the clients say of themselves, and what of a server's they go by.
//!
//! The one rule: one section, of video in VP8, as a browser writes it. The client is always who begins DTLS.
//!
//! Sources: RFC 8866, RFC 8839 (ICE), RFC 8843 (BUNDLE), RFC 9725 §4.

use std::net::SocketAddr;

use crate::Outcome;

/// The extension that numbers packets across all streams of a connection.
const TRANSPORT_NUMBER: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Its number in our own offers, and the payload types there.
const OFFERED_EXTENSION: u8 = 3;
const OFFERED_VP8: u8 = 96;
const OFFERED_RESENT: u8 = 97;

/// One end of an ICE connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) ufrag: String,
    pub(super) password: String,
}

/// What a client says of itself.
pub(super) struct Ours<'a> {
    pub(super) ice: &'a Credentials,
    pub(super) fingerprint: &'a str,
    pub(super) address: SocketAddr,
    /// Of a publisher's stream.
    pub(super) ssrc: Option<u32>,
}

/// What a server said.
#[derive(Debug)]
pub(super) struct Theirs {
    pub(super) ice: Credentials,
    pub(super) address: SocketAddr,
    /// Payload type of VP8.
    pub(super) vp8: u8,
    /// Number of the extension for transport feedback, if it was agreed on.
    pub(super) extension: Option<u8>,
    mid: String,
}

/// An offer to publish, if there is an SSRC, or to watch.
pub(super) fn offer(ours: &Ours<'_>) -> String {
    describe(ours, "0", OFFERED_VP8, Some(OFFERED_RESENT), Some(OFFERED_EXTENSION))
}

/// An answer to an offer to watch.
pub(super) fn answer(ours: &Ours<'_>, theirs: &Theirs) -> String {
    describe(ours, &theirs.mid, theirs.vp8, None, theirs.extension)
}

fn describe(ours: &Ours<'_>, mid: &str, vp8: u8, resent: Option<u8>, extension: Option<u8>) -> String {
    let Ours { ice, fingerprint, address, ssrc } = ours;
    let (ip, port) = (address.ip(), address.port());
    let mut lines = vec![
        "v=0".into(),
        format!("o=- 4611731400430051336 2 IN IP4 {ip}"),
        "s=-".into(),
        "t=0 0".into(),
        format!("a=group:BUNDLE {mid}"),
        "a=msid-semantic: WMS *".into(),
        format!("m=video {port} UDP/TLS/RTP/SAVPF {vp8}{}", resent.map(|pt| format!(" {pt}")).unwrap_or_default()),
        format!("c=IN IP4 {ip}"),
        "a=rtcp:9 IN IP4 0.0.0.0".into(),
        format!("a=candidate:1 1 udp 2130706431 {ip} {port} typ host generation 0"),
        "a=end-of-candidates".into(),
        format!("a=ice-ufrag:{}", ice.ufrag),
        format!("a=ice-pwd:{}", ice.password),
        format!("a=fingerprint:sha-256 {fingerprint}"),
        "a=setup:active".into(),
        format!("a=mid:{mid}"),
        if ssrc.is_some() { "a=sendonly".into() } else { "a=recvonly".into() },
        "a=rtcp-mux".into(),
        "a=rtcp-rsize".into(),
        format!("a=rtpmap:{vp8} VP8/90000"),
    ];
    for feedback in ["nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"] {
        lines.push(format!("a=rtcp-fb:{vp8} {feedback}"));
    }
    if let Some(resent) = resent {
        lines.push(format!("a=rtpmap:{resent} rtx/90000"));
        lines.push(format!("a=fmtp:{resent} apt={vp8}"));
    }
    lines.extend(extension.map(|number| format!("a=extmap:{number} {TRANSPORT_NUMBER}")));
    lines.extend(ssrc.map(|ssrc| format!("a=ssrc:{ssrc} cname:bench")));
    lines.iter().flat_map(|line| [line, "\r\n"]).collect()
}

/// Reads a server's offer or answer.
pub(super) fn read(text: &str) -> Outcome<Theirs> {
    let lines = || text.lines().map(str::trim_end).filter_map(|line| line.strip_prefix("a="));
    let find = |start: &str| lines().find_map(|line| line.strip_prefix(start)).map(str::to_owned);
    let missing = |what: &str| format!("the server's description has no {what}: {text}");
    let address = lines().find_map(candidate).ok_or_else(|| missing("candidate"))?;
    let vp8 = lines().find_map(|line| line.strip_prefix("rtpmap:")?.strip_suffix(" VP8/90000")?.parse().ok());
    let extension = lines().find_map(|line| {
        let (number, name) = line.strip_prefix("extmap:")?.split_once(' ')?;
        name.starts_with(TRANSPORT_NUMBER).then(|| number.split('/').next()?.parse().ok())?
    });
    Ok(Theirs {
        ice: Credentials {
            ufrag: find("ice-ufrag:").ok_or_else(|| missing("ice-ufrag"))?,
            password: find("ice-pwd:").ok_or_else(|| missing("ice-pwd"))?,
        },
        address,
        vp8: vp8.ok_or_else(|| missing("VP8"))?,
        extension,
        mid: find("mid:").ok_or_else(|| missing("mid"))?,
    })
}

/// The address of a host candidate over UDP, in IPv4 as all of this benchmark.
fn candidate(line: &str) -> Option<SocketAddr> {
    let words: Vec<&str> = line.strip_prefix("candidate:")?.split_ascii_whitespace().collect();
    let [_, component, transport, _, ip, port, "typ", "host", ..] = words[..] else { return None };
    let address = SocketAddr::new(ip.parse().ok()?, port.parse().ok()?);
    (component == "1" && transport.eq_ignore_ascii_case("udp") && address.is_ipv4()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_of_ours_says_what_it_is_made_of() {
        let ice = Credentials { ufrag: "abcd".into(), password: "a-password-of-22-chars".into() };
        let address = "10.0.0.1:5000".parse().expect("an address");
        let text = offer(&Ours { ice: &ice, fingerprint: "AA:BB", address, ssrc: Some(1) });
        let read = read(&text).expect("it is complete");
        assert_eq!((read.vp8, read.extension, read.address), (OFFERED_VP8, Some(OFFERED_EXTENSION), address));
        assert_eq!((read.ice.ufrag, read.mid.as_str()), (ice.ufrag, "0"));
    }

    #[test]
    fn only_the_address_that_media_go_to_counts() {
        assert_eq!(candidate("candidate:1 2 udp 1 10.0.0.1 5 typ host"), None);
        assert_eq!(candidate("candidate:1 1 tcp 1 10.0.0.1 5 typ host tcptype passive"), None);
        assert_eq!(candidate("candidate:1 1 udp 1 10.0.0.1 5 typ host"), "10.0.0.1:5".parse().ok());
    }
}
