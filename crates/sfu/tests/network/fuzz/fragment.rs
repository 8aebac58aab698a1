//! Trickle fragments of any kind.

use switchboard_sfu::Fragment;

/// A fragment.
pub fn body(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Err(error) = Fragment::parse(text) {
        assert!(!error.to_string().contains("0x"));
    }
}

/// As browsers send them (RFC 8840 section 9, RFC 9725 section 4.3).
pub fn corpus() -> Vec<Vec<u8>> {
    let trickle = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n\
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n\
        a=candidate:3471623853 1 tcp 2105458943 2001:db8::1 9 typ host tcptype active\r\n\
        a=candidate:473322822 1 udp 2122260223 0b1c2d3e-0000-4000-8000-000000000000.local 61765 typ host\r\n\
        a=end-of-candidates\r\n";
    let restart = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\na=ice-options:trickle\r\n";
    vec![trickle.into(), restart.into()]
}
