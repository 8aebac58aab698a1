//! The domain's types that are kept as records, and what each is called in the database.
//!
//! The one rule: a kind is a name on disk. It is never changed and never given to another type.

use switchboard_domain::{
    chat,
    instance::{self, contents},
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
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_types_share_a_kind() {
        assert_eq!(super::KINDS.iter().collect::<BTreeSet<_>>().len(), super::KINDS.len());
    }
}
