//! What happens in a chat because nothing did: nobody connected, nobody spoke, the time is up.
//!
//! The rule: the chat knows when each of its timers is really due, so a timer may fire early, late, twice or after it
//! was cancelled, and [`Chat::fire`] still does the right thing. Messages move a deadline in the chat alone; the timer
//! that fires too early is set again. So a message costs no write to a timer.
//!
//! Sources: *Set up chat timeouts for chat participants* of the Administrator Guide, *UpdateParticipantRoleConfig*,
//! *StartChatContact* (five minutes, duration), *Customize chat flow experiences* (fifteen seconds).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Changes, Chat, Context, DisconnectReason, EventType, Limits, Participant, Role};
use crate::words::words;
use crate::{AttachmentId, ParticipantId, Time};

/// A timer of one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatTimer {
    /// The customer has to be connected by then.
    ConnectBy,
    /// The custom bot has to be connected by then.
    BotConnectBy(ParticipantId),
    /// The chat is as old as it may get.
    Duration,
    /// One side has said nothing for long: it becomes idle, or everybody but the customer is put out.
    Silence(Side),
    /// The sign-in session's URL has to be fetched by then.
    Authentication,
    /// The scanner has to be done with the file by then: see [`Chat::scan_is_late`], which needs the file.
    ScanBy(AttachmentId),
}

impl fmt::Display for ChatTimer {
    /// A name that is the timer's own within its chat.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectBy => f.write_str("connect-by"),
            Self::BotConnectBy(bot) => write!(f, "bot-connect-by:{bot}"),
            Self::Duration => f.write_str("duration"),
            Self::Silence(Side::Customer) => f.write_str("silence:customer"),
            Self::Silence(Side::Agent) => f.write_str("silence:agent"),
            Self::Authentication => f.write_str("authentication"),
            Self::ScanBy(attachment) => write!(f, "scan-by:{attachment}"),
        }
    }
}

words! {
    /// The two sides of a conversation that timers are kept for.
    Side {
        /// The customer.
        Customer = "CUSTOMER",
        /// Agents, or the custom bot in their place.
        Agent = "AGENT",
    }
}

impl Side {
    const BOTH: [Self; 2] = [Self::Customer, Self::Agent];

    const fn of(role: Role) -> Option<Self> {
        match role {
            Role::Customer => Some(Self::Customer),
            Role::Agent | Role::CustomBot => Some(Self::Agent),
            Role::Supervisor | Role::System => None,
        }
    }
}

words! {
    /// Which of a side's two timers.
    TimerType {
        /// `IDLE`.
        Idle = "IDLE",
        /// `DISCONNECT_NONCUSTOMER`.
        DisconnectNoncustomer = "DISCONNECT_NONCUSTOMER",
    }
}

/// One entry of `ParticipantTimerConfigList`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerSetting {
    /// `ParticipantRole`.
    pub side: Side,
    /// `TimerType`.
    pub timer: TimerType,
    /// `TimerValue`: minutes, or nothing for `Unset`.
    pub minutes: Option<i64>,
}

/// The timers cannot be set so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimerConfigError {
    /// The chat is over.
    #[error("the contact has ended")]
    ChatEnded,
    /// There is nothing to set.
    #[error("ParticipantTimerConfigList must not be empty")]
    Empty,
    /// One timer is named twice.
    #[error("ParticipantTimerConfigList names the same ParticipantRole and TimerType twice")]
    Duplicate,
    /// A timer is too short or too long.
    #[error("ParticipantTimerDurationInMinutes must be from {min} to {max}, it is {given}")]
    OutOfRange {
        /// What was asked for.
        given: i64,
        /// The shortest.
        min: i64,
        /// The longest.
        max: i64,
    },
}

/// The timers of one side, in minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SideTimers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idle_minutes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disconnect_minutes: Option<i64>,
}

/// The timers that a chat is to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RoleTimers {
    customer: SideTimers,
    agent: SideTimers,
}

impl RoleTimers {
    pub(super) fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    const fn side(&mut self, side: Side) -> &mut SideTimers {
        match side {
            Side::Customer => &mut self.customer,
            Side::Agent => &mut self.agent,
        }
    }
}

/// The timers that run now, as they were set when the agent came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunningTimers {
    customer: Silence,
    agent: Silence,
}

/// How long one side has been silent, and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Silence {
    timers: SideTimers,
    #[serde(default, skip_serializing_if = "super::is_false")]
    is_idle: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<Time>,
}

impl Silence {
    /// From now on: the idle timer first, the other only after it, or at once where there is no idle timer.
    fn beginning(timers: SideTimers, now: Time) -> Self {
        let first = timers.idle_minutes.or(timers.disconnect_minutes);
        Self { timers, is_idle: false, due_at: first.map(|minutes| now.plus_minutes(minutes)) }
    }
}

impl RunningTimers {
    const fn side(&mut self, side: Side) -> &mut Silence {
        match side {
            Side::Customer => &mut self.customer,
            Side::Agent => &mut self.agent,
        }
    }
}

impl Chat {
    /// `UpdateParticipantRoleConfig`. The timers that run stay as they are until another agent comes.
    ///
    /// # Errors
    /// The rule that forbids it; then nothing has changed.
    pub fn update_role_timers(&mut self, settings: &[TimerSetting], limits: &Limits) -> Result<(), TimerConfigError> {
        self.must_be_open().map_err(|_| TimerConfigError::ChatEnded)?;
        if settings.is_empty() {
            return Err(TimerConfigError::Empty);
        }
        let mut timers = self.role_timers;
        for (at, setting) in settings.iter().enumerate() {
            let same = |other: &TimerSetting| other.side == setting.side && other.timer == setting.timer;
            if settings[..at].iter().any(same) {
                return Err(TimerConfigError::Duplicate);
            }
            check_minutes(setting.minutes, limits)?;
            let side = timers.side(setting.side);
            match setting.timer {
                TimerType::Idle => side.idle_minutes = setting.minutes,
                TimerType::DisconnectNoncustomer => side.disconnect_minutes = setting.minutes,
            }
        }
        self.role_timers = timers;
        Ok(())
    }

    /// A timer has fired.
    pub fn fire(&mut self, timer: ChatTimer, cx: &mut Context<'_>) -> Changes {
        if !self.is_open() {
            return Changes::default();
        }
        match timer {
            ChatTimer::ConnectBy | ChatTimer::BotConnectBy(_) => self.arrival_is_late(timer, cx),
            ChatTimer::Duration => self.time_is_up(cx),
            ChatTimer::Silence(side) => self.silence(side, cx),
            ChatTimer::Authentication => self.sign_in_is_late(cx),
            ChatTimer::ScanBy(_) => Changes::default(),
        }
    }

    /// Every timer that may be set now.
    pub(super) fn timers(&self) -> Vec<ChatTimer> {
        let mut timers = vec![ChatTimer::Duration];
        timers.extend(self.participants.iter().filter_map(Participant::arrival_timer));
        if self.authentication.is_some_and(|session| !session.taken_up) {
            timers.push(ChatTimer::Authentication);
        }
        if let Some(mut running) = self.running {
            let set = Side::BOTH.into_iter().filter(|side| running.side(*side).due_at.is_some());
            timers.extend(set.map(ChatTimer::Silence));
        }
        timers
    }

    /// Somebody came in: timers run once both sides are there, and anew for each agent.
    pub(super) fn start_role_timers(&mut self, came: Role, cx: &Context<'_>, changes: &mut Changes) {
        let both = Side::BOTH.into_iter().all(|side| self.has_side(side));
        if Side::of(came).is_none() || !both {
            return;
        }
        self.stop_role_timers(changes);
        if self.role_timers.is_unset() {
            return;
        }
        let mut timers = self.role_timers;
        let mut running = RunningTimers {
            customer: Silence::beginning(*timers.side(Side::Customer), cx.now),
            agent: Silence::beginning(*timers.side(Side::Agent), cx.now),
        };
        for side in Side::BOTH {
            if let Some(due_at) = running.side(side).due_at {
                changes.set(ChatTimer::Silence(side), due_at);
            }
        }
        self.running = Some(running);
    }

    /// Somebody left: timers stop with the last of their side.
    pub(super) fn stop_role_timers_if_alone(&mut self, changes: &mut Changes) {
        if !Side::BOTH.into_iter().all(|side| self.has_side(side)) {
            self.stop_role_timers(changes);
        }
    }

    /// Somebody said something: their side's silence begins anew, and an idle side is back.
    pub(super) fn spoke(&mut self, role: Role, cx: &mut Context<'_>, changes: &mut Changes) {
        let Some(side) = Side::of(role) else { return };
        let Some(silence) = self.running.as_mut().map(|running| running.side(side)) else { return };
        let was_idle = silence.is_idle;
        *silence = Silence::beginning(silence.timers, cx.now);
        let due_at = silence.due_at;

        if !was_idle {
            return;
        }
        changes.items.extend(self.tell_of(side, EventType::Returned, cx));
        if let Some(due_at) = due_at {
            changes.set(ChatTimer::Silence(side), due_at);
        }
    }

    fn stop_role_timers(&mut self, changes: &mut Changes) {
        let Some(mut running) = self.running.take() else { return };
        for side in Side::BOTH {
            if running.side(side).due_at.is_some() {
                changes.cancel(ChatTimer::Silence(side));
            }
        }
    }

    fn has_side(&self, side: Side) -> bool {
        self.someone(|who| who.is_connected() && Side::of(who.role) == Some(side))
    }

    /// An event about a side, in the name of whoever of it has been there longest.
    fn tell_of(&mut self, side: Side, event: EventType, cx: &mut Context<'_>) -> Option<super::Item> {
        let who = self.participants.iter().find(|who| who.is_connected() && Side::of(who.role) == Some(side))?;
        let sender = who.sender();
        Some(self.event(event, Some(sender), cx))
    }

    /// Somebody who should be there is not: without its customer a chat is over, without its bot it goes on.
    fn arrival_is_late(&mut self, timer: ChatTimer, cx: &mut Context<'_>) -> Changes {
        let Some(late) = self.participants.iter().find(|who| who.arrival_timer() == Some(timer)) else {
            return Changes::default();
        };
        let (participant, role) = (late.id, late.role);
        if let Some(again) = late.connect_by.and_then(|due_at| too_early(timer, due_at, cx.now)) {
            return again;
        }
        if role == Role::Customer {
            return self.finish(Some(DisconnectReason::CustomerConnectionNotEstablished), cx);
        }
        let mut changes = Changes::default();
        self.remove(participant, cx, &mut changes);
        changes
    }

    fn time_is_up(&mut self, cx: &mut Context<'_>) -> Changes {
        too_early(ChatTimer::Duration, self.expires_at, cx.now)
            .unwrap_or_else(|| self.finish(Some(DisconnectReason::Expired), cx))
    }

    fn silence(&mut self, side: Side, cx: &mut Context<'_>) -> Changes {
        let Some(silence) = self.running.as_mut().map(|running| running.side(side)) else { return Changes::default() };
        let Some(due_at) = silence.due_at else { return Changes::default() };
        if let Some(again) = too_early(ChatTimer::Silence(side), due_at, cx.now) {
            return again;
        }
        if silence.is_idle || silence.timers.idle_minutes.is_none() {
            return self.put_out(side, cx);
        }

        let mut changes = Changes::default();
        silence.is_idle = true;
        silence.due_at = silence.timers.disconnect_minutes.map(|minutes| cx.now.plus_minutes(minutes));
        if let Some(due_at) = silence.due_at {
            changes.set(ChatTimer::Silence(side), due_at);
        }
        changes.items.extend(self.tell_of(side, EventType::Idle, cx));
        changes
    }

    /// The silence of `side` puts everybody but the customer out. All are told before they have to go. Where there was
    /// only a bot the flow goes on, as when a bot leaves by itself.
    fn put_out(&mut self, side: Side, cx: &mut Context<'_>) -> Changes {
        let mut changes = Changes::default();
        let was_staffed = self.is_staffed();
        changes.items.extend(self.tell_of(side, EventType::AutoDisconnection, cx));
        for other in self.everybody_else() {
            self.remove(other, cx, &mut changes);
        }
        if was_staffed {
            self.staff_is_gone(DisconnectReason::IdleDisconnect, cx, &mut changes);
        }
        changes
    }
}

/// What to do about a timer that fired before it was due: set it again.
pub(super) fn too_early(timer: ChatTimer, due_at: Time, now: Time) -> Option<Changes> {
    (now < due_at).then(|| {
        let mut changes = Changes::default();
        changes.set(timer, due_at);
        changes
    })
}

fn check_minutes(minutes: Option<i64>, limits: &Limits) -> Result<(), TimerConfigError> {
    let (min, max) = (limits.role_timer_min_minutes, limits.role_timer_max_minutes);
    match minutes {
        Some(given) if !(min..=max).contains(&given) => Err(TimerConfigError::OutOfRange { given, min, max }),
        _ => Ok(()),
    }
}
