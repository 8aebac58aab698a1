//! ListParticipantEvents: what happened to somebody in one session (Amazon IVS Real-Time API Reference,
//! *ListParticipantEvents*).

use switchboard_domain::{
    Home,
    stage::{Event, EventKind, ExchangedToken, ParticipantId, ResourceKind},
};
use switchboard_wire::ivs_realtime::{
    Event as Shown, ExchangedParticipantToken, ListParticipantEventsError, ListParticipantEventsInput,
    ListParticipantEventsOutput,
};

use super::{
    paging::{PAGE, Wanted, everything},
    sessions,
    words::{Onto as _, all},
};
use crate::{
    ops::{Ctx, Failure},
    stages::rows::{event_prefix, session_scope},
};

/// One page of the events.
// AWS does not say: in which order; its pages show both. The newest first, as the samples of its commands do.
pub(super) async fn list_participant_events(
    ctx: Ctx,
    input: ListParticipantEventsInput,
) -> Result<ListParticipantEventsOutput, Failure<ListParticipantEventsError>> {
    let wanted = Wanted {
        list: "ListParticipantEvents".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let session = sessions::find(&ctx, tx, &input.stage_arn, &input.session_id)?;
        let (Some((stage, session)), Ok(participant)) = (session, input.participant_id.parse::<ParticipantId>()) else {
            return Ok(ListParticipantEventsOutput::default());
        };
        let place = (&*session_scope(stage, session), &*event_prefix(&participant));
        let page = wanted.page::<Event, _>(&ctx, tx, place, everything)?;
        let events = page.items.into_iter().map(|(_, event)| shown(event, &ctx.app.home)).collect();
        Ok(ListParticipantEventsOutput { events, next_token: page.next })
    })
}

fn shown(event: Event, home: &Home) -> Shown {
    let bare = Shown {
        name: Some(event.kind.name().onto()),
        participant_id: Some(event.participant.to_string()),
        event_time: Some(event.at.as_millis().into()),
        error_code: event.kind.error_code().map(|code| code.onto()),
        ..Shown::default()
    };
    match event.kind {
        EventKind::SubscribeStarted { remote, replica } | EventKind::SubscribeStopped { remote, replica } => {
            Shown { remote_participant_id: Some(remote.to_string()), replica: Some(replica), ..bare }
        }
        EventKind::SubscribeError { remote, .. } => Shown { remote_participant_id: Some(remote.to_string()), ..bare },
        EventKind::ReplicationStarted { stage, session } | EventKind::ReplicationStopped { stage, session } => Shown {
            destination_stage_arn: Some(ResourceKind::Stage.arn(stage.as_str(), home).to_string()),
            destination_session_id: Some(session.to_string()),
            ..bare
        },
        EventKind::TokenExchanged { previous, new } => {
            Shown { previous_token: Some(shown_token(previous)), new_token: Some(shown_token(new)), ..bare }
        }
        EventKind::Joined
        | EventKind::Left
        | EventKind::PublishStarted
        | EventKind::PublishStopped
        | EventKind::JoinError { .. }
        | EventKind::PublishError { .. } => bare,
    }
}

fn shown_token(token: ExchangedToken) -> ExchangedParticipantToken {
    ExchangedParticipantToken {
        capabilities: Some(all(token.capabilities.names())),
        attributes: Some(token.attributes),
        user_id: Some(token.user_id.unwrap_or_default()),
        expiration_time: Some(token.expires.as_millis().into()),
    }
}
