//! The piece of SDP that a client sends later: more addresses of its own, or a restart of ICE.
//!
//! The one rule: addresses are counted and checked, not used. This server is ICE-lite: it answers checks and makes
//! none, so it learns a client's address from the client's own checks.
//!
//! Sources: RFC 8840 §9 (`application/trickle-ice-sdpfrag`), RFC 9725 §4.3 (PATCH), RFC 8445 §2.5 (lite agents).

use str0m::Candidate;

use crate::signalling::offer::check_credentials;

const MOST_BYTES: usize = 16 * 1024;
const MOST_CANDIDATES: usize = 100;

/// Why a fragment was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FragmentError {
    /// Too long, or not made of SDP lines, or with too many addresses.
    #[error("the body is not a trickle ICE fragment")]
    Malformed,
    /// ICE credentials that break the rules, or half of them.
    #[error("the fragment has no valid ICE credentials")]
    IceCredentials,
    /// The peer has left.
    #[error("the session is over")]
    Gone,
    /// The restart could not be done; the session goes on as it was.
    #[error("the ICE restart cannot be done")]
    Refused,
}

/// What a fragment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// User fragment and password, when they are given.
    pub credentials: Option<(String, String)>,
    /// How many addresses it has that could be understood.
    pub candidates: usize,
    /// Whether no more will follow.
    pub is_last: bool,
}

impl Fragment {
    /// Reads a fragment.
    pub fn parse(text: &str) -> Result<Self, FragmentError> {
        if text.len() > MOST_BYTES || text.trim().is_empty() {
            return Err(FragmentError::Malformed);
        }
        let (mut ufrag, mut password) = (None, None);
        let mut fragment = Self::default();
        let mut seen = 0;
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            if line.as_bytes().get(1) != Some(&b'=') {
                return Err(FragmentError::Malformed);
            }
            if let Some(value) = line.strip_prefix("a=ice-ufrag:") {
                ufrag.get_or_insert(value);
            } else if let Some(value) = line.strip_prefix("a=ice-pwd:") {
                password.get_or_insert(value);
            } else if let Some(candidate) = line.strip_prefix("a=").filter(|rest| rest.starts_with("candidate:")) {
                seen += 1;
                // Names in place of addresses (mDNS) cannot be read, and need not be.
                fragment.candidates += usize::from(Candidate::from_sdp_string(candidate).is_ok());
            } else if line == "a=end-of-candidates" {
                fragment.is_last = true;
            }
        }
        if seen > MOST_CANDIDATES {
            return Err(FragmentError::Malformed);
        }
        fragment.credentials = match (ufrag, password) {
            (None, None) => None,
            (Some(ufrag), Some(password)) => {
                check_credentials(ufrag, password).ok_or(FragmentError::IceCredentials)?;
                Some((ufrag.to_owned(), password.to_owned()))
            }
            _ => return Err(FragmentError::IceCredentials),
        };
        Ok(fragment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";

    #[test]
    fn addresses_and_credentials() {
        let text = format!(
            "{CREDENTIALS}m=audio 9 RTP/AVP 0\r\na=mid:0\r\n\
             a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n\
             a=candidate:2 1 udp 2130706430 0b8ad5e6.local 5001 typ host\r\na=end-of-candidates\r\n"
        );
        let fragment = Fragment::parse(&text).expect("good");
        assert_eq!((fragment.candidates, fragment.is_last), (1, true));
        assert_eq!(fragment.credentials, Some(("abcd".into(), "0123456789012345678901".into())));
    }

    #[test]
    fn what_is_refused() {
        let many = "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n".repeat(101);
        let cases = [
            ("", FragmentError::Malformed),
            ("hello", FragmentError::Malformed),
            (many.as_str(), FragmentError::Malformed),
            ("a=ice-ufrag:abcd\r\n", FragmentError::IceCredentials),
            ("a=ice-ufrag:a\r\na=ice-pwd:b\r\n", FragmentError::IceCredentials),
        ];
        for (text, expected) in cases {
            assert_eq!(Fragment::parse(text), Err(expected), "{text}");
        }
    }
}
