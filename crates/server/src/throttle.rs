//! How many requests a second an operation takes, with `--limits aws`; without it, as many as come.
//!
//! The one rule: a request is counted once it is known who sends it, before it is looked at, as AWS counts: by
//! operation, for the whole account in Connect and IVS, for each instance in the Participant Service.
//!
//! Sources: *Amazon Connect service quotas* (API throttling quotas), *Amazon Connect Participant Service* (throttling
//! quotas), *Amazon IVS Real-Time Streaming service quotas* (API call rate quotas).

use std::collections::HashMap;

use axum::http::HeaderMap;
use parking_lot::Mutex;
use switchboard_domain::{
    InstanceId, Time,
    rate::{Meter, Rate},
};
use switchboard_wire::{Auth, ErrorReply, Meta};

use crate::{app::App, chat::lookup, http::api::bearer};

/// Meters that are kept before those that have come to rest are thrown away.
const MANY: usize = 4_096;

/// What a meter counts: the calls of one operation, in one instance where there is one.
type Counted = (&'static str, &'static str, Option<InstanceId>);

/// The meters of all operations.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    meters: Mutex<HashMap<Counted, Meter>>,
}

impl Throttle {
    /// Counts a request, or says that it is one too many.
    ///
    /// # Errors
    /// The operation's own error for too many requests.
    pub(crate) fn admit(&self, app: &App, meta: &Meta, headers: &HeaderMap, now: Time) -> Result<(), ErrorReply> {
        let counted = (meta.service, meta.name, instance(app, meta, headers, now));
        let mut meters = self.meters.lock();
        if meters.len() >= MANY {
            meters.retain(|_, meter| !meter.is_rested(now));
        }
        if meters.entry(counted).or_default().admit(rate(meta), now) {
            return Ok(());
        }
        // AWS does not say: in which words.
        Err(ErrorReply::of_operation(meta, meta.throttling_error, 429, "Rate exceeded"))
    }
}

/// The instance of the chat that the request's token opens. A token that opens none is refused by its operation.
fn instance(app: &App, meta: &Meta, headers: &HeaderMap, now: Time) -> Option<InstanceId> {
    if meta.auth != Auth::Bearer {
        return None;
    }
    let token = std::str::from_utf8(bearer(headers)?).ok()?;
    let claims = app.tokens.open(token, now)?;
    let chat = app.state.read(|tx| lookup::chat(tx, claims.chat)).ok()??;
    Some(chat.instance())
}

/// The published rate of an operation.
fn rate(meta: &Meta) -> Rate {
    match (meta.service, meta.name) {
        ("connectparticipant", name) => participant_rate(name),
        ("ivs-realtime", name) => stage_rate(name),
        (_, "StartChatContact" | "StartContactStreaming" | "StopContactStreaming") => Rate::new(5, 8),
        (
            _,
            "DescribeContact" | "StopContact" | "UpdateContact" | "GetContactAttributes" | "UpdateContactAttributes",
        ) => Rate::new(10, 15),
        _ => Rate::new(2, 5),
    }
}

fn participant_rate(name: &str) -> Rate {
    match name {
        "CreateParticipantConnection" => Rate::new(6, 9),
        "DisconnectParticipant" => Rate::new(3, 5),
        "GetTranscript" | "GetAttachment" => Rate::new(8, 12),
        "SendMessage" | "SendEvent" => Rate::new(10, 15),
        // AWS does not say: the rate of those that came after the table was written. The lowest in it.
        _ => Rate::new(2, 5),
    }
}

fn stage_rate(name: &str) -> Rate {
    // AWS does not say: how large a burst may be. What is allowed in a second may come at once.
    let even = |per_second| Rate::new(per_second, per_second);
    match name {
        "CreateParticipantToken" => even(50),
        "ListTagsForResource" | "TagResource" | "UntagResource" => even(10),
        "DeletePublicKey" | "GetPublicKey" | "ImportPublicKey" | "ListPublicKeys" => even(3),
        // AWS does not say: the rates of replication and of RevokeConnectionToken. That of most operations.
        _ => even(5),
    }
}
