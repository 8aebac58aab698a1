//! What the library's answers and offers need besides: one name for all that a viewer gets, and no name for what it does
//! not get.
//!
//! The one rule: sound and picture of a publisher are one media stream, and a track is announced only if something can
//! come of it. Browsers play tracks in step only when they are of the same stream (seen in Chromium), where the WebRTC
//! library invents a stream for each; and they show a track that was announced, also one that never plays.
//!
//! Sources: RFC 8830 (`a=msid`); RFC 3264 §6.1 and RFC 9429 §5.3.1 (`inactive`, and then no track).

use crate::packet::Kinds;

/// The answer, or offer, with all its tracks in the first track's stream.
pub(crate) fn with_one_stream(sdp: &str) -> String {
    let stream = sdp.lines().find_map(|line| Some(line.strip_prefix("a=msid:")?.split_once(' ')?.0));
    let Some(stream) = stream else { return sdp.to_owned() };
    sdp.lines().flat_map(|line| [renamed(line, stream), "\r\n".to_owned()]).collect()
}

/// The answer to a viewer whose publisher sends these kinds: what was asked for besides is `inactive`.
// AWS does not say: what is answered for sound or a picture that the publisher does not send. The draft of WHEP has only
// `sendonly`, but browsers show a track that is announced, as a picture that never comes.
pub(crate) fn without_idle(answer: &str, sends: Kinds) -> String {
    let mut is_idle = false;
    let mut text = String::with_capacity(answer.len());
    for line in answer.lines() {
        match line.strip_prefix("m=") {
            Some(section) if section.starts_with("audio") => is_idle = !sends.audio,
            Some(section) if section.starts_with("video") => is_idle = !sends.video,
            _ => {}
        }
        let is_of_track = ["a=msid:", "a=ssrc:", "a=ssrc-group:"].iter().any(|start| line.starts_with(start));
        let line = match line {
            _ if is_idle && is_of_track => continue,
            "a=sendonly" if is_idle => "a=inactive",
            line => line,
        };
        text.push_str(line);
        text.push_str("\r\n");
    }
    text
}

fn renamed(line: &str, stream: &str) -> String {
    if line.starts_with("a=msid-semantic:") {
        return format!("a=msid-semantic: WMS {stream}");
    }
    let place = match line {
        line if line.starts_with("a=msid:") => Some("a=msid:".len()),
        line if line.starts_with("a=ssrc:") => line.find(" msid:").map(|at| at + " msid:".len()),
        _ => None,
    };
    let parts =
        place.map(|place| line.split_at(place)).and_then(|(start, rest)| Some((start, rest.split_once(' ')?.1)));
    parts.map_or_else(|| line.to_owned(), |(start, track)| format!("{start}{stream} {track}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks_keep_their_names_and_share_a_stream() {
        let answer = "v=0\r\na=msid-semantic: WMS one two\r\nm=audio 9 X 1\r\na=msid:one sound\r\na=ssrc:1 cname:a\r\n\
                      m=video 9 X 2\r\na=msid:two picture\r\na=ssrc:2 msid:two picture\r\na=ssrc-group:FID 2 3\r\n";
        let expected = "v=0\r\na=msid-semantic: WMS one\r\nm=audio 9 X 1\r\na=msid:one sound\r\na=ssrc:1 cname:a\r\n\
                        m=video 9 X 2\r\na=msid:one picture\r\na=ssrc:2 msid:one picture\r\na=ssrc-group:FID 2 3\r\n";
        assert_eq!(with_one_stream(answer), expected);
    }

    #[test]
    fn what_is_not_sent_is_not_announced() {
        let answer = "v=0\r\na=msid-semantic: WMS s\r\nm=audio 9 X 1\r\na=sendonly\r\na=msid:s sound\r\na=ssrc:1 cname:a\r\n\
                      m=video 9 X 2\r\na=sendonly\r\na=msid:s picture\r\na=ssrc:2 cname:b\r\na=ssrc-group:FID 2 3\r\na=rtcp-mux\r\n";
        let silent = "v=0\r\na=msid-semantic: WMS s\r\nm=audio 9 X 1\r\na=inactive\r\n\
                      m=video 9 X 2\r\na=sendonly\r\na=msid:s picture\r\na=ssrc:2 cname:b\r\na=ssrc-group:FID 2 3\r\na=rtcp-mux\r\n";
        let blank = "v=0\r\na=msid-semantic: WMS s\r\nm=audio 9 X 1\r\na=sendonly\r\na=msid:s sound\r\na=ssrc:1 cname:a\r\n\
                     m=video 9 X 2\r\na=inactive\r\na=rtcp-mux\r\n";
        assert_eq!(without_idle(answer, Kinds { audio: false, video: true }), silent);
        assert_eq!(without_idle(answer, Kinds { audio: true, video: false }), blank);
        assert_eq!(without_idle(answer, Kinds::BOTH), answer);
    }

    #[test]
    fn without_tracks_nothing_changes() {
        assert_eq!(with_one_stream("v=0\r\na=recvonly\r\n"), "v=0\r\na=recvonly\r\n");
    }
}
