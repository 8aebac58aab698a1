//! DescribeRoutingProfile: one routing profile (Amazon Connect API Reference, *DescribeRoutingProfile*).

use switchboard_domain::instance::contents::{self as domain, RoutingProfile as Record};
use switchboard_wire::connect::{
    CrossChannelBehavior, DescribeRoutingProfileError, DescribeRoutingProfileInput, DescribeRoutingProfileOutput,
    MediaConcurrency, RoutingProfile,
};

use super::{contents, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// The routing profile that an id or an ARN names.
pub(super) async fn describe_routing_profile(
    ctx: Ctx,
    input: DescribeRoutingProfileInput,
) -> Result<DescribeRoutingProfileOutput, Failure<DescribeRoutingProfileError>> {
    let (profile, told, tags) = contents::describe::<Record, _>(&ctx, &input.instance_id, &input.routing_profile_id)?;
    // AWS does not say: whether a queue served on three channels counts once or three times. Ours counts once, as many
    // as there are in AssociatedQueueIds.
    let queues: Vec<String> = profile.queue_ids().iter().map(ToString::to_string).collect();
    Ok(DescribeRoutingProfileOutput {
        routing_profile: Some(RoutingProfile {
            instance_id: Some(profile.head.instance_id.to_string()),
            routing_profile_id: told.id,
            routing_profile_arn: told.arn,
            name: told.name,
            description: told.description,
            tags,
            media_concurrencies: Some(profile.media_concurrencies.iter().map(concurrency).collect()),
            default_outbound_queue_id: Some(profile.default_outbound_queue_id.to_string()),
            number_of_associated_queues: i64::try_from(queues.len()).ok(),
            associated_queue_ids: Some(queues),
            number_of_associated_manual_assignment_queues: Some(0),
            associated_manual_assignment_queue_ids: Some(Vec::new()),
            // There are no users yet who could have it.
            number_of_associated_users: Some(0),
            agent_availability_timer: Some(profile.agent_availability_timer.on_wire()),
            is_default: Some(profile.is_default),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        }),
    })
}

fn concurrency(media: &domain::MediaConcurrency) -> MediaConcurrency {
    let behavior = media.cross_channel_behavior;
    MediaConcurrency {
        channel: media.channel.on_wire(),
        concurrency: media.concurrency.cast_signed(),
        cross_channel_behavior: behavior.map(|behavior| CrossChannelBehavior { behavior_type: behavior.on_wire() }),
    }
}
