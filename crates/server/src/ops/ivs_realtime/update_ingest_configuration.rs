//! UpdateIngestConfiguration: a stream key leads to another stage (Amazon IVS Real-Time API Reference,
//! *UpdateIngestConfiguration*).

use switchboard_domain::stage::{ResourceKind, StageId, configurations::IngestConfiguration};
use switchboard_state::Tx;
use switchboard_wire::ivs_realtime::{
    UpdateIngestConfigurationError, UpdateIngestConfigurationInput, UpdateIngestConfigurationOutput,
};

use super::{ingests, lookup};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Changes what is given, while nobody publishes by it. An empty ARN takes it off its stage.
pub(super) async fn update_ingest_configuration(
    ctx: Ctx,
    input: UpdateIngestConfigurationInput,
) -> Result<UpdateIngestConfigurationOutput, Failure<UpdateIngestConfigurationError>> {
    ctx.write(move |ctx, tx| {
        let kind = ResourceKind::IngestConfiguration;
        let mut ingest: IngestConfiguration = lookup::get(ctx, tx, kind, &input.arn)?;
        let stage = input.stage_arn.as_deref().map(|arn| stage(ctx, tx, arn)).transpose()?;
        let updated = ingest.update(stage, input.redundant_ingest, &ctx.app.home, ctx.now, &mut SystemIds);
        updated.map_err(ingests::in_use)?;
        tx.put("", ingest.id.as_str(), &ingest)?;
        let shown = ingests::shown(ingest, &ctx.app.home, tx.tags(&input.arn)?);
        Ok(UpdateIngestConfigurationOutput { ingest_configuration: Some(shown) })
    })
    .await
}

fn stage(ctx: &Ctx, tx: &mut Tx, arn: &str) -> Result<Option<StageId>, Failure<UpdateIngestConfigurationError>> {
    if arn.is_empty() {
        return Ok(None);
    }
    lookup::stage(ctx, tx, arn).map(|stage| Some(stage.id))
}
