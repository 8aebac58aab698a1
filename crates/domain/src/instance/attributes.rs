//! What is switched on in an instance.
//!
//! The one rule: every attribute always has a value. What was never set has the value of a new instance; calls in and
//! out are set when the instance is made, and `InboundCallsEnabled` and `OutboundCallsEnabled` are these same two.
//! Facts: *UpdateInstanceAttribute*, *ListInstanceAttributes* and *CreateInstance* in the Amazon Connect API Reference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// `InstanceAttributeType`.
    AttributeType {
        InboundCalls = "INBOUND_CALLS",
        OutboundCalls = "OUTBOUND_CALLS",
        ContactflowLogs = "CONTACTFLOW_LOGS",
        ContactLens = "CONTACT_LENS",
        AutoResolveBestVoices = "AUTO_RESOLVE_BEST_VOICES",
        UseCustomTtsVoices = "USE_CUSTOM_TTS_VOICES",
        EarlyMedia = "EARLY_MEDIA",
        MultiPartyConference = "MULTI_PARTY_CONFERENCE",
        HighVolumeOutbound = "HIGH_VOLUME_OUTBOUND",
        EnhancedContactMonitoring = "ENHANCED_CONTACT_MONITORING",
        EnhancedChatMonitoring = "ENHANCED_CHAT_MONITORING",
        MultiPartyChatConference = "MULTI_PARTY_CHAT_CONFERENCE",
        MessageStreaming = "MESSAGE_STREAMING",
    }
}

/// The attributes of an instance: those that were set; the others have their first value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<AttributeType, bool>);

/// The attribute cannot be set so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// Neither `true` nor `false`: an `InvalidParameterException`.
    #[error("Value must be \"true\" or \"false\".")]
    Value,
    /// AWS switches it on by request only: an `InvalidRequestException`.
    #[error("The attribute {0} cannot be enabled for this instance.")]
    NotAllowed(AttributeType),
}

impl AttributeType {
    /// Its value in a new instance. For the two kinds of calls, `CreateInstance` says.
    // AWS does not say: the values of those that came after the first eight. Ours are off, as additions usually are.
    const fn at_first(self) -> bool {
        matches!(self, Self::AutoResolveBestVoices | Self::ContactLens | Self::EarlyMedia)
    }
}

impl Attributes {
    /// Those of a new instance.
    #[must_use]
    pub fn new(inbound_calls: bool, outbound_calls: bool) -> Self {
        let calls = [(AttributeType::InboundCalls, inbound_calls), (AttributeType::OutboundCalls, outbound_calls)];
        Self(calls.into())
    }

    /// Whether `attribute` is on.
    #[must_use]
    pub fn get(&self, attribute: AttributeType) -> bool {
        self.0.get(&attribute).copied().unwrap_or(attribute.at_first())
    }

    /// All of them, in AWS's order.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeType, bool)> {
        AttributeType::ALL.iter().map(|&attribute| (attribute, self.get(attribute)))
    }

    /// Sets `attribute` to the `Value` of a request.
    ///
    /// # Errors
    /// [`AttributeError`].
    pub fn set(&mut self, attribute: AttributeType, value: &str) -> Result<(), AttributeError> {
        let on = value.parse().map_err(|_| AttributeError::Value)?;
        if on && attribute == AttributeType::UseCustomTtsVoices {
            return Err(AttributeError::NotAllowed(attribute));
        }
        self.0.insert(attribute, on);
        Ok(())
    }
}
