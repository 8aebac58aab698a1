//! ListEncoderConfigurations: the encoder configurations of the account (Amazon IVS Real-Time API Reference,
//! *ListEncoderConfigurations*).

use switchboard_domain::stage::{ResourceKind, configurations::EncoderConfiguration};
use switchboard_wire::ivs_realtime::{
    EncoderConfigurationSummary, ListEncoderConfigurationsError, ListEncoderConfigurationsInput,
    ListEncoderConfigurationsOutput,
};

use super::paging::{Wanted, everything};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
const PAGE: usize = 100;

/// One page of the configurations, in the order of their ids.
pub(super) async fn list_encoder_configurations(
    ctx: Ctx,
    input: ListEncoderConfigurationsInput,
) -> Result<ListEncoderConfigurationsOutput, Failure<ListEncoderConfigurationsError>> {
    let wanted = Wanted {
        list: "ListEncoderConfigurations".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let page = wanted.page::<EncoderConfiguration, _>(&ctx, tx, ("", ""), everything)?;
        let mut encoder_configurations = Vec::with_capacity(page.items.len());
        for (id, encoder) in page.items {
            let arn = ResourceKind::EncoderConfiguration.arn(&id, &ctx.app.home).to_string();
            let tags = Some(tx.tags(&arn)?);
            encoder_configurations.push(EncoderConfigurationSummary { arn, name: Some(encoder.name), tags });
        }
        Ok(ListEncoderConfigurationsOutput { encoder_configurations, next_token: page.next })
    })
}
