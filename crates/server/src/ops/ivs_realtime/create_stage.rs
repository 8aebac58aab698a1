//! CreateStage: a new stage, with tokens for it if wanted (Amazon IVS Real-Time API Reference, *CreateStage*).

use switchboard_domain::stage::{ResourceKind, Stage, configurations::StorageConfiguration, token::NewToken};
use switchboard_state::Tx;
use switchboard_wire::ivs_realtime::{CreateStageError, CreateStageInput, CreateStageOutput};

use super::{lookup, resources, stages};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Keeps the stage; the tokens come in the order they were asked for.
pub(super) async fn create_stage(
    ctx: Ctx,
    input: CreateStageInput,
) -> Result<CreateStageOutput, Failure<CreateStageError>> {
    let tags = resources::tags(input.tags)?;
    let wanted = input.participant_token_configurations.unwrap_or_default();
    let wanted: Vec<NewToken> = wanted.into_iter().map(stages::new_token).collect();
    let (name, recording) = (input.name.unwrap_or_default(), input.auto_participant_recording_configuration);
    let keep = move |ctx: &Ctx, tx: &mut Tx| {
        let arn = recording.as_ref().map(|recording| recording.storage_configuration_arn.as_str());
        let kind = ResourceKind::StorageConfiguration;
        let storage = lookup::named::<StorageConfiguration, _>(ctx, tx, kind, "storageConfigurationArn", arn)?;
        let recording = stages::recording(storage.map(|storage| storage.id), recording.clone());
        let stage = Stage::create(name.clone(), recording, ctx.now, &mut SystemIds);
        let quota = (ResourceKind::Stage, ctx.app.limits.stage.stages);
        resources::keep(ctx, tx, quota, (stage.id.as_str(), &stage), &tags)?;
        let tokens: Result<Vec<_>, Failure<_>> =
            wanted.iter().map(|wanted| stages::make_token(ctx, tx, &stage, wanted)).collect();
        let shown = stages::shown(ctx, &stage, tags.as_map().clone());
        Ok((stage, shown, tokens?))
    };
    let (stage, shown, tokens) = ctx.write(keep).await?;
    let signed: Result<_, _> = tokens.iter().map(|made| stages::signed_token(&ctx.app, &stage, made)).collect();
    Ok(CreateStageOutput { stage: Some(shown), participant_tokens: Some(signed?) })
}
