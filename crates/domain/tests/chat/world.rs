//! What stands in for the server: it keeps the documents, applies changes, and lets time pass.
//!
//! Every change it applies is checked against the log's one law: places without gaps, times that grow.

use std::collections::BTreeMap;

use switchboard_domain::chat::connect::{ConnectRequest, Connected};
use switchboard_domain::chat::events::{EventError, SentEvent};
use switchboard_domain::chat::participants::{AddBot, AddStaff, StaffRole};
use switchboard_domain::chat::send::{SendError, Sent};
use switchboard_domain::chat::start::StartChat;
use switchboard_domain::chat::timers::{TimerSetting, TimerType};
use switchboard_domain::chat::transcript::{Page, Plan, ScanDirection, Start, TranscriptRequest};
use switchboard_domain::chat::{
    Body, Changes, Chat, ChatTimer, Contact, Context, DisconnectReason, EventType, Item, Limits, Role, Side,
    TimerChange,
};
use switchboard_domain::{ChatId, ContactId, InstanceId, ItemId, ParticipantId, Time};
use uuid::Uuid;

pub const MINUTE: i64 = 60_000;
pub const SECOND: i64 = 1_000;
pub const DELIVERED: &str = "application/vnd.amazonaws.connect.event.message.delivered";
pub const READ: &str = "application/vnd.amazonaws.connect.event.message.read";

/// The morning on which every test begins.
pub const DAWN: Time = Time(1_767_323_045_678);

/// Ids that count.
pub fn ids(last: &mut u128) -> impl FnMut() -> Uuid + '_ {
    move || {
        *last += 1;
        Uuid::from_u128(*last)
    }
}

pub fn instance() -> InstanceId {
    InstanceId(Uuid::from_u128(0xFACE))
}

/// A request for a chat with nothing special about it.
pub fn plain_chat() -> StartChat<'static> {
    StartChat::new(instance(), "flow".to_owned(), "Jane".to_owned())
}

/// One chat and all that belongs to it.
pub struct World {
    pub now: Time,
    pub limits: Limits,
    pub last_id: u128,
    pub chat: Chat,
    pub customer: ParticipantId,
    pub contacts: BTreeMap<ContactId, Contact>,
    pub log: Vec<Item>,
    pub timers: BTreeMap<String, (ChatTimer, Time)>,
    pub ended: bool,
    pub departed: Vec<ParticipantId>,
}

/// Runs a decision with the world as its context, and gives back what it says.
macro_rules! decide {
    ($world:expr, |$chat:ident, $cx:ident| $decision:expr) => {{
        let world = &mut *$world;
        let mut ids = $crate::world::ids(&mut world.last_id);
        let $cx = &mut switchboard_domain::chat::Context::new(world.now, &world.limits, &mut ids);
        let $chat = &mut world.chat;
        $decision
    }};
}
pub(crate) use decide;

impl World {
    /// A chat that has just begun.
    pub fn new() -> Self {
        Self::start(plain_chat())
    }

    /// A chat that has just begun, as asked for.
    pub fn start(request: StartChat<'_>) -> Self {
        Self::start_at(request, DAWN, 0)
    }

    pub fn start_at(request: StartChat<'_>, now: Time, mut last_id: u128) -> Self {
        let limits = Limits::aws();
        let started = {
            let mut ids = ids(&mut last_id);
            request.decide(&mut Context::new(now, &limits, &mut ids)).expect("the request breaks no rule")
        };
        let mut world = Self {
            now,
            limits,
            last_id,
            customer: started.participant,
            contacts: BTreeMap::from([(started.contact.id, started.contact)]),
            chat: started.chat,
            log: Vec::new(),
            timers: BTreeMap::new(),
            ended: false,
            departed: Vec::new(),
        };
        world.apply(started.changes);
        world
    }

    /// A chat whose customer is there.
    pub fn connected() -> Self {
        let mut world = Self::new();
        world.connect_customer();
        world
    }

    /// A chat whose customer and agent are there.
    pub fn served() -> (Self, ParticipantId) {
        let mut world = Self::connected();
        let agent = world.agent("Ann");
        (world, agent)
    }

    /// Carries out what a decision changed, as the server would, and gives the new items back.
    pub fn apply(&mut self, changes: Changes) -> Vec<Item> {
        assert!(!self.ended || changes.is_empty(), "nothing changes after the end: {changes:?}");
        for item in &changes.items {
            let (seq, at) = self.log.last().map_or((0, Time(i64::MIN)), |last| (last.seq, last.at));
            assert_eq!(item.seq, seq + 1, "places have no gaps");
            assert!(item.at > at, "times grow: {at:?} then {:?}", item.at);
            assert_eq!(item.chat, self.chat.id());
            self.log.push(item.clone());
        }
        assert_eq!(self.chat.last_seq(), self.log.last().map_or(0, |last| last.seq));
        for update in &changes.receipts {
            self.log
                .iter_mut()
                .find(|item| item.id == update.message)
                .expect("a message")
                .note_receipt(update.receipt.clone());
        }
        for change in &changes.timers {
            match *change {
                TimerChange::Set { timer, due_at } => self.timers.insert(timer.to_string(), (timer, due_at)),
                TimerChange::Cancel { timer } => self.timers.remove(&timer.to_string()),
            };
        }
        for change in &changes.contacts {
            let contact = change.apply(self.contacts[&change.contact()].clone());
            self.contacts.insert(contact.id, contact);
        }
        self.departed.extend(&changes.departed);
        self.ended |= changes.ended;
        assert_eq!(self.ended, !self.chat.is_open());
        if self.ended {
            let left: Vec<_> = self.timers.keys().filter(|name| !name.starts_with("scan-by")).collect();
            assert!(left.is_empty(), "timers outlive the chat: {left:?}");
        }
        changes.items
    }

    /// Lets time pass; timers fire when they are due.
    pub fn pass(&mut self, millis: i64) -> Vec<Item> {
        let until = Time(self.now.0 + millis);
        let mut items = Vec::new();
        while let Some((name, timer, due_at)) = self.next_timer().filter(|(_, _, due_at)| *due_at <= until) {
            self.timers.remove(&name);
            self.now = self.now.max(due_at);
            items.extend(self.fire(timer));
        }
        self.now = until;
        items
    }

    pub fn fire(&mut self, timer: ChatTimer) -> Vec<Item> {
        let changes = decide!(self, |chat, cx| chat.fire(timer, cx));
        self.apply(changes)
    }

    fn next_timer(&self) -> Option<(String, ChatTimer, Time)> {
        self.timers.iter().min_by_key(|(_, (_, at))| *at).map(|(name, (timer, at))| (name.clone(), *timer, *at))
    }

    pub fn due(&self, timer: ChatTimer) -> Option<Time> {
        self.timers.get(&timer.to_string()).map(|(_, due_at)| *due_at)
    }

    pub fn connect(&mut self, who: ParticipantId, request: ConnectRequest) -> Connected {
        let mut connected = decide!(self, |chat, cx| chat.connect(who, request, cx)).expect("may connect");
        self.apply(std::mem::take(&mut connected.changes));
        connected
    }

    pub fn connect_customer(&mut self) -> Connected {
        self.connect(self.customer, BOTH)
    }

    /// An agent who is there.
    pub fn agent(&mut self, name: &str) -> ParticipantId {
        let agent = self.staff(StaffRole::Agent, name);
        self.connect(agent, ACK);
        agent
    }

    /// An agent or supervisor who is on the way.
    pub fn staff(&mut self, role: StaffRole, name: &str) -> ParticipantId {
        let request = AddStaff { role, display_name: name.to_owned(), user: Some(format!("user-{name}")) };
        let added = decide!(self, |chat, cx| chat.add_staff(request, cx)).expect("may be added");
        self.apply(added.changes);
        added.participant
    }

    /// A custom bot that is on the way.
    pub fn bot(&mut self) -> ParticipantId {
        let added = decide!(self, |chat, cx| chat.add_custom_bot(bot_request(), cx)).expect("may be added");
        self.apply(added.changes);
        added.participant
    }

    pub fn try_say(&mut self, who: ParticipantId, text: &str) -> Result<Sent, SendError> {
        decide!(self, |chat, cx| chat.send_message(who, "text/plain", text.to_owned(), cx))
    }

    /// Says something; the items that come of it, the message last.
    pub fn say(&mut self, who: ParticipantId, text: &str) -> Vec<Item> {
        let sent = self.try_say(who, text).expect("may say it");
        let items = self.apply(sent.changes);
        assert_eq!(items.last().map(|item| (item.id, item.at)), Some((sent.id, sent.at)));
        items
    }

    pub fn try_event(&mut self, who: ParticipantId, kind: &str, content: Option<&str>) -> Result<Sent, EventError> {
        let event = SentEvent::parse(kind, content)?;
        let message = event.message().and_then(|id| self.item(id).cloned());
        decide!(self, |chat, cx| chat.send_event(who, event, message.as_ref(), cx))
    }

    pub fn event(&mut self, who: ParticipantId, kind: &str, content: Option<&str>) -> Vec<Item> {
        let sent = self.try_event(who, kind, content).expect("may be sent");
        self.apply(sent.changes)
    }

    /// Reports a message as delivered or read.
    pub fn receipt(&mut self, who: ParticipantId, kind: &str, message: ItemId) -> Vec<Item> {
        self.event(who, kind, Some(&format!("{{\"messageId\":\"{message}\"}}")))
    }

    pub fn leave(&mut self, who: ParticipantId) -> Vec<Item> {
        let changes = decide!(self, |chat, cx| chat.disconnect(who, cx)).expect("may leave");
        self.apply(changes)
    }

    pub fn stop(&mut self) -> Vec<Item> {
        let changes = decide!(self, |chat, cx| chat.stop(chat.contact(), false, cx)).expect("may be stopped");
        self.apply(changes)
    }

    pub fn set_timers(&mut self, settings: &[(Side, TimerType, i64)]) {
        let settings: Vec<_> = settings
            .iter()
            .map(|(side, timer, minutes)| TimerSetting { side: *side, timer: *timer, minutes: Some(*minutes) })
            .collect();
        self.chat.update_role_timers(&settings, &self.limits).expect("timers in range");
    }

    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.log.iter().find(|item| item.id == id)
    }

    pub fn contact(&self) -> &Contact {
        &self.contacts[&self.chat.contact()]
    }

    pub fn first_contact(&self) -> &Contact {
        &self.contacts[&ContactId(self.chat.id().0)]
    }

    /// How the chat ended: when, and why.
    pub fn end(&self) -> Option<(Time, Option<DisconnectReason>)> {
        let contact = self.contact();
        contact.disconnected_at.map(|at| (at, contact.disconnect_reason))
    }

    /// What the log says, in few words.
    pub fn story(&self) -> Vec<String> {
        story(&self.log)
    }

    /// Reads the transcript as `who`, this chat and `past` ones.
    pub fn read(&self, who: ParticipantId, request: &TranscriptRequest, past: &[&World]) -> Page {
        let viewer = self.chat.participant(who).expect("is there").viewer();
        let Some(plan) = self.chat.transcript(viewer, request).expect("makes sense") else {
            return Page { items: Vec::new(), next: None };
        };
        let of: BTreeMap<ChatId, &World> =
            past.iter().copied().chain([self]).map(|world| (world.chat.id(), world)).collect();
        let log = of[&plan.log];
        plan.page(query(&plan, &log.log), log.chat.past(), &self.limits)
    }
}

pub const BOTH: ConnectRequest =
    ConnectRequest { websocket: true, credentials: true, webrtc: false, connect_participant: false };

pub const CREDENTIALS: ConnectRequest =
    ConnectRequest { websocket: false, credentials: true, webrtc: false, connect_participant: false };

pub const ACK: ConnectRequest =
    ConnectRequest { websocket: false, credentials: false, webrtc: false, connect_participant: true };

pub fn bot_request() -> AddBot {
    AddBot { role: Some(Role::CustomBot), display_name: Some("Bot".to_owned()) }
}

/// What a log's query gives: the plain meaning of a plan.
pub fn query(plan: &Plan, log: &[Item]) -> Vec<Item> {
    let seen: Vec<&Item> = log.iter().filter(|item| plan.selects(item)).collect();
    let Some(newest) = seen.last() else { return Vec::new() };
    let from = match plan.start {
        Start::Newest => newest.seq,
        Start::Seq(seq) => seq,
        Start::At(at) => match plan.scan {
            ScanDirection::Forward => seen.iter().find(|item| item.at >= at).map_or(u64::MAX, |item| item.seq),
            ScanDirection::Backward => seen.iter().rfind(|item| item.at <= at).map_or(0, |item| item.seq),
        },
        Start::Item(id) => seen.iter().find(|item| item.id == id).expect("a known item").seq,
        Start::MostRecent(nth) => seen[seen.len().saturating_sub(nth as usize)].seq,
    };
    let picked = seen.into_iter().cloned();
    match plan.scan {
        ScanDirection::Forward => picked.filter(|item| item.seq >= from).take(plan.rows).collect(),
        ScanDirection::Backward => picked.rev().filter(|item| item.seq <= from).take(plan.rows).collect(),
    }
}

pub fn story(items: &[Item]) -> Vec<String> {
    items.iter().map(word).collect()
}

fn word(item: &Item) -> String {
    let role = item.sender.as_ref().map_or("", |sender| sender.role.as_str());
    match &item.body {
        Body::Message { content, .. } => format!("{role}: {content}"),
        Body::Event { content_type, .. } => format!("{} {role}", short(*content_type)).trim_end().to_owned(),
        Body::Attachment(file) => format!("{role} sends {} {}", file.name, file.status.as_str()),
        Body::Metadata { receipt, .. } if receipt.read_at.is_some() => "read".to_owned(),
        Body::Metadata { .. } => "delivered".to_owned(),
    }
}

fn short(event: EventType) -> &'static str {
    let name = event.as_str().trim_start_matches("application/vnd.amazonaws.connect.event.");
    name.trim_start_matches("participant.")
}
