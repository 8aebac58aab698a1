//! The numbers AWS publishes for chat, as one value handed to every decision.
//!
//! The rule: no decision holds a quota of its own. Sources: *Feature specifications* and *Service quotas* of the
//! Amazon Connect Administrator Guide, and the pages of the operations themselves.

/// What a chat may have and for how long. Units are in the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long after `StartChatContact` the customer may take to connect.
    pub connect_within_seconds: i64,
    /// How long after `CreateParticipant` a custom bot may take to connect.
    pub bot_connect_within_seconds: i64,
    /// How long a connection token lives.
    pub connection_token_seconds: i64,
    /// How long a websocket URL may be opened.
    pub socket_url_seconds: i64,
    /// How long a websocket may stay open before its client must ask for another.
    pub socket_seconds: i64,
    /// Open websockets of one participant.
    pub sockets_per_participant: usize,
    /// Bytes of one message or event, whatever its type.
    pub message_bytes: usize,
    /// UTF-8 bytes of all attributes of a contact, keys and values.
    pub attributes_bytes: usize,
    /// UTF-8 bytes of all references of a contact, names and values.
    pub references_bytes: usize,
    /// Tags of one contact.
    pub tags_per_contact: usize,
    /// Shortest chat that may be asked for.
    pub duration_min_minutes: i64,
    /// Longest chat that may be asked for.
    pub duration_max_minutes: i64,
    /// A chat's duration when none is asked for.
    pub duration_default_minutes: i64,
    /// Shortest idle or auto-disconnect timer.
    pub role_timer_min_minutes: i64,
    /// Longest idle or auto-disconnect timer.
    pub role_timer_max_minutes: i64,
    /// Customer, agents, supervisors and bots present at once.
    pub participants: usize,
    /// Bytes of one attachment.
    pub attachment_bytes: u64,
    /// Completed attachments of one chat.
    pub attachments_per_chat: u32,
    /// How long an attachment may be uploaded after `StartAttachmentUpload`.
    pub upload_url_seconds: i64,
    /// Life of a download URL when the caller names none.
    pub download_url_seconds: i64,
    /// How long a scanner may take before its attachment is rejected.
    pub scan_seconds: i64,
    /// Real-time streams of one contact.
    pub streams_per_contact: usize,
    /// How long an authentication session waits for `GetAuthenticationUrl`.
    pub authentication_seconds: i64,
    /// Chats of one instance open at once; `None` is no limit.
    pub active_chats: Option<u64>,
    /// Past contacts reachable from a persistent chat; `None` is no limit.
    pub past_contacts: Option<u32>,
}

impl Limits {
    /// The published numbers, all of them.
    #[must_use]
    pub const fn aws() -> Self {
        Self {
            connect_within_seconds: 5 * 60,
            bot_connect_within_seconds: 15,
            connection_token_seconds: 24 * 60 * 60,
            socket_url_seconds: 100,
            // AWS does not say: ChatJS rolls its socket every 3,540 s, so a little over an hour lets it do so.
            socket_seconds: 65 * 60,
            sockets_per_participant: 5,
            message_bytes: 16_384,
            attributes_bytes: 32_768,
            references_bytes: 4_096,
            tags_per_contact: 6,
            duration_min_minutes: 60,
            duration_max_minutes: 10_080,
            duration_default_minutes: 1_500,
            role_timer_min_minutes: 2,
            role_timer_max_minutes: 480,
            participants: 6,
            attachment_bytes: 20 * 1_024 * 1_024,
            attachments_per_chat: 35,
            // AWS does not say: a quarter of an hour lets a slow phone send 20 MB.
            upload_url_seconds: 15 * 60,
            // AWS does not say which value is the default: the longest it allows.
            download_url_seconds: 300,
            scan_seconds: 60,
            streams_per_contact: 2,
            authentication_seconds: 60,
            active_chats: Some(500),
            past_contacts: Some(100),
        }
    }
}

impl Default for Limits {
    /// The published numbers without those that exist only because the cloud is shared.
    fn default() -> Self {
        Self { active_chats: None, past_contacts: None, ..Self::aws() }
    }
}
