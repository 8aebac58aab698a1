//! UpdateStage: another name, or other recording (Amazon IVS Real-Time API Reference, *UpdateStage*).

use switchboard_domain::stage::{ResourceKind, configurations::StorageConfiguration};
use switchboard_state::Tx;
use switchboard_wire::ivs_realtime::{
    AutoParticipantRecordingConfiguration, UpdateStageError, UpdateStageInput, UpdateStageOutput,
};

use super::{lookup, stages};
use crate::ops::{Ctx, Failure};

/// Changes what is given. A recording configuration is replaced as a whole: what it leaves out has its default again.
pub(super) async fn update_stage(
    ctx: Ctx,
    input: UpdateStageInput,
) -> Result<UpdateStageOutput, Failure<UpdateStageError>> {
    ctx.write(move |ctx, tx| {
        let mut stage = lookup::stage(ctx, tx, &input.arn)?;
        if let Some(name) = &input.name {
            stage.name.clone_from(name);
        }
        if let Some(recording) = &input.auto_participant_recording_configuration {
            let storage = storage(ctx, tx, recording)?;
            stage.recording = stages::recording(storage.map(|storage| storage.id), Some(recording.clone()));
        }
        tx.put("", stage.id.as_str(), &stage)?;
        let tags = tx.tags(&stage.arn(&ctx.app.home).to_string())?;
        Ok(UpdateStageOutput { stage: Some(stages::shown(ctx, &stage, tags)) })
    })
    .await
}

fn storage(
    ctx: &Ctx,
    tx: &mut Tx,
    recording: &AutoParticipantRecordingConfiguration,
) -> Result<Option<StorageConfiguration>, Failure<UpdateStageError>> {
    match recording.storage_configuration_arn.as_str() {
        "" => Ok(None),
        arn => lookup::get(ctx, tx, ResourceKind::StorageConfiguration, arn).map(Some),
    }
}
