//! What the library's answers need besides: one name for all that a viewer gets.
//!
//! The one rule: sound and picture of a publisher are one media stream. Browsers play tracks in step only when they are of
//! the same stream (seen in Chromium); the WebRTC library invents a stream for each.
//!
//! Source: RFC 8830 (`a=msid`).

/// The answer with all its tracks in the first track's stream.
pub(crate) fn with_one_stream(answer: &str) -> String {
    let stream = answer.lines().find_map(|line| Some(line.strip_prefix("a=msid:")?.split_once(' ')?.0));
    let Some(stream) = stream else { return answer.to_owned() };
    answer.lines().flat_map(|line| [renamed(line, stream), "\r\n".to_owned()]).collect()
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
    fn without_tracks_nothing_changes() {
        assert_eq!(with_one_stream("v=0\r\na=recvonly\r\n"), "v=0\r\na=recvonly\r\n");
    }
}
