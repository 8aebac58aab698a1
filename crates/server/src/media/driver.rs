//! The driver of one shard: what comes in, what is asked of it, and the time.
//!
//! The one rule: it waits for nobody. Datagrams come in parcels and commands over a channel; what happened goes out over
//! channels that never block, since each connection has only a handful of things to tell.
//!
//! It works in turns. In each it takes in all that has come, and then seals and sends for some of the viewers to whom
//! something goes, those first who have waited longest. So the first of many get theirs before that of the last is
//! sealed; the rest of a picture, of which only the first packet was there, leaves together with it for all but those
//! few; and a stage with many viewers holds up the others of its shard by no more than a turn.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use switchboard_sfu::{Event, PeerId, Policy, Shard};
use tokio::{
    sync::mpsc,
    task::yield_now,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    command::{Command, Told},
    figures::{Counted, Figures},
    parcel::Parcel,
    receive::Back,
    routes::ShardIndex,
    send::Outgoing,
    sockets::Port,
};
use crate::clock;

/// Viewers that are served in one turn: so many that what a turn costs is next to nothing for each.
const VIEWERS_A_TURN: usize = 32;
/// What is due may wait so long for something else to do: to be woken costs more than most of what time brings.
const SLACK: Duration = Duration::from_millis(4);

/// What the driver of a shard is made of.
pub(super) struct Parts {
    pub(super) index: ShardIndex,
    pub(super) policy: Arc<Policy>,
    pub(super) ports: Arc<[Port]>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) parcels: mpsc::Receiver<Parcel>,
    /// Where the receiver hears of it.
    pub(super) back: mpsc::UnboundedSender<Back>,
    pub(super) figures: Figures,
}

/// A shard with what it needs of the world.
pub(super) struct Driver {
    index: ShardIndex,
    shard: Shard,
    members: HashMap<PeerId, Member>,
    outgoing: Outgoing,
    commands: mpsc::Receiver<Command>,
    parcels: mpsc::Receiver<Parcel>,
    back: mpsc::UnboundedSender<Back>,
    figures: Figures,
}

/// A connection, as the driver knows it.
struct Member {
    told: Told,
    _counted: Counted,
}

impl Driver {
    /// A driver for this thread.
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { index, policy, ports, commands, parcels, back, figures } = parts;
        Self {
            index,
            shard: Shard::new(policy, clock::time_of_day()),
            members: HashMap::new(),
            outgoing: Outgoing::new(ports, figures.clone()),
            commands,
            parcels,
            back,
            figures,
        }
    }

    /// Forwards until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut alarm = pin!(sleep_until(clock::instant()));
        let mut more = false;
        loop {
            let deadline = self.shard.deadline().map(|deadline| Instant::from_std(deadline) + SLACK);
            if let Some(deadline) = deadline.filter(|deadline| *deadline != alarm.deadline()) {
                alarm.as_mut().reset(deadline);
            }
            tokio::select! {
                parcel = self.parcels.recv() => match parcel {
                    Some(parcel) => self.unpack(parcel),
                    None => return,
                },
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                () = alarm.as_mut(), if deadline.is_some() => {}
                () = self.outgoing.room() => self.outgoing.resume(),
                () = stop.cancelled() => return self.end(),
                () = yield_now(), if more => {}
            }
            // What else is there goes out in the same calls.
            while let Ok(parcel) = self.parcels.try_recv() {
                self.unpack(parcel);
            }
            let now = clock::instant().into_std();
            self.shard.take_time(now);
            more = self.shard.flush(now, VIEWERS_A_TURN);
            self.finish();
        }
    }

    /// Lets out what came of it all.
    fn finish(&mut self) {
        self.tell_whereabouts();
        self.outgoing.send(&mut self.shard);
        self.tell();
    }

    /// Does what was asked until now: those who are put out last get their goodbye too.
    fn end(mut self) {
        while let Ok(command) = self.commands.try_recv() {
            self.obey(command);
        }
        self.shard.flush(clock::instant().into_std(), usize::MAX);
        self.finish();
    }

    fn unpack(&mut self, mut parcel: Parcel) {
        for (path, line) in parcel.lines() {
            self.outgoing.learn(path, line);
        }
        self.shard.take_in(clock::instant().into_std(), parcel.datagrams());
        parcel.clear();
        // Without a receiver nothing comes any more.
        let _ = self.back.send(Back::Empty(self.index, parcel));
    }

    fn obey(&mut self, command: Command) {
        let (now, shard) = (clock::instant().into_std(), &mut self.shard);
        match command {
            Command::Join { peer, stage, connection, publisher, told, reply } => {
                let (joined, gauge) = match publisher {
                    Some(publisher) => {
                        (shard.subscribe(now, stage, peer, publisher, *connection), &self.figures.viewers)
                    }
                    None => (shard.publish(now, stage, peer, *connection), &self.figures.publishers),
                };
                if joined.is_ok() {
                    self.members.insert(peer, Member { told, _counted: Counted::new(gauge) });
                }
                // Before whoever asked can tell the client.
                self.tell_whereabouts();
                // Whoever asked may have gone.
                let _ = reply.send(joined);
            }
            Command::Patch { peer, fragment, reply } => {
                let patched = shard.patch(now, peer, &fragment);
                self.tell_whereabouts();
                let _ = reply.send(patched);
            }
            Command::Watch { viewer, publisher, reply } => {
                let _ = reply.send(shard.watch(now, viewer, publisher));
            }
            Command::Wish { viewer, publisher, wish, reply } => {
                let video = wish.picture.wish(shard, now, publisher);
                if let Some(video) = video {
                    shard.wish(now, viewer, wish.audio, video);
                }
                let _ = reply.send(video.is_some());
            }
            Command::Figures { publisher, reply } => {
                let _ = reply.send(shard.stats(now, publisher));
            }
            Command::Mute { publisher, kind, muted } => shard.set_muted(now, publisher, kind, muted),
            Command::Close(peer) => {
                shard.close(now, peer);
                self.members.remove(&peer);
            }
        }
    }

    /// Tells the receiver who is here. Before anything is sent or answered that a client can go on from.
    fn tell_whereabouts(&mut self) {
        for news in self.shard.drain_whereabouts() {
            let _ = self.back.send(Back::News(self.index, news));
        }
    }

    fn tell(&mut self) {
        while let Some((peer, event)) = self.shard.poll_event() {
            let is_last = matches!(event, Event::Left(_));
            if let Some(member) = self.members.get(&peer) {
                // Whoever kept it may have ended just now.
                let _ = member.told.send(event);
            }
            if is_last {
                self.members.remove(&peer);
            }
        }
    }
}
