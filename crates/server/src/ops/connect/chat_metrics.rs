//! The numbers of a contact that is over, read off the log of its chat.

use std::ops::Bound;

use switchboard_domain::{
    Time,
    chat::{
        Chat, Contact, Item,
        metrics::{self, Meter, Talker},
    },
};
use switchboard_state::{Direction, LogRow, Span, StoreError};
use switchboard_wire::connect::{ChatContactMetrics, ChatMetrics, ParticipantMetrics, ParticipantType};
use tokio::task::yield_now;

use crate::ops::Ctx;

/// Items read at a time: a long chat holds up nobody else.
const BATCH: usize = 200;

/// The numbers of `contact`; none while it goes on.
// AWS does not say: whether a contact that goes on has numbers. They are there once they are final.
pub(super) async fn of(ctx: &Ctx, contact: &Contact, chat: &Chat) -> Result<Option<ChatMetrics>, StoreError> {
    let Some(ended_at) = contact.disconnected_at else { return Ok(None) };
    let begins = chat.contacts().iter().find(|segment| segment.contact == contact.id);
    let mut from = Bound::Included(begins.map_or(1, |segment| segment.from_seq.cast_signed()));
    let mut meter = Meter::default();
    loop {
        let span = Span { from, direction: Direction::Forward, limit: BATCH };
        let rows: Vec<LogRow<Item>> = ctx.app.state.read(|tx| tx.transcript(chat.id(), span))?;
        let of_contact = rows.iter().take_while(|row| row.doc.contact == contact.id).count();
        rows.iter().take(of_contact).for_each(|row| meter.see(&row.doc));
        match rows.last() {
            Some(last) if of_contact == BATCH => from = Bound::Excluded(last.seq),
            _ => return Ok(Some(show(meter.read(ended_at)))),
        }
        yield_now().await;
    }
}

fn show(metrics: metrics::ChatMetrics) -> ChatMetrics {
    ChatMetrics {
        chat_contact_metrics: Some(ChatContactMetrics {
            multi_party: Some(metrics.multi_party),
            total_messages: count(metrics.messages),
            total_bot_messages: count(metrics.bot_messages),
            total_bot_message_length_in_chars: count(metrics.bot_characters),
            conversation_close_time_in_millis: metrics.close_ms,
            conversation_turn_count: count(metrics.turns),
            agent_first_response_timestamp: metrics.agent_first_response_at.map(|Time(at)| at.into()),
            agent_first_response_time_in_millis: metrics.agent_first_response_ms,
        }),
        agent_metrics: metrics.agent.map(|agent| talker(&agent, ParticipantType::Agent)),
        customer_metrics: metrics.customer.map(|customer| talker(&customer, ParticipantType::Customer)),
    }
}

fn talker(talker: &Talker, kind: ParticipantType) -> ParticipantMetrics {
    ParticipantMetrics {
        participant_id: Some(talker.participant.to_string()),
        participant_type: Some(kind),
        messages_sent: count(talker.messages),
        num_responses: count(talker.responses),
        message_length_in_chars: count(talker.characters),
        total_response_time_in_millis: Some(talker.response_ms),
        max_response_time_in_millis: Some(talker.longest_response_ms),
        last_message_timestamp: talker.last_message_at.map(|Time(at)| at.into()),
        ..ParticipantMetrics::default()
    }
}

fn count(number: u32) -> Option<i32> {
    Some(i32::try_from(number).unwrap_or(i32::MAX))
}
