//! What the operations on ingest configurations share: showing one, and why one is refused.

use switchboard_domain::{
    Home,
    stage::{
        ResourceKind, StageId,
        configurations::{IngestConfiguration, IngestRefused},
    },
};
use switchboard_wire::{
    Map,
    ivs_realtime::{ConflictException, IngestConfiguration as Shown, RedundantIngestCredential},
};

use super::words::Onto as _;

/// The ARN of the configuration.
pub(super) fn arn(ingest: &IngestConfiguration, home: &Home) -> String {
    ResourceKind::IngestConfiguration.arn(ingest.id.as_str(), home).to_string()
}

/// The ARN of the stage it publishes to; empty where there is none.
pub(super) fn stage_arn(stage: Option<StageId>, home: &Home) -> String {
    stage.map(|stage| ResourceKind::Stage.arn(stage.as_str(), home).to_string()).unwrap_or_default()
}

/// A configuration as replies show it.
pub(super) fn shown(ingest: IngestConfiguration, home: &Home, tags: Map<String>) -> Shown {
    let redundant = ingest.redundant.clone().map(|credential| RedundantIngestCredential {
        participant_id: Some(credential.participant.to_string()),
        stream_key: Some(credential.stream_key),
    });
    Shown {
        arn: arn(&ingest, home),
        stage_arn: stage_arn(ingest.stage, home),
        name: Some(ingest.name),
        ingest_protocol: ingest.protocol.onto(),
        participant_id: ingest.credential.participant.to_string(),
        stream_key: ingest.credential.stream_key,
        state: ingest.state.onto(),
        user_id: Some(ingest.user_id),
        redundant_ingest: Some(redundant.is_some()),
        redundant_ingest_credentials: redundant.map(|credential| vec![credential]),
        attributes: Some(ingest.attributes),
        tags: Some(tags),
    }
}

/// The error for a configuration that is in use, or for one that is out of form where that cannot be.
pub(super) fn in_use(error: IngestRefused) -> ConflictException {
    ConflictException::new(error.to_string())
}
