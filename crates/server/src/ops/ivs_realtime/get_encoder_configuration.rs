//! GetEncoderConfiguration: how compositions are to be encoded (Amazon IVS Real-Time API Reference,
//! *GetEncoderConfiguration*).

use switchboard_domain::stage::{ResourceKind, configurations::EncoderConfiguration};
use switchboard_wire::ivs_realtime::{
    GetEncoderConfigurationError, GetEncoderConfigurationInput, GetEncoderConfigurationOutput,
};

use super::{encoders, lookup};
use crate::ops::{Ctx, Failure};

/// The configuration.
pub(super) async fn get_encoder_configuration(
    ctx: Ctx,
    input: GetEncoderConfigurationInput,
) -> Result<GetEncoderConfigurationOutput, Failure<GetEncoderConfigurationError>> {
    ctx.read(|tx| {
        let encoder: EncoderConfiguration = lookup::get(&ctx, tx, ResourceKind::EncoderConfiguration, &input.arn)?;
        let shown = encoders::shown(encoder, input.arn.clone(), tx.tags(&input.arn)?);
        Ok(GetEncoderConfigurationOutput { encoder_configuration: Some(shown) })
    })
}
