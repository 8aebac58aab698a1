//! CreateParticipantConnection: the way into a chat (Participant Service API Reference, *CreateParticipantConnection*).

use switchboard_domain::chat::{
    Context, TokenKind,
    connect::{ConnectError, ConnectRequest},
};
use switchboard_wire::{
    connectparticipant::{
        ConnectionCredentials, ConnectionType, CreateParticipantConnectionError, CreateParticipantConnectionInput,
        CreateParticipantConnectionOutput, ValidationException, Websocket,
    },
    iso_millis,
};

use super::caller;
use crate::{
    chat::{apply::apply, credentials},
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Hands out what was asked for; the first call of a participant brings them in. Earlier tokens and sockets stay good.
pub(crate) async fn create_participant_connection(
    ctx: Ctx,
    input: CreateParticipantConnectionInput,
) -> Result<CreateParticipantConnectionOutput, Failure<CreateParticipantConnectionError>> {
    let (ctx, caller) = caller::admit(ctx, &input.participant_token, TokenKind::Participant)?;
    let request = asked(&input);
    let (chat, connected) = ctx
        .write(move |ctx, tx| {
            let mut chat = caller.chat(ctx, tx)?;
            let ids = &mut SystemIds;
            let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
            let connected = chat.connect(caller.participant, request, cx).map_err(refused)?;
            apply(tx, &chat, &connected.changes)?;
            Ok((chat.id(), connected))
        })
        .await?;
    let app = &ctx.app;
    Ok(CreateParticipantConnectionOutput {
        websocket: connected.socket.map(|grant| Websocket {
            url: Some(credentials::socket_url(app, chat, &grant)),
            connection_expiry: Some(iso_millis(grant.expires_at.as_millis())),
        }),
        connection_credentials: connected.credentials.map(|claims| ConnectionCredentials {
            connection_token: Some(credentials::token(app, &claims)),
            expiry: Some(iso_millis(claims.expires_at.as_millis())),
        }),
        web_rtc_connection: None,
    })
}

fn asked(input: &CreateParticipantConnectionInput) -> ConnectRequest {
    let named = |kind| input.r#type.as_ref().is_some_and(|kinds| kinds.contains(&kind));
    ConnectRequest {
        websocket: named(ConnectionType::Websocket),
        credentials: named(ConnectionType::ConnectionCredentials),
        webrtc: named(ConnectionType::WebrtcConnection),
        connect_participant: input.connect_participant.unwrap_or_default(),
    }
}

fn refused(error: ConnectError) -> Failure<CreateParticipantConnectionError> {
    match error {
        ConnectError::ChatEnded | ConnectError::NotInChat => caller::denied().into(),
        ConnectError::NothingAsked | ConnectError::NoWebRtc | ConnectError::NotStreaming => {
            ValidationException::new(error.to_string()).into()
        }
    }
}
