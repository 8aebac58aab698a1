//! DeleteEncoderConfiguration: an encoder is no longer described (Amazon IVS Real-Time API Reference, *DeleteEncoderConfiguration*).

use switchboard_domain::stage::{ResourceKind, configurations::EncoderConfiguration};
use switchboard_wire::ivs_realtime::{
    DeleteEncoderConfigurationError, DeleteEncoderConfigurationInput, DeleteEncoderConfigurationOutput,
};

use super::{lookup, resources};
use crate::ops::{Ctx, Failure};

/// Forgets the configuration and its tags.
pub(super) async fn delete_encoder_configuration(
    ctx: Ctx,
    input: DeleteEncoderConfigurationInput,
) -> Result<DeleteEncoderConfigurationOutput, Failure<DeleteEncoderConfigurationError>> {
    ctx.write(move |ctx, tx| {
        let kind = ResourceKind::EncoderConfiguration;
        let found: EncoderConfiguration = lookup::get(ctx, tx, kind, &input.arn)?;
        resources::forget::<EncoderConfiguration, _>(ctx, tx, kind, found.id.as_str())?;
        Ok(DeleteEncoderConfigurationOutput {})
    })
    .await
}
