//! Bearer tokens and signed URLs: what the holder may do, sealed with the server's key.
//!
//! A token says which chat, who in it, what it is good for and until when; a MAC over all of it (HMAC-SHA256, first
//! 16 bytes) is what makes it true. So a token outlives a restart and any node can check it without a look-up.
//! Whether the chat still lives is asked of the chat itself.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use switchboard_domain::{ChatId, ParticipantId, Time};
use uuid::Uuid;

use crate::ids::random_bytes;

const MAC_BYTES: usize = 16;
const CLAIM_BYTES: usize = 1 + 16 + 16 + 16 + 8 + 8;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Purpose {
    /// ParticipantToken: CreateParticipantConnection only.
    Participant = 1,
    /// ConnectionToken: every other participant operation.
    Connection = 2,
    /// Opening one chat socket.
    Socket = 3,
    /// Sending the bytes of an attachment.
    Upload = 4,
    /// Fetching an attachment, to be saved.
    Download = 5,
    /// Fetching an attachment, to be shown.
    View = 6,
}

impl Purpose {
    fn from_byte(byte: u8) -> Option<Self> {
        use Purpose::{Connection, Download, Participant, Socket, Upload, View};
        [Participant, Connection, Socket, Upload, Download, View].into_iter().find(|purpose| *purpose as u8 == byte)
    }
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claims {
    /// What it is good for.
    pub(crate) purpose: Purpose,
    /// The chat.
    pub(crate) chat: ChatId,
    /// Who in it.
    pub(crate) participant: ParticipantId,
    /// The attachment of an [`Purpose::Upload`], [`Purpose::Download`] or [`Purpose::View`]; else nil.
    pub(crate) subject: Uuid,
    /// When it stops being good.
    pub(crate) expires: Time,
    /// Different in each token, so that one can be told from another.
    pub(crate) nonce: u64,
}

/// The key that seals tokens.
pub(crate) struct Tokens {
    key: hmac::Key,
}

impl Tokens {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// A fresh token.
    pub(crate) fn issue(&self, purpose: Purpose, chat: ChatId, participant: ParticipantId, expires: Time) -> String {
        self.issue_for(purpose, chat, participant, Uuid::nil(), expires)
    }

    /// A fresh token about one thing in the chat.
    pub(crate) fn issue_for(
        &self,
        purpose: Purpose,
        chat: ChatId,
        participant: ParticipantId,
        subject: Uuid,
        expires: Time,
    ) -> String {
        let nonce = u64::from_be_bytes(random_bytes());
        self.seal(&Claims { purpose, chat, participant, subject, expires, nonce })
    }

    fn seal(&self, claims: &Claims) -> String {
        let mut bytes = Vec::with_capacity(CLAIM_BYTES + MAC_BYTES);
        bytes.push(claims.purpose as u8);
        bytes.extend_from_slice(claims.chat.0.as_bytes());
        bytes.extend_from_slice(claims.participant.0.as_bytes());
        bytes.extend_from_slice(claims.subject.as_bytes());
        bytes.extend_from_slice(&claims.expires.as_millis().to_be_bytes());
        bytes.extend_from_slice(&claims.nonce.to_be_bytes());
        let mac = hmac::sign(&self.key, &bytes);
        bytes.extend_from_slice(&mac.as_ref()[..MAC_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the token says, if it is one of ours and still good at `now`. Why it is not is nobody's business.
    pub(crate) fn open(&self, token: &str, now: Time) -> Option<Claims> {
        let mut bytes = [0; CLAIM_BYTES + MAC_BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(token, &mut bytes).ok()?;
        let (said, mac) = bytes.get(..length)?.split_at_checked(CLAIM_BYTES)?;
        verify_slices_are_equal(&hmac::sign(&self.key, said).as_ref()[..MAC_BYTES], mac).ok()?;
        let claims = read(said)?;
        (claims.expires > now).then_some(claims)
    }
}

fn read(said: &[u8]) -> Option<Claims> {
    let uuid = |at: usize| Uuid::from_slice(said.get(at..at + 16)?).ok();
    let number = |at: usize| said.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes);
    Some(Claims {
        purpose: Purpose::from_byte(*said.first()?)?,
        chat: ChatId(uuid(1)?),
        participant: ParticipantId(uuid(17)?),
        subject: uuid(33)?,
        expires: Time(number(49)?.cast_signed()),
        nonce: number(57)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_800_000_000_000);

    fn tokens() -> Tokens {
        Tokens::new(&[7; 32])
    }

    fn issue(expires: Time) -> String {
        tokens().issue(Purpose::Connection, ChatId(Uuid::from_u128(1)), ParticipantId(Uuid::from_u128(2)), expires)
    }

    #[test]
    fn a_token_says_what_was_sealed_until_it_expires() {
        let token = issue(NOW.plus_seconds(1));
        let claims = tokens().open(&token, NOW).expect("good now");
        assert_eq!(claims.purpose, Purpose::Connection);
        assert_eq!(claims.chat.0, Uuid::from_u128(1));
        assert_eq!(claims.participant.0, Uuid::from_u128(2));
        assert_eq!(tokens().open(&token, NOW.plus_seconds(1)), None);
        assert_eq!(Tokens::new(&[8; 32]).open(&token, NOW), None, "another server's key");
    }

    #[test]
    fn no_changed_or_shortened_token_opens() {
        let token = issue(NOW.plus_minutes(1));
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            // The last characters may carry spare bits that decode to nothing.
            assert!(tokens().open(&other, NOW).is_none() || other == token, "changed at {at}");
            assert_eq!(tokens().open(&token[..at], NOW), None);
        }
        assert_eq!(tokens().open(&format!("{token}AAAA"), NOW), None);
        assert_eq!(tokens().open("", NOW), None);
        assert_eq!(tokens().open("ü", NOW), None);
    }

    #[test]
    fn each_token_is_another() {
        assert_ne!(issue(NOW), issue(NOW));
    }
}
