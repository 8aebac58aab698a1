//! Server-sent events of a viewer's session: whether there is something to see, in which layers, and how many watch.
//!
//! The one rule: each event tells what is so now, so one that was missed is made good by the next. A stream is opened with
//! a token and read by its name alone, which nobody can guess: browsers' `EventSource` sends no headers.
//!
//! Source: the Server Sent Events extension of WHEP (webrtc-http-egress-events).

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse as _, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::stream;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_domain::stage::{LegKind, ParticipantId, WHIP_PATH};
use switchboard_sfu::{LayerStats, PeerId};
use tokio::time::{Interval, MissedTickBehavior, interval};
use uuid::Uuid;

use super::{
    lookout::{Look, Window},
    problem::Problem,
    resource::found,
    session::Session,
    whip::{answer, check_type, text},
};
use crate::{app::App, ids::SystemIds};

/// What streams may be asked for, as the answer to an offer names them.
pub(super) const EVENTS: &str = "active,inactive,layers,reconnect,viewercount";
/// Streams of one session; a player needs one.
const MOST_STREAMS: usize = 4;
/// How often layers are looked at; all else is told when it changes.
const TICK: Duration = Duration::from_secs(1);
const JSON: &str = "application/json";

/// One kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// The publisher's media can be seen.
    Active,
    /// They no longer can.
    Inactive,
    /// In which layers there is a picture.
    Layers,
    /// The player is to come anew: this server stops, or its publisher sends more than this session was made for.
    Reconnect,
    /// How many watch.
    ViewerCount,
}

const ALL: [Kind; 5] = [Kind::Active, Kind::Inactive, Kind::Layers, Kind::Reconnect, Kind::ViewerCount];

/// The streams of one session, with what each was asked to tell.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<HashMap<Uuid, Vec<Kind>>>);

impl Streams {
    fn open(&self, wanted: Vec<Kind>) -> Option<Uuid> {
        let mut streams = self.0.lock();
        if streams.len() >= MOST_STREAMS {
            return None;
        }
        let id = switchboard_domain::Ids::next(&mut SystemIds);
        streams.insert(id, wanted);
        Some(id)
    }

    fn wanted(&self, stream: &str) -> Option<Vec<Kind>> {
        self.0.lock().get(&stream.parse().ok()?).cloned()
    }

    fn close(&self, stream: &str) -> bool {
        stream.parse().is_ok_and(|id: Uuid| self.0.lock().remove(&id).is_some())
    }
}

/// `POST`: opens a stream of all events, or of those in the body.
pub(super) async fn open(
    State(app): State<Arc<App>>,
    Path((stage, session)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(
        async {
            let (head, body) = request.into_parts();
            let session = found(&app, &stage, &session, &head.headers)?;
            if !session.kind.subscribes() {
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Only viewers are told of a publisher."));
            }
            let wanted = asked(&head.headers, &text(body).await?)?;
            let Some(stream) = session.streams.open(wanted) else {
                return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "The session has enough event streams."));
            };
            let location =
                format!("{}{WHIP_PATH}/{}/sessions/{}/sse/{stream}", app.public_url, session.stage, session.leg);
            Ok((StatusCode::CREATED, [(header::LOCATION, location)]).into_response())
        }
        .await,
    )
}

fn asked(headers: &HeaderMap, body: &str) -> Result<Vec<Kind>, Problem> {
    if body.trim().is_empty() {
        return Ok(ALL.to_vec());
    }
    check_type(headers, JSON)?;
    let unknown = |_| Problem::new(StatusCode::BAD_REQUEST, format!("The body must be a list of some of {EVENTS}."));
    serde_json::from_str(body).map_err(unknown)
}

/// `GET`: reads a stream.
pub(super) async fn read(
    State(app): State<Arc<App>>,
    Path((stage, session, stream)): Path<(String, String, String)>,
) -> Response {
    answer(reader(&app, &stage, &session, &stream).map(|reader| {
        let events = stream::unfold(reader, |mut reader| async move {
            let event = reader.next().await?;
            Some((Ok::<_, Infallible>(event), reader))
        });
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }))
}

/// `DELETE`: ends a stream.
pub(super) async fn close(
    State(app): State<Arc<App>>,
    Path((stage, session, stream)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(found(&app, &stage, &session, &headers).and_then(|session| {
        if session.streams.close(&stream) { Ok(StatusCode::OK.into_response()) } else { Err(unknown_stream()) }
    }))
}

fn unknown_stream() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such event stream, or it is over.")
}

fn reader(app: &Arc<App>, stage: &str, session: &str, stream: &str) -> Result<Reader, Problem> {
    let leg = session.parse().map(switchboard_domain::stage::LegId).map_err(|_| unknown_stream())?;
    let session = app.media.sessions.session(leg).filter(|session| session.stage.as_str() == stage);
    let session = session.ok_or_else(unknown_stream)?;
    let wanted = session.streams.wanted(stream).ok_or_else(unknown_stream)?;
    let window = app.media.lookouts.open(app, session.stage).map_err(crate::stages::door::Refused::Store)?;
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stream = stream.to_owned();
    let told = Told::default();
    Ok(Reader {
        app: app.clone(),
        session,
        stream,
        wanted,
        window,
        tick,
        told,
        waiting: VecDeque::new(),
        is_over: false,
    })
}

/// What a reader was told last.
#[derive(Default)]
struct Told {
    active: Option<bool>,
    layers: Option<Value>,
    viewers: Option<usize>,
    /// For the sake of which connection of its publisher it is to come anew.
    anew: Option<PeerId>,
}

/// One `GET` that goes on.
struct Reader {
    app: Arc<App>,
    session: Arc<Session>,
    stream: String,
    wanted: Vec<Kind>,
    window: Window,
    tick: Interval,
    told: Told,
    waiting: VecDeque<Event>,
    is_over: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.is_over || self.session.streams.wanted(&self.stream).is_none() {
                return None;
            }
            let draining = self.app.shutdown.draining().clone();
            tokio::select! {
                _ = self.tick.tick() => self.look().await,
                changed = self.window.changed() => {
                    self.is_over = changed.is_err();
                    self.look().await;
                }
                () = self.session.gone.cancelled() => {
                    if self.session.is_moved.load(Ordering::Relaxed) {
                        self.tell(Kind::Reconnect, &json!({}));
                    }
                    self.is_over = true;
                }
                () = draining.cancelled() => {
                    self.tell(Kind::Reconnect, &json!({}));
                    self.is_over = true;
                }
            }
        }
    }

    /// Tells what has changed.
    async fn look(&mut self) {
        let look = self.window.borrow_and_update().clone();
        let LegKind::Subscribe { publisher, .. } = &self.session.kind else { return };
        let publisher = publisher.clone();
        let watched = *self.session.watched.lock();
        // AWS does not say: what becomes of those who watch a publisher who comes back with more kinds of media than before.
        // A session cannot be agreed on anew in WHEP: they keep what they have, and are told how to get the rest.
        if let Some(present) = watched.filter(|present| present.kinds.meets(self.session.idle))
            && self.told.anew.replace(present.peer) != Some(present.peer)
        {
            self.tell(Kind::Reconnect, &json!({}));
        }
        let publishes = look.find(&publisher).is_some_and(|presence| presence.is_publishing());
        let is_active = publishes && watched.is_some();
        let was_active = self.told.active.replace(is_active);
        match (was_active, is_active) {
            (None | Some(false), true) => self.tell(Kind::Active, &json!({})),
            (Some(true), false) => self.tell(Kind::Inactive, &json!({})),
            _ => {}
        }
        let viewers = viewers(&look, &publisher);
        if self.told.viewers.replace(viewers) != Some(viewers) {
            self.tell(Kind::ViewerCount, &json!({ "viewercount": viewers }));
        }
        if is_active && self.wanted.contains(&Kind::Layers) {
            self.tell_layers().await;
        }
    }

    async fn tell_layers(&mut self) {
        let Some(line) = self.session.video_line else { return };
        let Some(layers) = self.session.layers(&self.app).await else { return };
        // Their rates change all the time; they are told when something else does.
        let shape: Value = layers.iter().map(|layer| shown(layer, false)).collect();
        if self.told.layers.as_ref() == Some(&shape) {
            return;
        }
        self.told.layers = Some(shape);
        let layers: Value = layers.iter().map(|layer| shown(layer, true)).collect();
        self.tell(Kind::Layers, &json!({ line.to_string(): layers }));
    }

    fn tell(&mut self, kind: Kind, data: &Value) {
        if !self.wanted.contains(&kind) {
            return;
        }
        let name = match kind {
            Kind::Active => "active",
            Kind::Inactive => "inactive",
            Kind::Layers => "layers",
            Kind::Reconnect => "reconnect",
            Kind::ViewerCount => "viewercount",
        };
        self.waiting.push_back(Event::default().event(name).data(data.to_string()));
    }
}

/// A layer; with its rate in bits per second, or only with whether it has one.
fn shown(layer: &LayerStats, with_rate: bool) -> Value {
    let mut shown = Map::new();
    match layer.label.as_str() {
        // A layer must have a name of some kind.
        "" => shown.insert("spatialLayerId".to_owned(), 0.into()),
        rid => shown.insert("rid".to_owned(), rid.into()),
    };
    let rate = if with_rate { layer.bits_per_second } else { u64::from(layer.bits_per_second > 0) };
    shown.insert("bitrate".to_owned(), rate.into());
    if let Some(picture) = layer.resolution {
        shown.insert("width".to_owned(), picture.width.into());
        shown.insert("height".to_owned(), picture.height.into());
    }
    Value::Object(shown)
}

/// How many watch somebody, of those on the stage.
fn viewers(look: &Look, publisher: &ParticipantId) -> usize {
    look.everybody().filter(|presence| presence.watches(publisher)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stream_may_be_asked_for() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(JSON));
        let ask = |body: &str| asked(&headers, body).ok();
        assert_eq!(ask(""), Some(ALL.to_vec()));
        assert_eq!(ask(r#"["layers","viewercount"]"#), Some(vec![Kind::Layers, Kind::ViewerCount]));
        for body in [r#"["scte35"]"#, "{}", "["] {
            assert_eq!(ask(body), None, "{body}");
        }
        let names: Vec<String> = EVENTS.split(',').map(|name| format!("\"{name}\"")).collect();
        assert_eq!(ask(&format!("[{}]", names.join(","))), Some(ALL.to_vec()), "all that is announced");
    }

    #[test]
    fn streams_of_a_session_are_few_and_end() {
        let streams = Streams::default();
        let ids: Vec<_> =
            (0..MOST_STREAMS).map(|_| streams.open(ALL.to_vec()).expect("a stream").to_string()).collect();
        assert!(streams.open(ALL.to_vec()).is_none());
        assert!(streams.wanted(&ids[0]).is_some() && streams.wanted("x").is_none());
        assert!(streams.close(&ids[0]) && !streams.close(&ids[0]));
        assert!(streams.wanted(&ids[0]).is_none());
        assert!(streams.open(ALL.to_vec()).is_some());
    }
}
