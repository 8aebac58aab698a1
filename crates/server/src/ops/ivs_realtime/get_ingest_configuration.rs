//! GetIngestConfiguration: a participant who publishes by RTMP, and their stream key (Amazon IVS Real-Time API
//! Reference, *GetIngestConfiguration*).

use switchboard_domain::stage::{ResourceKind, configurations::IngestConfiguration};
use switchboard_wire::ivs_realtime::{
    GetIngestConfigurationError, GetIngestConfigurationInput, GetIngestConfigurationOutput,
};

use super::{ingests, lookup};
use crate::ops::{Ctx, Failure};

/// The configuration.
pub(super) async fn get_ingest_configuration(
    ctx: Ctx,
    input: GetIngestConfigurationInput,
) -> Result<GetIngestConfigurationOutput, Failure<GetIngestConfigurationError>> {
    ctx.read(|tx| {
        let ingest: IngestConfiguration = lookup::get(&ctx, tx, ResourceKind::IngestConfiguration, &input.arn)?;
        let shown = ingests::shown(ingest, &ctx.app.home, tx.tags(&input.arn)?);
        Ok(GetIngestConfigurationOutput { ingest_configuration: Some(shown) })
    })
}
