//! CreateEncoderConfiguration: how compositions are to be encoded (Amazon IVS Real-Time API Reference,
//! *CreateEncoderConfiguration*).

use switchboard_domain::stage::{
    ResourceId, ResourceKind,
    configurations::{EncoderConfiguration, Video, VideoRefused},
};
use switchboard_wire::ivs_realtime::{
    CreateEncoderConfigurationError, CreateEncoderConfigurationInput, CreateEncoderConfigurationOutput,
};

use super::{encoders, lookup::invalid, resources};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Keeps the configuration, whole.
pub(super) async fn create_encoder_configuration(
    ctx: Ctx,
    input: CreateEncoderConfigurationInput,
) -> Result<CreateEncoderConfigurationOutput, Failure<CreateEncoderConfigurationError>> {
    let tags = resources::tags(input.tags)?;
    let video = input.video.unwrap_or_default();
    let video = Video::new(video.width, video.height, video.framerate, video.bitrate);
    let video = video.map_err(|error: VideoRefused| invalid(error))?;
    let name = input.name.unwrap_or_default();
    ctx.write(move |ctx, tx| {
        let id = ResourceId::fresh(&mut SystemIds);
        let encoder = EncoderConfiguration { id, name: name.clone(), video };
        let quota = (ResourceKind::EncoderConfiguration, ctx.app.limits.stage.encoder_configurations);
        let arn = resources::keep(ctx, tx, quota, (id.as_str(), &encoder), &tags)?;
        let shown = encoders::shown(encoder, arn.to_string(), tags.as_map().clone());
        Ok(CreateEncoderConfigurationOutput { encoder_configuration: Some(shown) })
    })
    .await
}
