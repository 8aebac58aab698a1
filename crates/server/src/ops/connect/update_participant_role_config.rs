//! UpdateParticipantRoleConfig: after how long a silent customer or agent is idle, and put out (Amazon Connect API
//! Reference, *UpdateParticipantRoleConfig*).

use switchboard_domain::chat::{
    Changes,
    timers::{TimerConfigError, TimerSetting},
};
use switchboard_wire::connect::{
    InvalidRequestException, ParticipantTimerAction, ParticipantTimerConfiguration, UpdateParticipantRoleConfigError,
    UpdateParticipantRoleConfigInput, UpdateParticipantRoleConfigOutput,
};

use super::{contacts, words::OffWire as _};
use crate::{
    chat::apply::apply,
    ops::{Ctx, Failure},
};

/// Sets the timers that are named; the others stay as they are.
pub(super) async fn update_participant_role_config(
    ctx: Ctx,
    input: UpdateParticipantRoleConfigInput,
) -> Result<UpdateParticipantRoleConfigOutput, Failure<UpdateParticipantRoleConfigError>> {
    let chat = input.channel_configuration.chat;
    let settings = chat
        .ok_or_else(|| InvalidRequestException::new("ChannelConfiguration must have a Chat."))
        .and_then(|chat| chat.participant_timer_config_list.into_iter().map(setting).collect::<Result<Vec<_>, _>>());
    ctx.write(move |ctx, tx| {
        let mut chat = contacts::open_chat(ctx, tx, &input.instance_id, &input.contact_id)?;
        chat.update_role_timers(&settings.clone()?, &ctx.app.limits.chat).map_err(refused)?;
        apply(tx, &chat, &Changes::default())?;
        Ok(UpdateParticipantRoleConfigOutput::default())
    })
    .await
}

/// `TimerValue` is a union: a number of minutes, or the one action there is.
fn setting(config: ParticipantTimerConfiguration) -> Result<TimerSetting, InvalidRequestException> {
    let value = config.timer_value;
    let minutes = match (value.participant_timer_action, value.participant_timer_duration_in_minutes) {
        (Some(ParticipantTimerAction::Unset), None) => None,
        (None, Some(minutes)) => Some(minutes.into()),
        _ => {
            let why = "TimerValue must have one of ParticipantTimerAction and ParticipantTimerDurationInMinutes.";
            return Err(InvalidRequestException::new(why));
        }
    };
    Ok(TimerSetting { side: config.participant_role.off_wire(), timer: config.timer_type.off_wire(), minutes })
}

fn refused(error: TimerConfigError) -> InvalidRequestException {
    match error {
        TimerConfigError::ChatEnded
        | TimerConfigError::Empty
        | TimerConfigError::Duplicate
        | TimerConfigError::OutOfRange { .. } => InvalidRequestException::new(error.to_string()),
    }
}
