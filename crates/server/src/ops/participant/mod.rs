//! Amazon Connect Participant Service: the chat itself.

mod caller;
mod scan;

mod cancel_participant_authentication;
mod complete_attachment_upload;
mod create_participant_connection;
mod describe_view;
mod disconnect_participant;
mod get_attachment;
mod get_authentication_url;
mod get_transcript;
mod send_event;
mod send_message;
mod start_attachment_upload;

/// What the tour calls besides requests.
pub(crate) use {create_participant_connection::create_participant_connection, send_message::send_message};

use switchboard_wire::connectparticipant as wire;

use super::Table;

/// Adds every operation of this service.
pub(super) fn register(table: &mut Table) {
    table.on::<wire::CancelParticipantAuthentication, _, _>(
        cancel_participant_authentication::cancel_participant_authentication,
    );
    table.on::<wire::CompleteAttachmentUpload, _, _>(complete_attachment_upload::complete_attachment_upload);
    table.on::<wire::CreateParticipantConnection, _, _>(create_participant_connection::create_participant_connection);
    table.on::<wire::DescribeView, _, _>(describe_view::describe_view);
    table.on::<wire::DisconnectParticipant, _, _>(disconnect_participant::disconnect_participant);
    table.on::<wire::GetAttachment, _, _>(get_attachment::get_attachment);
    table.on::<wire::GetAuthenticationUrl, _, _>(get_authentication_url::get_authentication_url);
    table.on::<wire::GetTranscript, _, _>(get_transcript::get_transcript);
    table.on::<wire::SendEvent, _, _>(send_event::send_event);
    table.on::<wire::SendMessage, _, _>(send_message::send_message);
    table.on::<wire::StartAttachmentUpload, _, _>(start_attachment_upload::start_attachment_upload);
}
