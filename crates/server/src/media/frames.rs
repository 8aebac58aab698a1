//! The frames of the socket of room events, as JSON.
//!
//! The one rule: what a client sends is read into a [`Said`] or is an error that tells it so; nothing it may send ends
//! the socket but a token that is not accepted.
//!
//! Sources: AWS's sample programs (`STAGE_STATE` with `id`, `userId` and `isPublishing`; the client's `PING`);
//! `StageParticipantInfo` of the Web broadcast SDK's reference for the names of the other members.

use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::stage::{Muted, ParticipantId, Presence};

use super::wishes::Written;

/// What a client says.
// AWS does not say: how its clients tell that they are muted, which layer they want, or that they show a newer token; only
// `PING` is seen in its samples. These frames are ours, in the form of those that are seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Said {
    /// That it is there.
    Ping,
    /// Whether its sound and its picture are off.
    Mute(Muted),
    /// What it wishes to get of a publisher.
    #[serde(rename_all = "camelCase")]
    PreferLayer {
        /// Whose.
        participant_id: ParticipantId,
        /// What.
        #[serde(flatten)]
        wish: Written,
    },
    /// A newer token.
    ExchangeToken {
        /// Its text.
        token: String,
    },
    /// That it leaves the stage, by all its connections.
    Leave,
}

impl Said {
    /// Reads a frame.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        // Samples send `PING` alone, others with an empty payload: either is a unit to no reader, so that goes first.
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match value["type"].as_str() {
            Some("PING") => Ok(Self::Ping),
            Some("LEAVE") => Ok(Self::Leave),
            _ => serde_json::from_value(value).map_err(|error| error.to_string()),
        }
    }
}

/// Who is on the stage.
pub(super) fn stage_state<'a>(present: impl Iterator<Item = &'a Presence>) -> String {
    let mut present: Vec<&Presence> = present.collect();
    present.sort_unstable_by(|one, other| one.grant.participant.cmp(&other.grant.participant));
    let participants: Vec<Value> = present.into_iter().map(participant).collect();
    json!({ "type": "STAGE_STATE", "payload": { "participants": participants } }).to_string()
}

fn participant(presence: &Presence) -> Value {
    let grant = &presence.grant;
    json!({
        "id": grant.participant,
        "userId": grant.user_id.as_deref().unwrap_or_default(),
        "attributes": grant.attributes,
        "capabilities": grant.capabilities.names(),
        "isPublishing": presence.is_publishing(),
        "audioMuted": presence.muted.audio,
        "videoStopped": presence.muted.video,
    })
}

/// The answer to a `PING`: browsers show no frame of the protocol's own to their pages.
pub(super) fn pong() -> String {
    json!({ "type": "PONG" }).to_string()
}

/// The newer token is in force.
pub(super) fn token_exchanged() -> String {
    json!({ "type": "TOKEN_EXCHANGED" }).to_string()
}

/// A viewer sees another layer of somebody now, or no picture.
pub(super) fn layer_selected(publisher: &ParticipantId, layer: Option<&str>) -> String {
    json!({ "type": "LAYER_SELECTED", "payload": { "participantId": publisher, "layer": layer } }).to_string()
}

/// What the client sent cannot be done.
pub(super) fn error(message: &str) -> String {
    json!({ "type": "ERROR", "payload": { "message": message } }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_clients() {
        let id = || "someone".parse().expect("an id");
        let cases = [
            (r#"{"type":"PING"}"#, Said::Ping),
            (r#"{"type":"PING","payload":{}}"#, Said::Ping),
            (r#"{"type":"LEAVE"}"#, Said::Leave),
            (r#"{"type":"MUTE","payload":{"audio":true}}"#, Said::Mute(Muted { audio: true, video: false })),
            (
                r#"{"type":"PREFER_LAYER","payload":{"participantId":"someone","layer":"hi"}}"#,
                Said::PreferLayer {
                    participant_id: id(),
                    wish: Written { rid: Some("hi".to_owned()), ..Written::default() },
                },
            ),
            (
                r#"{"type":"EXCHANGE_TOKEN","payload":{"token":"a.b.c"}}"#,
                Said::ExchangeToken { token: "a.b.c".to_owned() },
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Said::read(text), Ok(expected), "{text}");
        }
        for text in ["", "1", "{}", r#"{"type":"DANCE"}"#, r#"{"type":"MUTE","payload":{"audio":"yes"}}"#] {
            assert!(Said::read(text).is_err(), "{text}");
        }
    }
}
