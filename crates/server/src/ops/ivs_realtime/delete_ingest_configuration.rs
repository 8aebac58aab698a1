//! DeleteIngestConfiguration: a stream key is good for nothing any more (Amazon IVS Real-Time API Reference,
//! *DeleteIngestConfiguration*).

use switchboard_domain::stage::{
    ResourceKind,
    configurations::{IngestConfiguration, IngestState},
};
use switchboard_wire::ivs_realtime::{
    DeleteIngestConfigurationError, DeleteIngestConfigurationInput, DeleteIngestConfigurationOutput,
};

use super::{ingests, lookup, resources};
use crate::{
    ops::{Ctx, Failure},
    stages::ending,
};

/// Forgets the configuration and its tags; with `force`, whoever publishes by it is put out first.
pub(super) async fn delete_ingest_configuration(
    ctx: Ctx,
    input: DeleteIngestConfigurationInput,
) -> Result<DeleteIngestConfigurationOutput, Failure<DeleteIngestConfigurationError>> {
    ctx.write(move |ctx, tx| {
        let kind = ResourceKind::IngestConfiguration;
        let ingest: IngestConfiguration = lookup::get(ctx, tx, kind, &input.arn)?;
        ingest.deletable(input.force.unwrap_or_default()).map_err(ingests::in_use)?;
        if let Some(stage) = ingest.stage.filter(|_| ingest.state == IngestState::Active) {
            ending::put_out(&ctx.app.limits.stage, tx, stage, &ingest.credential.participant, ctx.now)?;
        }
        resources::forget::<IngestConfiguration, _>(ctx, tx, kind, ingest.id.as_str())?;
        Ok(DeleteIngestConfigurationOutput {})
    })
    .await
}
