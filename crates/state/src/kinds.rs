//! The domain's types that are kept as records, and what each is called in the database.
//!
//! The one rule: a kind is a name on disk. It is never changed and never given to another type.

use switchboard_domain::{
    chat,
    instance::{self, contents},
    stage::{self, configurations, token},
};

macro_rules! records {
    ($($type:ty = $kind:literal),* $(,)?) => {
        /// Every kind of record that the domain's types use.
        pub const KINDS: &[&str] = &[$($kind),*];

        $(impl crate::Record for $type {
            const KIND: &'static str = $kind;
        })*
    };
}

records! {
    chat::Chat = "chat",
    chat::Contact = "contact",
    chat::attachments::Attachment = "attachment",
    instance::Bot = "bot",
    instance::Changes = "instance-changes",
    instance::ClaimedBy = "claim",
    instance::FunctionArn = "lambda-function",
    instance::Instance = "instance",
    instance::Origin = "approved-origin",
    instance::SecurityKey = "security-key",
    instance::StorageAssociation = "storage-config",
    contents::AgentStatus = "agent-status",
    contents::Flow = "contact-flow",
    contents::HoursOfOperation = "hours-of-operation",
    contents::Prompt = "prompt",
    contents::Queue = "queue",
    contents::RoutingProfile = "routing-profile",
    contents::SecurityProfile = "security-profile",
    configurations::EncoderConfiguration = "encoder-configuration",
    configurations::IngestConfiguration = "ingest-configuration",
    configurations::PublicKey = "public-key",
    configurations::StorageConfiguration = "storage-configuration",
    stage::Addresses = "stage-addresses",
    stage::Event = "stage-event",
    stage::Participant = "stage-participant",
    stage::Presence = "stage-presence",
    stage::Replication = "stage-replication",
    stage::Session = "stage-session",
    stage::Stage = "stage",
    token::Ban = "stage-ban",
    token::IssuedToken = "stage-token",
    token::RevokedConnection = "revoked-connection",
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_types_share_a_kind() {
        assert_eq!(super::KINDS.iter().collect::<BTreeSet<_>>().len(), super::KINDS.len());
    }
}
