//! `StartContactStreaming` and `StopContactStreaming`: a chat is told to an outside endpoint as it happens.
//!
//! The rule: a chat has at most two streams, each with an id of its own. Sources: those two operations' pages and
//! *Enable real-time chat message streaming* of the Administrator Guide.

use serde::{Deserialize, Serialize};

use super::{Chat, ChatEnded, Context};
use crate::{Arn, ContactId, StreamingId};

/// One stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Its id.
    pub id: StreamingId,
    /// The topic it goes to.
    pub endpoint: String,
    /// Its first item has this place or a later one.
    pub from_seq: u64,
}

/// No stream was started or stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamingError {
    /// The chat is over.
    #[error("the contact has ended")]
    ChatEnded,
    /// Streams belong to the first contact.
    #[error("ContactId must be the contact of the first interaction with the contact center")]
    NotInitialContact,
    /// The endpoint is no topic of this kind, or not here.
    #[error("StreamingEndpointArn must be the ARN of a standard Amazon SNS topic in this Region")]
    Endpoint,
    /// There are enough already.
    #[error("the contact already has {0} streams, the most it may have")]
    TooMany(usize),
    /// There is no such stream.
    #[error("StreamingId names no stream of this contact")]
    Unknown,
}

impl From<ChatEnded> for StreamingError {
    fn from(_: ChatEnded) -> Self {
        Self::ChatEnded
    }
}

impl Chat {
    /// Its streams; after the end those that were on then, for `chat.ended` to reach them.
    #[must_use]
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// `StartContactStreaming`. `region` is the one of this server.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn start_streaming(
        &mut self,
        contact: ContactId,
        endpoint: &str,
        region: &str,
        cx: &mut Context<'_>,
    ) -> Result<StreamingId, StreamingError> {
        self.must_be_open()?;
        if contact.0 != self.id.0 {
            return Err(StreamingError::NotInitialContact);
        }
        if !is_topic(endpoint, region) {
            return Err(StreamingError::Endpoint);
        }
        if self.streams.len() >= cx.limits.streams_per_contact {
            return Err(StreamingError::TooMany(cx.limits.streams_per_contact));
        }
        let id = StreamingId::new(cx.ids);
        self.streams.push(Stream { id, endpoint: endpoint.to_owned(), from_seq: self.last_seq + 1 });
        Ok(id)
    }

    /// `StopContactStreaming`. A stream can be stopped after the chat has ended too.
    ///
    /// # Errors
    /// If there is no such stream.
    pub fn stop_streaming(&mut self, contact: ContactId, stream: &str) -> Result<(), StreamingError> {
        if contact.0 != self.id.0 {
            return Err(StreamingError::NotInitialContact);
        }
        let id: StreamingId = stream.parse().map_err(|_| StreamingError::Unknown)?;
        let at = self.streams.iter().position(|stream| stream.id == id).ok_or(StreamingError::Unknown)?;
        self.streams.remove(at);
        Ok(())
    }
}

/// Whether the text names a standard topic of the region. Topics of the first-in-first-out kind end in `.fifo`.
fn is_topic(endpoint: &str, region: &str) -> bool {
    endpoint.parse::<Arn>().is_ok_and(|arn| {
        let name = arn.resource.as_str();
        arn.service == "sns"
            && arn.region == region
            && !arn.account.is_empty()
            && !name.ends_with(".fifo")
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}
