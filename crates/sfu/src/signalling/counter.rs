//! A counter-offer: a player whose own offer cannot be answered is made one, and answers it.
//!
//! The one rule: nothing is taken in before the whole answer is checked, and a bad one changes nothing: the player may
//! send another as long as the counter-offer stands. How long that is, is for whoever keeps it to say.
//!
//! Sources: draft-ietf-wish-whep ("Server Sends Counter-Offer"), RFC 9429 §5.2.1 (initial offers), RFC 8842 §5.2 (the
//! offer leaves the DTLS role to the answer).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind};
use str0m::{Input, Rtc};

use crate::network::connection::Connection;
use crate::packet::{Kind, Kinds};
use crate::policy::Policy;
use crate::secrets::KeySlot;
use crate::signalling::answer::with_one_stream;
use crate::signalling::offer::{Offer, OfferError};
use crate::signalling::peer::{Peer, Role, agreed_lines};

/// An offer to a viewer, with the connection that it is for.
pub struct CounterOffer {
    rtc: Rtc,
    pending: SdpPendingOffer,
    keys: KeySlot,
    role: Role,
    asked: Vec<(Kind, String)>,
    policy: Arc<Policy>,
    sdp: String,
}

impl std::fmt::Debug for CounterOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CounterOffer").field("asked", &self.asked).finish_non_exhaustive()
    }
}

/// An answer to a counter-offer that passed.
#[derive(Debug)]
pub struct CounterAnswer(Offer);

impl CounterOffer {
    /// Offers what the publisher sends by a connection that was made for it.
    pub(crate) fn new((mut rtc, keys): (Rtc, KeySlot), role: Role, policy: Arc<Policy>) -> Result<Self, OfferError> {
        let mut change = rtc.sdp_api();
        let mut ask = |kind| {
            let media = if kind == Kind::Audio { MediaKind::Audio } else { MediaKind::Video };
            (kind, change.add_media(media, Direction::SendOnly, None, None, None).to_string())
        };
        let asked = role.sends().iter().map(&mut ask).collect();
        let (offer, pending) = change.apply().ok_or(OfferError::NothingToSend)?;
        let sdp = with_one_stream(&offer.to_sdp_string());
        Ok(Self { rtc, pending, keys, role, asked, policy, sdp })
    }

    /// The session description.
    pub fn sdp(&self) -> &str {
        &self.sdp
    }

    /// Reads and checks an answer to it.
    pub fn read(&self, answer: &str) -> Result<CounterAnswer, OfferError> {
        Offer::parse_answer(answer, &self.asked).map(CounterAnswer)
    }

    /// Makes the viewer's connection of it. One that the WebRTC library cannot take ends the counter-offer too.
    pub fn complete(self, now: Instant, CounterAnswer(answer): CounterAnswer) -> Result<Peer, OfferError> {
        let Self { mut rtc, pending, keys, role, policy, .. } = self;
        // A panic of the library must not reach the thread that serves HTTP; the connection is gone with it.
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let answer = SdpAnswer::from_sdp_string(&answer.text()).map_err(|_| OfferError::Malformed)?;
            // Some time has gone by, which the handshake must not count as its own.
            rtc.handle_input(Input::Timeout(now)).map_err(|_| OfferError::Malformed)?;
            rtc.sdp_api().accept_answer(pending, answer).map_err(|_| OfferError::Malformed)
        }));
        taken.unwrap_or(Err(OfferError::Malformed))?;
        let lines = agreed_lines(&rtc, &answer.sections)?;
        let connection = Connection::new(rtc, answer, now, policy.silence, policy.connect_within);
        Ok(Peer { connection, role, participant: None, keys, lines, idle: Kinds::BOTH.without(role.sends()) })
    }
}
