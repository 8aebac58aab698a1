//! Replication: who may be replicated, and for how long it goes on without them.

use std::collections::BTreeMap;

use switchboard_domain::stage::{
    Leg, LegId, LegKind, Limits, Muted, ParticipantId, Presence, Protocol, Replication, ReplicationRefused,
    ReplicationState, SessionId, StageId,
    token::{Capabilities, Grant},
};

use crate::{NOW, ids, later};

fn presence(kind: LegKind, publishes: bool) -> Presence {
    let mut ids = ids();
    let participant = "alice".parse().expect("an id");
    let grant = Grant {
        participant,
        capabilities: Capabilities::ALL,
        user_id: None,
        attributes: BTreeMap::new(),
        expires: later(60),
    };
    let leg = Leg { id: LegId::fresh(&mut ids), kind, flows_since: publishes.then_some(NOW) };
    Presence { grant, session: SessionId::fresh(NOW, &mut ids), legs: vec![leg], muted: Muted::default() }
}

fn publisher(publishes: bool) -> Presence {
    presence(LegKind::Publish { protocol: Protocol::Whip }, publishes)
}

fn stages() -> (StageId, StageId) {
    let mut ids = ids();
    (StageId::fresh(&mut ids), StageId::fresh(&mut ids))
}

fn replication(window: i32) -> Replication {
    let (source, destination) = stages();
    let mut ids = ids();
    Replication {
        participant: "alice".parse::<ParticipantId>().expect("an id"),
        source,
        source_session: SessionId::fresh(NOW, &mut ids),
        destination,
        destination_session: SessionId::fresh(NOW, &mut ids),
        reconnect_window_seconds: window,
        attributes: BTreeMap::new(),
        state: ReplicationState::Active,
        waits_until: None,
    }
}

#[test]
fn only_who_publishes_is_replicated_and_once_to_each_stage() {
    let (limits, none) = (Limits::aws(), BTreeMap::new());
    let (publisher_here, waiting) = (publisher(true), publisher(false));
    let replica = presence(LegKind::Replica { source: stages().0 }, true);
    let admit = |here, there, active| Replication::admit(stages(), &none, here, there, active, &limits);
    assert_eq!(admit(Some(&publisher_here), None, 4), Ok(()));
    assert_eq!(admit(None, None, 0), Err(ReplicationRefused::NotPublishing));
    assert_eq!(admit(Some(&waiting), None, 0), Err(ReplicationRefused::NotPublishing));
    assert_eq!(admit(Some(&publisher_here), Some(&publisher_here), 0), Err(ReplicationRefused::AlreadyThere));
    assert!(matches!(admit(Some(&publisher_here), None, 5), Err(ReplicationRefused::Quota(_))));
    assert_eq!(admit(Some(&replica), None, 0), Err(ReplicationRefused::IsReplica));
}

#[test]
fn a_stage_is_not_replicated_to_itself_nor_attributes_without_bound() {
    let (stage, _) = stages();
    let here = publisher(true);
    let admit = |stages, attributes| Replication::admit(stages, &attributes, Some(&here), None, 0, &Limits::default());
    assert_eq!(admit((stage, stage), BTreeMap::new()), Err(ReplicationRefused::SameStage));
    let large = BTreeMap::from([("k".to_owned(), "v".repeat(1_024))]);
    assert!(matches!(admit(stages(), large), Err(ReplicationRefused::Attributes(_))));
}

#[test]
fn a_replica_waits_for_its_source_as_long_as_the_window_is() {
    assert_eq!(replication(0).wait(NOW), None);
    let mut waiting = replication(30);
    assert_eq!(waiting.wait(NOW), Some(later(30)));
    assert!(!waiting.is_over(later(29)) && waiting.is_over(later(30)));
    waiting.resume();
    assert!(!waiting.is_over(later(1_000)) && waiting.goes_on());
    waiting.stop();
    assert!(!waiting.goes_on());
}
