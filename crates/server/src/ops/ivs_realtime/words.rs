//! The domain's words as the wire's: two enums for one set of words, so that the domain need not know the wire.
//!
//! The one rule: every word has its counterpart; the compiler checks.

use switchboard_domain::stage::{self, configurations, token};
use switchboard_wire::ivs_realtime as wire;

/// A word that the other side knows too.
pub(super) trait Onto<Other> {
    /// The same word there.
    fn onto(self) -> Other;
}

/// For words that only replies say.
macro_rules! shown {
    ($($ours:path => $theirs:path { $($variant:ident),+ $(,)? })+) => {$(
        impl Onto<$theirs> for $ours {
            fn onto(self) -> $theirs {
                match self {
                    $(<$ours>::$variant => <$theirs>::$variant),+
                }
            }
        }
    )+};
}

/// For words that only requests say.
macro_rules! read {
    ($($theirs:path => $ours:path { $($variant:ident),+ $(,)? })+) => {
        shown! { $($theirs => $ours { $($variant),+ })+ }
    };
}

/// For words that both say.
macro_rules! both {
    ($($ours:path => $theirs:path { $($variant:ident),+ $(,)? })+) => {$(
        shown! { $ours => $theirs { $($variant),+ } }
        shown! { $theirs => $ours { $($variant),+ } }
    )+};
}

shown! {
    configurations::IngestState => wire::IngestConfigurationState { Active, Inactive }
    stage::ErrorCode => wire::EventErrorCode {
        InsufficientCapabilities, QuotaExceeded, PublisherNotFound, BitrateExceeded, ResolutionExceeded,
        StreamDurationExceeded, InvalidAudioCodec, InvalidVideoCodec, InvalidProtocol, InvalidStreamKey,
        ReuseOfStreamKey, BFramePresent, InvalidInput, InternalServerException,
    }
    stage::EventName => wire::EventName {
        Joined, Left, PublishStarted, PublishStopped, SubscribeStarted, SubscribeStopped, PublishError, SubscribeError,
        JoinError, ReplicationStarted, ReplicationStopped, TokenExchanged,
    }
    stage::Protocol => wire::ParticipantProtocol { Unknown, Whip, Rtmp, Rtmps }
    stage::RecordingState => wire::ParticipantRecordingState { Starting, Active, Stopping, Stopped, Failed, Disabled }
    stage::ReplicationState => wire::ReplicationState { Active, Stopped }
    stage::ReplicationType => wire::ReplicationType { Source, Replica, None }
}

read! {
    wire::IngestConfigurationState => configurations::IngestState { Active, Inactive }
    wire::ParticipantRecordingFilterByRecordingState => stage::RecordingState {
        Starting, Active, Stopping, Stopped, Failed,
    }
}

both! {
    configurations::IngestProtocol => wire::IngestProtocol { Rtmp, Rtmps }
    stage::MediaType => wire::ParticipantRecordingMediaType { AudioVideo, AudioOnly, None }
    stage::State => wire::ParticipantState { Connected, Disconnected }
    stage::ThumbnailMode => wire::ThumbnailRecordingMode { Interval, Disabled }
    stage::ThumbnailStorage => wire::ThumbnailStorageType { Sequential, Latest }
    token::Capability => wire::ParticipantTokenCapability { Publish, Subscribe }
}

/// The same words there, in their order.
pub(super) fn all<Word: Onto<Other>, Other>(words: impl IntoIterator<Item = Word>) -> Vec<Other> {
    words.into_iter().map(Onto::onto).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_the_same_on_both_sides() {
        for word in stage::EventName::ALL {
            let there: wire::EventName = word.onto();
            assert_eq!(word.as_str(), there.as_str());
        }
        for word in stage::ErrorCode::ALL {
            let there: wire::EventErrorCode = word.onto();
            assert_eq!(word.as_str(), there.as_str());
        }
    }
}
