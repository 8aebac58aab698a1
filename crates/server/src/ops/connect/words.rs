//! The domain's words as the wire's: two enums for one set of words, so that the domain need not know the wire.
//!
//! The one rule: every word of the domain has its counterpart, and so has every word of a request; the compiler checks.

use switchboard_domain::{
    chat,
    instance::{self as domain, contents},
};
use switchboard_wire::connect as wire;

/// A word of the domain that the wire knows too.
pub(super) trait OnWire {
    /// The wire's enum.
    type Word;

    /// The same word there.
    fn on_wire(self) -> Self::Word;
}

/// A word of the wire that the domain knows too.
pub(super) trait OffWire {
    /// The domain's enum.
    type Word;

    /// The same word there.
    fn off_wire(self) -> Self::Word;
}

/// For words that only replies say. A variant of another name stands behind an arrow.
macro_rules! on_wire {
    ($($ours:path => $theirs:path { $($variant:ident $(=> $other:ident)?),+ $(,)? })+) => {$(
        impl OnWire for $ours {
            type Word = $theirs;

            fn on_wire(self) -> Self::Word {
                match self {
                    $(Self::$variant => on_wire!(@word $variant $($other)?)),+
                }
            }
        }
    )+};
    (@word $variant:ident) => { Self::Word::$variant };
    (@word $variant:ident $other:ident) => { Self::Word::$other };
}

/// For words that requests say too.
macro_rules! both_ways {
    ($($ours:path => $theirs:path { $($variant:ident),+ $(,)? })+) => {$(
        on_wire! { $ours => $theirs { $($variant),+ } }

        impl OffWire for $theirs {
            type Word = $ours;

            fn off_wire(self) -> Self::Word {
                match self {
                    $(Self::$variant => Self::Word::$variant),+
                }
            }
        }
    )+};
}

on_wire! {
    chat::InitiationMethod => wire::ContactInitiationMethod { Api, Transfer, QueueTransfer, Disconnect, Flow }
    contents::AgentAvailabilityTimer => wire::AgentAvailabilityTimer {
        LastActivity => TimeSinceLastActivity,
        LastInbound => TimeSinceLastInbound,
    }
    contents::AgentStatusState => wire::AgentStatusState { Enabled, Disabled }
    contents::AgentStatusType => wire::AgentStatusType { Routable, Custom, Offline }
    contents::Channel => wire::Channel { Voice, Chat, Task, Email }
    contents::CrossChannelBehavior => wire::BehaviorType {
        CurrentChannelOnly => RouteCurrentChannelOnly,
        AnyChannel => RouteAnyChannel,
    }
    contents::Day => wire::HoursOfOperationDays { Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday }
    contents::FlowState => wire::ContactFlowState { Active, Archived }
    contents::FlowStatus => wire::ContactFlowStatus { Published, Saved }
    contents::FlowType => wire::ContactFlowType {
        ContactFlow, CustomerQueue, CustomerHold, CustomerWhisper, AgentHold, AgentWhisper, OutboundWhisper,
        AgentTransfer, QueueTransfer, Campaign,
    }
    contents::QueueStatus => wire::QueueStatus { Enabled, Disabled }
    contents::QueueType => wire::QueueType { Standard, Agent }
    domain::InstanceStatus => wire::InstanceStatus { CreationInProgress, Active, CreationFailed }
}

both_ways! {
    chat::Role => wire::ParticipantRole { Agent, Customer, System, CustomBot, Supervisor }
    chat::Side => wire::TimerEligibleParticipantRoles { Customer, Agent }
    chat::contact::ReferenceType => wire::ReferenceType {
        Url, Attachment, ContactAnalysis, Number, String, Date, Email, EmailMessage, EmailMessagePlainText,
        EmailMessagePlainTextRedacted, EmailMessageRedacted,
    }
    chat::persistent::RehydrationType => wire::RehydrationType { EntirePastSession, FromSegment }
    chat::timers::TimerType => wire::ParticipantTimerType { Idle, DisconnectNoncustomer }
    domain::AttributeType => wire::InstanceAttributeType {
        InboundCalls, OutboundCalls, ContactflowLogs, ContactLens, AutoResolveBestVoices, UseCustomTtsVoices, EarlyMedia,
        MultiPartyConference, HighVolumeOutbound, EnhancedContactMonitoring, EnhancedChatMonitoring,
        MultiPartyChatConference, MessageStreaming,
    }
    domain::IdentityManagementType => wire::DirectoryType { Saml, ConnectManaged, ExistingDirectory }
    domain::LexVersion => wire::LexVersion { V1, V2 }
    domain::StorageResourceType => wire::InstanceStorageResourceType {
        ChatTranscripts, CallRecordings, ScheduledReports, MediaStreams, ContactTraceRecords, AgentEvents,
        RealTimeContactAnalysisSegments, Attachments, ContactEvaluations, ScreenRecordings,
        RealTimeContactAnalysisChatSegments, RealTimeContactAnalysisVoiceSegments, EmailMessages,
    }
    domain::StorageType => wire::StorageType { S3, KinesisVideoStream, KinesisStream, KinesisFirehose }
}

#[cfg(test)]
mod tests {
    use super::{OnWire as _, domain};

    #[test]
    fn a_word_reads_the_same_on_both_sides() {
        for word in domain::StorageResourceType::ALL {
            assert_eq!(word.as_str(), word.on_wire().as_str());
        }
        for word in domain::AttributeType::ALL {
            assert_eq!(word.as_str(), word.on_wire().as_str());
        }
    }
}
