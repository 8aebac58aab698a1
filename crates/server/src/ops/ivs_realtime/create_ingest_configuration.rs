//! CreateIngestConfiguration: a participant who publishes by RTMP, and their stream key (Amazon IVS Real-Time API
//! Reference, *CreateIngestConfiguration*).

use switchboard_domain::stage::{
    ResourceKind, Stage,
    configurations::{IngestConfiguration, IngestRefused, NewIngest},
};
use switchboard_wire::ivs_realtime::{
    CreateIngestConfigurationError, CreateIngestConfigurationInput, CreateIngestConfigurationOutput,
};

use super::{ingests, lookup, resources, words::Onto as _};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Keeps the configuration. Without a stage its key leads nowhere yet.
pub(super) async fn create_ingest_configuration(
    ctx: Ctx,
    input: CreateIngestConfigurationInput,
) -> Result<CreateIngestConfigurationOutput, Failure<CreateIngestConfigurationError>> {
    let tags = resources::tags(input.tags)?;
    let wanted = NewIngest {
        name: input.name.unwrap_or_default(),
        protocol: input.ingest_protocol.onto(),
        insecure: input.insecure_ingest.unwrap_or_default(),
        redundant: input.redundant_ingest.unwrap_or_default(),
        stage: None,
        user_id: input.user_id.unwrap_or_default(),
        attributes: input.attributes.unwrap_or_default(),
    };
    let stage_arn = input.stage_arn;
    ctx.write(move |ctx, tx| {
        let stage = lookup::named::<Stage, _>(ctx, tx, ResourceKind::Stage, "stageArn", stage_arn.as_deref())?;
        let wanted = NewIngest { stage: stage.map(|stage| stage.id), ..wanted.clone() };
        let home = &ctx.app.home;
        let ingest = IngestConfiguration::create(wanted, home, ctx.now, &mut SystemIds);
        let ingest = ingest.map_err(|error: IngestRefused| lookup::invalid(error))?;
        let quota = (ResourceKind::IngestConfiguration, ctx.app.limits.stage.ingest_configurations);
        resources::keep(ctx, tx, quota, (ingest.id.as_str(), &ingest), &tags)?;
        let shown = ingests::shown(ingest, home, tags.as_map().clone());
        Ok(CreateIngestConfigurationOutput { ingest_configuration: Some(shown) })
    })
    .await
}
