//! What a stage records of its publishers: `autoParticipantRecordingConfiguration`.
//!
//! The one rule: a stage always has the whole of it. What a request leaves out has its default, and a request without a
//! storage configuration has only defaults: nothing is recorded.
//!
//! Facts: *AutoParticipantRecordingConfiguration* in the Amazon IVS Real-Time API Reference; the defaults as the samples
//! of CreateStage show them.

use serde::{Deserialize, Serialize};

use super::ResourceId;
use crate::words::words;

words! {
    /// What is recorded.
    MediaType {
        AudioVideo = "AUDIO_VIDEO",
        AudioOnly = "AUDIO_ONLY",
        None = "NONE",
    }
}

words! {
    /// Whether pictures are kept.
    ThumbnailMode {
        Interval = "INTERVAL",
        Disabled = "DISABLED",
    }
}

words! {
    /// Which pictures are kept.
    ThumbnailStorage {
        Sequential = "SEQUENTIAL",
        Latest = "LATEST",
    }
}

/// How a stage records each publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoRecording {
    /// Where to; `None` records nothing.
    pub storage: Option<ResourceId>,
    /// `mediaTypes`.
    pub media_types: Vec<MediaType>,
    /// `thumbnailConfiguration.targetIntervalSeconds`.
    pub thumbnail_interval_seconds: i32,
    /// `thumbnailConfiguration.storage`.
    pub thumbnail_storage: Vec<ThumbnailStorage>,
    /// `thumbnailConfiguration.recordingMode`.
    pub thumbnail_mode: ThumbnailMode,
    /// `recordingReconnectWindowSeconds`.
    pub reconnect_window_seconds: i32,
    /// `hlsConfiguration.targetSegmentDurationSeconds`.
    pub segment_seconds: i32,
    /// `recordParticipantReplicas`.
    pub record_replicas: bool,
}

impl Default for AutoRecording {
    fn default() -> Self {
        Self {
            storage: None,
            media_types: vec![MediaType::AudioVideo],
            thumbnail_interval_seconds: 60,
            thumbnail_storage: vec![ThumbnailStorage::Sequential],
            thumbnail_mode: ThumbnailMode::Disabled,
            reconnect_window_seconds: 0,
            segment_seconds: 6,
            record_replicas: true,
        }
    }
}

/// What a request says of it, besides where to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordingMembers {
    /// `mediaTypes`.
    pub media_types: Option<Vec<MediaType>>,
    /// `thumbnailConfiguration.targetIntervalSeconds`.
    pub thumbnail_interval_seconds: Option<i32>,
    /// `thumbnailConfiguration.storage`.
    pub thumbnail_storage: Option<Vec<ThumbnailStorage>>,
    /// `thumbnailConfiguration.recordingMode`.
    pub thumbnail_mode: Option<ThumbnailMode>,
    /// `recordingReconnectWindowSeconds`.
    pub reconnect_window_seconds: Option<i32>,
    /// `hlsConfiguration.targetSegmentDurationSeconds`.
    pub segment_seconds: Option<i32>,
    /// `recordParticipantReplicas`.
    pub record_replicas: Option<bool>,
}

impl AutoRecording {
    /// What a request asks for. Without a `storage` the other members do not count.
    #[must_use]
    pub fn new(storage: Option<ResourceId>, members: RecordingMembers) -> Self {
        let usual = Self::default();
        if storage.is_none() {
            return usual;
        }
        Self {
            storage,
            media_types: members.media_types.filter(|types| !types.is_empty()).unwrap_or(usual.media_types),
            thumbnail_interval_seconds: members.thumbnail_interval_seconds.unwrap_or(usual.thumbnail_interval_seconds),
            thumbnail_storage: members.thumbnail_storage.unwrap_or(usual.thumbnail_storage),
            thumbnail_mode: members.thumbnail_mode.unwrap_or(usual.thumbnail_mode),
            reconnect_window_seconds: members.reconnect_window_seconds.unwrap_or(usual.reconnect_window_seconds),
            segment_seconds: members.segment_seconds.unwrap_or(usual.segment_seconds),
            record_replicas: members.record_replicas.unwrap_or(usual.record_replicas),
        }
    }
}
