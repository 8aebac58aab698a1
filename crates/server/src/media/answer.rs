//! Answers as clients get them: what the WebRTC library leaves out is added, and a restart of ICE is told in short.
//!
//! The one rule: nothing here decides anything; it says in the text what holds anyway.
//!
//! Sources: RFC 9725 §4.4.1 (`rtcp-mux-only` in every bundled section) and §4.3 (all addresses of the server are in the
//! answer, so none follow), RFC 8858, RFC 8840 §4.4 and §9 (`end-of-candidates`, fragments).

/// An answer, whole.
pub(super) fn whole(sdp: &str) -> String {
    let mut text = String::with_capacity(sdp.len() + 128);
    let mut lines = sdp.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        text.push_str(line);
        text.push_str("\r\n");
        let is_candidate = |line: &str| line.starts_with("a=candidate:");
        if line == "a=rtcp-mux" {
            text.push_str("a=rtcp-mux-only\r\n");
        }
        let goes_on = lines.peek().is_some_and(|next| is_candidate(next) || *next == "a=end-of-candidates");
        if is_candidate(line) && !goes_on {
            text.push_str("a=end-of-candidates\r\n");
        }
    }
    text
}

/// What of an answer goes back after an ICE restart: the new credentials, and the addresses under the first section.
pub(super) fn fragment_of(sdp: &str) -> String {
    let mut sections = 0;
    let mut of_session = Vec::new();
    let mut of_first = Vec::new();
    for line in sdp.lines().map(str::trim_end) {
        sections += usize::from(line.starts_with("m="));
        let is_new = !of_session.contains(&line);
        if line == "a=ice-lite" || line.starts_with("a=ice-ufrag:") || line.starts_with("a=ice-pwd:") {
            of_session.extend(is_new.then_some(line));
        }
        let belongs = ["m=", "a=mid:", "a=candidate:", "a=end-of-candidates"];
        if sections == 1 && belongs.iter().any(|start| line.starts_with(start)) {
            of_first.push(line);
        }
    }
    of_session.iter().chain(&of_first).flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_holds() {
        let sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 2 192.0.2.1 4747 typ host\r\n\
                   a=candidate:2 1 udp 1 192.0.2.2 4747 typ host\r\na=mid:0\r\na=rtcp-mux\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtcp-mux\r\n";
        let expected = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 2 192.0.2.1 4747 typ host\r\n\
                        a=candidate:2 1 udp 1 192.0.2.2 4747 typ host\r\na=end-of-candidates\r\na=mid:0\r\n\
                        a=rtcp-mux\r\na=rtcp-mux-only\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n\
                        a=rtcp-mux\r\na=rtcp-mux-only\r\n";
        assert_eq!(whole(sdp), expected);
    }

    #[test]
    fn a_restart_answers_with_credentials_and_addresses() {
        let sdp = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=ice-lite\r\na=group:BUNDLE 0 1\r\n\
                   m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n\
                   a=candidate:1 1 udp 1 192.0.2.1 4747 typ host\r\na=end-of-candidates\r\na=rtcp-mux\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n";
        let expected = "a=ice-lite\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
                        a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 4747 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(fragment_of(sdp), expected);
    }
}
