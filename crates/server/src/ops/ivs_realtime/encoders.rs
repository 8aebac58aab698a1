//! What the operations on encoder configurations share: showing one.

use switchboard_domain::stage::configurations::EncoderConfiguration;
use switchboard_wire::{
    Map,
    ivs_realtime::{EncoderConfiguration as Shown, Video},
};

/// A configuration as replies show it.
pub(super) fn shown(encoder: EncoderConfiguration, arn: String, tags: Map<String>) -> Shown {
    let video = encoder.video;
    Shown {
        arn,
        name: Some(encoder.name),
        video: Some(Video {
            width: Some(video.width),
            height: Some(video.height),
            framerate: Some(video.framerate),
            bitrate: Some(video.bitrate_bps),
        }),
        tags: Some(tags),
    }
}
