//! What goes through the door shows in the rows: with a real store, and a clock that tests move.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;
use switchboard_domain::stage::{
    AutoRecording, Client, Endpoints, ErrorAt, ErrorCode, Event, EventName, LegId, LegKind, Muted, Participant,
    Presence, Protocol, Removal, ReplicationState, ReplicationType, ResourceId, ResourceKind, Session, Stage, StageId,
    State,
    configurations::PublicKey,
    token::{Attributes, Capability, NewToken},
};
use switchboard_state::{StoreError, Topic};

use super::{
    door::{self, Entered, Happened, Refused, Visitor},
    ending, replicas, rows, tokens,
};
use crate::{
    alarm,
    app::App,
    config::Config,
    ids::{SystemIds, system_random},
    listen::Shutdown,
};

const WHIP: LegKind = LegKind::Publish { protocol: Protocol::Whip };

/// A server without sockets.
struct World {
    app: Arc<App>,
    alarms: tokio::task::JoinHandle<()>,
    shutdown: Shutdown,
}

impl World {
    async fn open(dir: Option<&Path>, flags: &[&str]) -> Self {
        let mut arguments = vec!["--access-key=AKIDTEST:secret", "--movable-clock=true"];
        let data = dir.map(|dir| format!("--data={}", dir.display()));
        arguments.extend(data.as_deref());
        arguments.extend(flags);
        let config = Config::load("serve", arguments.into_iter().map(Into::into)).expect("settings");
        let shutdown = Shutdown::new();
        let app = App::open(config, "127.0.0.1:4747", shutdown.clone()).await.expect("a server");
        let alarms = tokio::spawn(alarm::watch(app.clone()));
        Self { app, alarms, shutdown }
    }

    async fn new() -> Self {
        Self::open(None, &[]).await
    }

    async fn close(self) {
        self.shutdown.draining().cancel();
        self.alarms.await.expect("the alarms end");
        self.app.state.close().await;
    }

    async fn stage(&self) -> Stage {
        let now = self.app.clock.now();
        let stage = Stage::create(String::new(), AutoRecording::default(), now, &mut SystemIds);
        let row = stage.clone();
        let put = move |tx: &mut switchboard_state::Tx| tx.put("", row.id.as_str(), &row);
        self.app.state.write::<_, StoreError, _>(put).await.expect("kept");
        stage
    }

    fn token(&self, stage: &Stage, capabilities: &[Capability]) -> String {
        let wanted =
            NewToken { capabilities: capabilities.to_vec(), duration_minutes: Some(60), ..NewToken::default() };
        let made = wanted.make(self.app.clock.now(), &mut SystemIds).expect("a token");
        tokens::issue(&self.app, stage, &made).expect("signed")
    }

    fn visitor(&self, stage: &Stage) -> Visitor {
        door::admit(&self.app, &self.token(stage, &[])).expect("a good token")
    }

    async fn enter(&self, visitor: &Visitor, kind: LegKind) -> Result<Entered, Refused> {
        door::enter(&self.app, visitor.clone(), kind, Client::default()).await
    }

    async fn tell(&self, visitor: &Visitor, what: Happened) {
        door::tell(&self.app, visitor.stage, visitor.grant.participant.clone(), what).await.expect("kept");
    }

    async fn publish(&self, visitor: &Visitor) -> LegId {
        let entered = self.enter(visitor, WHIP).await.expect("may publish");
        self.tell(visitor, Happened::Flows(entered.leg)).await;
        entered.leg
    }

    fn live(&self, stage: StageId) -> Option<Session> {
        self.read(|tx| {
            let id = rows::stage(tx, stage)?.and_then(|stage| stage.active_session);
            id.map_or(Ok(None), |id| tx.get(stage.as_str(), id.as_str()))
        })
    }

    /// The stage's only session, going on or over.
    fn session(&self, stage: StageId) -> Session {
        let mut found = self.read(|tx| tx.list::<Session>(stage.as_str(), None, 2));
        assert_eq!(found.len(), 1);
        found.remove(0).1
    }

    fn row(&self, visitor: &Visitor, stage: StageId) -> Option<Participant> {
        let scope = rows::session_scope(stage, self.session(stage).id);
        self.read(|tx| tx.get(&scope, visitor.grant.participant.as_str()))
    }

    /// The newest first, as they are listed.
    fn events(&self, visitor: &Visitor, stage: StageId) -> Vec<EventName> {
        let scope = rows::session_scope(stage, self.session(stage).id);
        let prefix = rows::event_prefix(&visitor.grant.participant);
        let found = self.read(|tx| tx.list::<Event>(&scope, Some(&prefix), 100));
        found.iter().filter(|(id, _)| id.starts_with(&prefix)).map(|(_, event)| event.kind.name()).collect()
    }

    fn read<T>(&self, look: impl FnOnce(&mut switchboard_state::Tx) -> Result<T, StoreError>) -> T {
        self.app.state.read(look).expect("readable")
    }

    async fn change<T: Send + 'static>(
        &self,
        work: impl Fn(&App, &mut switchboard_state::Tx) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> T {
        let app = self.app.clone();
        self.app.state.write::<_, StoreError, _>(move |tx| work(&app, tx)).await.expect("kept")
    }

    /// Moves the clock, and waits until what that makes due has happened.
    async fn pass(&self, stage: StageId, seconds: i64, happened: impl Fn(&Self) -> bool) {
        let mut changed = self.app.state.bus().subscribe(Topic::Stage(stage));
        self.app.clock.advance(seconds * 1_000);
        while !happened(self) {
            changed.changed().await;
        }
    }
}

fn watching(publisher: &Visitor) -> LegKind {
    LegKind::Subscribe { publisher: publisher.grant.participant.clone(), replica: false }
}

#[tokio::test]
async fn what_happens_on_a_stage_is_in_its_history() {
    let world = World::new().await;
    let stage = world.stage().await;
    let (alice, bob) = (world.visitor(&stage), world.visitor(&stage));
    let media = world.publish(&alice).await;
    let view = world.enter(&bob, watching(&alice)).await.expect("may watch").leg;
    world.tell(&bob, Happened::Flows(view)).await;
    assert!(world.live(stage.id).is_some());
    world.tell(&alice, Happened::Leaves(media)).await;
    world.tell(&bob, Happened::Leaves(view)).await;

    use EventName::{Joined, Left, PublishStarted, PublishStopped, SubscribeStarted, SubscribeStopped};
    assert_eq!(world.events(&alice, stage.id), [Left, PublishStopped, PublishStarted, Joined]);
    assert_eq!(world.events(&bob, stage.id), [Left, SubscribeStopped, SubscribeStarted, Joined]);
    let row = world.row(&alice, stage.id).expect("a row");
    assert_eq!((row.state, row.published), (State::Disconnected, true));
    world.close().await;
}

#[tokio::test]
async fn a_session_ends_by_its_alarm() {
    let world = World::new().await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let media = world.publish(&alice).await;
    world.tell(&alice, Happened::Leaves(media)).await;
    world.pass(stage.id, 121, |world| world.live(stage.id).is_none()).await;
    assert!(world.session(stage.id).ended.is_some());
    world.close().await;
}

#[tokio::test]
async fn long_streams_end_by_their_alarm() {
    let world = World::open(None, &["--limits=aws"]).await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let leg = world.publish(&alice).await;
    let who = &alice.grant.participant;
    let is_cut = |world: &World| door::standing(&world.app, stage.id, who, (leg, &WHIP)).expect("readable").is_err();
    assert!(!is_cut(&world));
    world.pass(stage.id, 24 * 60 * 60, is_cut).await;
    assert!(world.events(&alice, stage.id).contains(&EventName::PublishError));
    world.close().await;
}

#[tokio::test]
async fn a_bad_token_leaves_no_trace() {
    let world = World::new().await;
    let stage = world.stage().await;
    let token = world.token(&stage, &[]);
    let (text, _) = token.rsplit_once('.').expect("three parts");
    for bad in ["", "a.b.c", &format!("{text}.AAAA"), text] {
        assert_eq!(door::admit(&world.app, bad).map_err(|refused| refused.code()), Err(1), "{bad}");
    }
    world.app.clock.advance(60 * 60 * 1_000);
    assert_eq!(door::admit(&world.app, &token).map_err(|refused| refused.code()), Err(2));
    assert!(world.live(stage.id).is_none());
    world.close().await;
}

/// Imports a key of a customer's, and makes tokens with it.
struct Customer {
    pair: EcdsaKeyPair,
    key: PublicKey,
}

impl Customer {
    async fn import(world: &World) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &system_random()).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, document.as_ref()).expect("the key");
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("DER");
        let material =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()));
        let id = ResourceId::fresh(&mut SystemIds);
        let key = PublicKey { id, name: String::new(), material, fingerprint: String::new() };
        let row = key.clone();
        world.change(move |_, tx| tx.put("", row.id.as_str(), &row)).await;
        Self { pair, key }
    }

    fn arn(&self, world: &World) -> String {
        ResourceKind::PublicKey.arn(self.key.id.as_str(), &world.app.home).to_string()
    }

    /// A token for that stage, signed by the key whose ARN is `key_id`, as it says.
    fn sign(&self, world: &World, stage: &Stage, key_id: &str, change: impl FnOnce(&mut serde_json::Value)) -> String {
        let endpoints = Endpoints::at(&world.app.public_url, stage.id);
        let now_s = world.app.clock.now().as_millis() / 1_000;
        let mut claims = json!({
            "exp": now_s + 60, "iat": now_s, "jti": "Alice_1", "resource": stage.arn(&world.app.home).to_string(),
            "topic": stage.id.to_string(), "events_url": endpoints.events, "whip_url": endpoints.whip,
            "capabilities": { "allow_publish": true }, "version": "1.0",
        });
        change(&mut claims);
        let header = json!({ "alg": "ES384", "typ": "JWT", "kid": key_id });
        let text = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = self.pair.sign(&system_random(), text.as_bytes()).expect("signed");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[tokio::test]
async fn customers_sign_tokens_with_keys_they_imported() {
    let world = World::new().await;
    let stage = world.stage().await;
    let customer = Customer::import(&world).await;
    let arn = customer.arn(&world);
    let alice = door::admit(&world.app, &customer.sign(&world, &stage, &arn, |_| {})).expect("a good token");
    assert_eq!(alice.grant.participant.as_str(), "Alice_1");
    world.publish(&alice).await;

    let code = |token: &str| door::admit(&world.app, token).map(drop).map_err(|refused| refused.code());
    let elsewhere = customer.sign(&world, &stage, &arn, |claims| claims["whip_url"] = json!("https://elsewhere"));
    assert_eq!(code(&elsewhere), Err(1));
    let other_stage =
        customer.sign(&world, &stage, &arn, |claims| claims["resource"] = json!("arn:aws:ivs:x:1:stage/y"));
    assert_eq!(code(&other_stage), Err(9));
    let over = customer.sign(&world, &stage, &arn, |claims| {
        claims["iat"] = json!(1_700_000_000);
        claims["exp"] = json!(1_700_000_060);
    });
    assert_eq!(code(&over), Err(2));
    let stranger = Customer::import(&world).await.sign(&world, &stage, &arn, |_| {});
    assert_eq!(code(&stranger), Err(1), "signed by another key than it names");
    let unknown = customer.sign(&world, &stage, "arn:aws:ivs:us-east-1:123456789012:public-key/0a1b2c3d4e5f", |_| {});
    assert_eq!(code(&unknown), Err(1));

    let good = customer.sign(&world, &stage, &arn, |_| {});
    let id = customer.key.id;
    world.change(move |_, tx| tx.delete::<PublicKey>("", id.as_str())).await;
    assert_eq!(code(&good), Err(1), "the key was deleted");
    world.close().await;
}

#[tokio::test]
async fn an_exchanged_token_changes_rights_at_once() {
    let world = World::new().await;
    let stage = world.stage().await;
    let customer = Customer::import(&world).await;
    let arn = customer.arn(&world);
    let alice = door::admit(&world.app, &customer.sign(&world, &stage, &arn, |_| {})).expect("a good token");
    let media = world.publish(&alice).await;
    world.enter(&alice, LegKind::Events).await.expect("may come");
    let newer = customer.sign(&world, &stage, &arn, |claims| {
        claims["capabilities"] = json!({ "allow_subscribe": true });
        claims["user_id"] = json!("renamed");
    });
    let renamed = door::exchange(&world.app, &alice, &newer).await.expect("exchanged");
    assert!(!renamed.grant.capabilities.publish);
    let who = &alice.grant.participant;
    assert!(door::standing(&world.app, stage.id, who, (media, &WHIP)).expect("readable").is_err(), "no right to it");
    let row = world.row(&alice, stage.id).expect("a row");
    assert_eq!((row.user_id.as_deref(), row.state), (Some("renamed"), State::Connected));
    assert_eq!(world.events(&alice, stage.id)[..2], [EventName::PublishStopped, EventName::TokenExchanged]);
    world.close().await;
}

#[tokio::test]
async fn who_may_not_is_refused_and_a_running_session_tells() {
    let world = World::new().await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let bob = door::admit(&world.app, &world.token(&stage, &[Capability::Subscribe])).expect("a good token");
    let refused = world.enter(&bob, watching(&alice)).await.map_err(|refused| refused.code());
    assert_eq!(refused, Err(8), "nobody publishes");
    world.publish(&alice).await;
    let refused = world.enter(&bob, WHIP).await;
    assert!(matches!(refused, Err(Refused::Entry(ErrorCode::InsufficientCapabilities))));
    use EventName::{Joined, Left, PublishError};
    assert_eq!(world.events(&bob, stage.id), [Left, PublishError, Joined]);
    assert_eq!(world.row(&bob, stage.id).map(|row| row.state), Some(State::Disconnected));
    assert!(world.enter(&bob, watching(&alice)).await.is_ok());
    assert!(world.enter(&bob, WHIP).await.is_err());
    assert_eq!(world.events(&bob, stage.id)[..2], [PublishError, Joined], "who watches stays");
    world.close().await;
}

#[tokio::test]
async fn the_newer_leg_of_a_token_wins() {
    let world = World::new().await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let first = world.publish(&alice).await;
    let second = world.enter(&alice, WHIP).await.expect("may publish");
    assert_eq!(second.displaced, [first]);
    let who = &alice.grant.participant;
    let standing = |leg| door::standing(&world.app, stage.id, who, (leg, &WHIP)).expect("readable");
    assert_eq!((standing(first), standing(second.leg)), (Err(Removal::TokenReused), Ok(())));
    world.close().await;
}

#[tokio::test]
async fn who_is_disconnected_is_out_for_good() {
    let world = World::new().await;
    let stage = world.stage().await;
    let token = world.token(&stage, &[]);
    let alice = door::admit(&world.app, &token).expect("a good token");
    let leg = world.publish(&alice).await;
    let (id, who) = (stage.id, alice.grant.participant.clone());
    world.change(move |app, tx| ending::disconnect(&app.limits.stage, tx, id, &who, app.clock.now())).await;
    let who = &alice.grant.participant;
    let standing = door::standing(&world.app, stage.id, who, (leg, &WHIP)).expect("readable");
    assert_eq!(standing, Err(Removal::ParticipantDisconnected));
    assert_eq!(world.row(&alice, stage.id).map(|row| row.state), Some(State::Disconnected));
    assert_eq!(door::admit(&world.app, &token).map_err(|refused| refused.code()), Err(10));
    assert_eq!(world.enter(&alice, WHIP).await.map_err(|refused| refused.code()), Err(10));
    world.close().await;
}

#[tokio::test]
async fn a_deleted_stage_takes_everything_with_it() {
    let world = World::new().await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let leg = world.publish(&alice).await;
    let session = world.session(stage.id);
    let row = stage.clone();
    world.change(move |app, tx| ending::delete_stage(&app.limits.stage, tx, &row, app.clock.now())).await;
    let who = &alice.grant.participant;
    let standing = door::standing(&world.app, stage.id, who, (leg, &WHIP)).expect("readable");
    assert_eq!(standing, Err(Removal::StageDeleted));
    let scope = rows::session_scope(stage.id, session.id);
    let left = world.read(|tx| {
        let rows = tx.count::<Participant>(&scope)? + tx.count::<Event>(&scope)?;
        Ok(rows + tx.count::<Session>(stage.id.as_str())? + tx.count::<Presence>(stage.id.as_str())?)
    });
    assert_eq!(left, 0);
    assert_eq!(world.enter(&alice, WHIP).await.map_err(|refused| refused.code()), Err(9));
    world.tell(&alice, Happened::Leaves(leg)).await;
    world.close().await;
}

#[tokio::test]
async fn an_exchange_takes_rights_away() {
    let world = World::new().await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let other = world.token(&stage, &[]);
    let refused = door::exchange(&world.app, &alice, &other).await;
    assert_eq!(refused.map_err(|refused| refused.code()), Err(1), "somebody else's token");
    world.close().await;
}

async fn replicate(world: &World, alice: &Visitor, to: &Stage, window_seconds: i32) {
    let (source, destination, who) = (alice.stage, to.id, alice.grant.participant.clone());
    world
        .change(move |app, tx| {
            let at_source = tx.get::<Presence>(source.as_str(), who.as_str())?.expect("is there");
            let wanted = replicas::Wanted {
                source,
                destination,
                reconnect_window_seconds: window_seconds,
                attributes: Attributes::from([("from".to_owned(), "elsewhere".to_owned())]),
            };
            replicas::start(&app.limits.stage, tx, &wanted, &at_source, app.clock.now())
        })
        .await;
}

#[tokio::test]
async fn a_replica_lives_by_its_source() {
    let world = World::new().await;
    let (here, there) = (world.stage().await, world.stage().await);
    let alice = world.visitor(&here);
    let leg = world.publish(&alice).await;
    replicate(&world, &alice, &there, 0).await;

    let replica = world.row(&alice, there.id).expect("a replica");
    assert_eq!((replica.replication_type(), replica.published), (ReplicationType::Replica, true));
    assert_eq!(replica.source(), Some((here.id, world.session(here.id).id)));
    assert_eq!(replica.attributes, BTreeMap::from([("from".to_owned(), "elsewhere".to_owned())]));
    let source = world.row(&alice, here.id).expect("a row");
    assert_eq!(source.replication_state(), Some(ReplicationState::Active));

    world.tell(&alice, Happened::Leaves(leg)).await;
    let replica = world.row(&alice, there.id).expect("a replica");
    assert_eq!((replica.state, replica.replication_state()), (State::Disconnected, Some(ReplicationState::Stopped)));
    let source = world.row(&alice, here.id).expect("a row");
    assert_eq!((source.state, source.replication_state()), (State::Disconnected, Some(ReplicationState::Stopped)));
    assert!(world.events(&alice, here.id).contains(&EventName::ReplicationStopped));
    world.close().await;
}

#[tokio::test]
async fn what_is_switched_off_is_off_on_every_stage() {
    let world = World::new().await;
    let (here, there) = (world.stage().await, world.stage().await);
    let alice = world.visitor(&here);
    world.publish(&alice).await;
    let off = Muted { audio: true, video: false };
    door::mute(&world.app, &alice, off).await.expect("kept");
    replicate(&world, &alice, &there, 0).await;
    let muted = |stage: &Stage| {
        let presence = door::presence(&world.app, stage.id, &alice.grant.participant).expect("readable");
        presence.expect("is there").muted
    };
    assert_eq!((muted(&here), muted(&there)), (off, off));
    door::mute(&world.app, &alice, Muted::default()).await.expect("kept");
    assert_eq!(muted(&there), Muted::default());
    world.close().await;
}

#[tokio::test]
async fn an_offer_that_is_refused_is_in_the_history_without_a_session_before() {
    let world = World::new().await;
    let stage = world.stage().await;
    let alice = world.visitor(&stage);
    let client = Client { browser_name: Some("OBS Studio".to_owned()), ..Client::default() };
    let code = ErrorCode::InvalidVideoCodec;
    door::turn_away(&world.app, alice.clone(), client, ErrorAt::Publish, code).await.expect("kept");
    use EventName::{Joined, Left, PublishError};
    assert_eq!(world.events(&alice, stage.id), [Left, PublishError, Joined]);
    let row = world.row(&alice, stage.id).expect("a row");
    assert_eq!(
        (row.state, row.published, row.client.browser_name.as_deref()),
        (State::Disconnected, false, Some("OBS Studio"))
    );
    world.close().await;
}

#[tokio::test]
async fn a_replica_waits_for_its_source_and_comes_back_with_it() {
    let world = World::new().await;
    let (here, there) = (world.stage().await, world.stage().await);
    let alice = world.visitor(&here);
    let leg = world.publish(&alice).await;
    replicate(&world, &alice, &there, 30).await;
    world.tell(&alice, Happened::Leaves(leg)).await;
    assert_eq!(world.events(&alice, there.id)[0], EventName::PublishStopped);
    let leg = world.publish(&alice).await;
    assert_eq!(world.events(&alice, there.id)[0], EventName::PublishStarted);
    world.tell(&alice, Happened::Leaves(leg)).await;

    let who = alice.grant.participant.clone();
    let is_over = |world: &World| world.read(|tx| replicas::going_on(tx, here.id, &who)).is_empty();
    assert!(!is_over(&world));
    world.pass(there.id, 30, is_over).await;
    assert_eq!(world.events(&alice, there.id)[0], EventName::Left);
    world.close().await;
}

#[tokio::test]
async fn nobody_is_connected_after_a_restart_and_the_history_is() {
    let dir = std::env::temp_dir().join(format!("switchboard-stages-{}", crate::ids::request_id()));
    let world = World::open(Some(&dir), &[]).await;
    let stage = world.stage().await;
    let token = world.token(&stage, &[]);
    let alice = door::admit(&world.app, &token).expect("a good token");
    world.publish(&alice).await;
    let session = world.session(stage.id).id;
    world.close().await;

    let world = World::open(Some(&dir), &[]).await;
    let row = world.row(&alice, stage.id).expect("a row");
    assert_eq!((row.state, row.published), (State::Disconnected, true));
    assert!(door::present(&world.app, stage.id).expect("readable").is_empty());
    let alice = door::admit(&world.app, &token).expect("the key was kept");
    world.publish(&alice).await;
    assert_eq!(world.session(stage.id).id, session, "within its grace it goes on");
    world.close().await;
    std::fs::remove_dir_all(&dir).expect("removed");
}
