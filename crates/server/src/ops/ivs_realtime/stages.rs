//! What the operations on stages share: reading what a request says of one, and showing one.

use switchboard_domain::stage::{
    AutoRecording, Endpoints, RecordingMembers, ResourceId, ResourceKind, Stage,
    token::{IssuedToken, MadeToken, NewToken, TokenRefused},
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::{
    Map,
    ivs_realtime::{
        AutoParticipantRecordingConfiguration, ParticipantRecordingHlsConfiguration, ParticipantThumbnailConfiguration,
        ParticipantToken, ParticipantTokenConfiguration, Stage as Shown, StageEndpoints, ValidationException,
    },
};

use super::{
    lookup::invalid,
    words::{Onto as _, all},
};
use crate::{
    app::App,
    ids::SystemIds,
    ops::{Ctx, Failure},
    stages::tokens,
};

/// Expired tokens that are forgotten at each new one: more than come in, so that they never pile up.
const FORGOTTEN: usize = 4;

/// What a request says of recording, with the storage configuration it named.
pub(super) fn recording(
    storage: Option<ResourceId>,
    members: Option<AutoParticipantRecordingConfiguration>,
) -> AutoRecording {
    let Some(members) = members else { return AutoRecording::default() };
    let thumbnails = members.thumbnail_configuration.unwrap_or_default();
    let members = RecordingMembers {
        media_types: members.media_types.map(all),
        thumbnail_interval_seconds: thumbnails.target_interval_seconds,
        thumbnail_storage: thumbnails.storage.map(all),
        thumbnail_mode: thumbnails.recording_mode.map(|mode| mode.onto()),
        reconnect_window_seconds: members.recording_reconnect_window_seconds,
        segment_seconds: members.hls_configuration.and_then(|hls| hls.target_segment_duration_seconds),
        record_replicas: members.record_participant_replicas,
    };
    AutoRecording::new(storage, members)
}

/// What a request says of one token.
pub(super) fn new_token(configuration: ParticipantTokenConfiguration) -> NewToken {
    NewToken {
        duration_minutes: configuration.duration,
        user_id: configuration.user_id,
        attributes: configuration.attributes,
        capabilities: all(configuration.capabilities.unwrap_or_default()),
    }
}

/// Makes a token for that stage, and remembers that it did. It is signed once that is kept: signing takes long enough
/// that nobody else should wait for it.
pub(super) fn make_token<E>(ctx: &Ctx, tx: &mut Tx, stage: &Stage, wanted: &NewToken) -> Result<MadeToken, Failure<E>>
where
    E: From<ValidationException>,
{
    let made = wanted.clone().make(ctx.now, &mut SystemIds).map_err(|error: TokenRefused| invalid(error))?;
    let (scope, grant) = (stage.id.as_str(), &made.grant);
    for (id, token) in tx.list::<IssuedToken>(scope, None, FORGOTTEN)? {
        if token.expires <= ctx.now {
            tx.delete::<IssuedToken>(scope, &id)?;
        }
    }
    tx.put(scope, grant.participant.as_str(), &IssuedToken { expires: grant.expires })?;
    Ok(made)
}

/// A token, signed, as replies show it.
pub(super) fn signed_token(app: &App, stage: &Stage, made: &MadeToken) -> Result<ParticipantToken, StoreError> {
    let text = tokens::issue(app, stage, made)?;
    let grant = &made.grant;
    Ok(ParticipantToken {
        participant_id: Some(grant.participant.to_string()),
        token: Some(text),
        user_id: grant.user_id.clone(),
        attributes: (!grant.attributes.is_empty()).then(|| grant.attributes.clone()),
        duration: Some(made.duration_minutes),
        capabilities: Some(all(grant.capabilities.names())),
        expiration_time: Some(grant.expires.as_millis().into()),
    })
}

/// A stage as replies show it.
pub(super) fn shown(ctx: &Ctx, stage: &Stage, tags: Map<String>) -> Shown {
    let endpoints = Endpoints::at(&ctx.app.public_url, stage.id);
    Shown {
        arn: stage.arn(&ctx.app.home).to_string(),
        name: Some(stage.name.clone()),
        active_session_id: stage.active_session.map(|id| id.to_string()),
        tags: Some(tags),
        auto_participant_recording_configuration: Some(shown_recording(ctx, &stage.recording)),
        endpoints: Some(StageEndpoints {
            events: Some(endpoints.events),
            whip: Some(endpoints.whip),
            rtmp: Some(endpoints.rtmp),
            rtmps: Some(endpoints.rtmps),
        }),
    }
}

fn shown_recording(ctx: &Ctx, recording: &AutoRecording) -> AutoParticipantRecordingConfiguration {
    let arn = |id: ResourceId| ResourceKind::StorageConfiguration.arn(id.as_str(), &ctx.app.home).to_string();
    AutoParticipantRecordingConfiguration {
        storage_configuration_arn: recording.storage.map(arn).unwrap_or_default(),
        media_types: Some(all(recording.media_types.iter().copied())),
        thumbnail_configuration: Some(ParticipantThumbnailConfiguration {
            target_interval_seconds: Some(recording.thumbnail_interval_seconds),
            storage: Some(all(recording.thumbnail_storage.iter().copied())),
            recording_mode: Some(recording.thumbnail_mode.onto()),
        }),
        recording_reconnect_window_seconds: Some(recording.reconnect_window_seconds),
        hls_configuration: Some(ParticipantRecordingHlsConfiguration {
            target_segment_duration_seconds: Some(recording.segment_seconds),
        }),
        record_participant_replicas: Some(recording.record_replicas),
    }
}
