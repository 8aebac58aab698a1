//! ListIngestConfigurations: who may publish by RTMP (Amazon IVS Real-Time API Reference, *ListIngestConfigurations*).

use switchboard_domain::{
    Home,
    stage::{ResourceKind, configurations::IngestConfiguration},
};
use switchboard_wire::ivs_realtime::{
    IngestConfigurationSummary, ListIngestConfigurationsError, ListIngestConfigurationsInput,
    ListIngestConfigurationsOutput,
};

use super::{
    ingests,
    lookup::invalid,
    paging::{PAGE, Wanted},
    words::Onto as _,
};
use crate::ops::{Ctx, Failure};

/// One page of the configurations that the filter takes, in the order of their ids.
pub(super) async fn list_ingest_configurations(
    ctx: Ctx,
    input: ListIngestConfigurationsInput,
) -> Result<ListIngestConfigurationsOutput, Failure<ListIngestConfigurationsError>> {
    if input.filter_by_stage_arn.is_some() && input.filter_by_state.is_some() {
        return Err(invalid("At most one of filterByStageArn and filterByState can be given.").into());
    }
    let home = &ctx.app.home;
    let state = input.filter_by_state.map(|state| state.onto());
    // An ARN that names no stage of ours filters everything out.
    let stage = input.filter_by_stage_arn.as_ref().map(|arn| ResourceKind::Stage.id(arn, home));
    let takes = |ingest: &IngestConfiguration| {
        state.is_none_or(|state| ingest.state == state)
            && stage.is_none_or(|stage| stage.is_some() && ingest.stage == stage)
    };
    let wanted = Wanted {
        list: format!("ListIngestConfigurations/{state:?}/{stage:?}"),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let page = wanted.page::<IngestConfiguration, _>(&ctx, tx, ("", ""), takes)?;
        let ingest_configurations = page.items.into_iter().map(|(_, ingest)| summary(ingest, home)).collect();
        Ok(ListIngestConfigurationsOutput { ingest_configurations, next_token: page.next })
    })
}

fn summary(ingest: IngestConfiguration, home: &Home) -> IngestConfigurationSummary {
    IngestConfigurationSummary {
        arn: ingests::arn(&ingest, home),
        stage_arn: ingests::stage_arn(ingest.stage, home),
        redundant_ingest: Some(ingest.redundant.is_some()),
        name: Some(ingest.name),
        ingest_protocol: ingest.protocol.onto(),
        participant_id: ingest.credential.participant.to_string(),
        state: ingest.state.onto(),
        user_id: Some(ingest.user_id),
    }
}
