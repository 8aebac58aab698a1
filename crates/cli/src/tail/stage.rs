//! A stage, followed by its room events.
//!
//! One rule: the server tells whole pictures of who is there, and what is printed is what has changed since the last
//! one. So nothing is lost with a connection: the first picture of the next one has it. Pictures have no times; what is
//! printed is when they came. Whoever follows is a participant too, and is left out of what it prints.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::api::{Entrance, Stages};
use super::connect::{Connector, Lost};
use super::{End, Stop, line, print, wait};
use crate::clock;
use crate::errors::Failure;

/// How often the server is asked for a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long the handshakes may take altogether.
const OPENING: Duration = Duration::from_secs(30);

const DELETED: &str = "stage-deleted";

/// Who is on a stage, by participant id.
type People = BTreeMap<String, Value>;

/// Follows a stage over as many connections as it takes.
pub(super) async fn follow(api: &Stages, arn: &str, as_json: bool, stop: &mut Stop) -> Result<End, Failure> {
    let mut follower = Follower { api, as_json, own: HashSet::new(), seen: None };
    let mut failures = 0;
    loop {
        let entrance = match api.enter(arn) {
            Ok(entrance) => entrance,
            // Once it has been followed, a stage that is not found is over.
            Err(Failure::Service(_)) if follower.seen.is_some() => return Ok(End::Over),
            Err(failure) if follower.seen.is_none() => return Err(failure),
            Err(failure) => {
                failures += 1;
                match wait(failures, stop, failure).await? {
                    Some(end) => return Ok(end),
                    None => continue,
                }
            }
        };
        let before = follower.pictures();
        let ended = tokio::select! {
            ended = follower.listen(&entrance) => ended?,
            () = stop.asked() => return Ok(End::Interrupted),
        };
        let Lost(reason) = match ended {
            Ok(end) => return Ok(end),
            Err(lost) => lost,
        };
        failures = if follower.pictures() > before { 1 } else { failures + 1 };
        let failure = Failure::Other(format!("The connection was lost: {reason}"));
        if let Some(end) = wait(failures, stop, failure).await? {
            return Ok(end);
        }
    }
}

struct Follower<'a> {
    api: &'a Stages,
    as_json: bool,
    /// As whom this program was there, once for each connection.
    own: HashSet<String>,
    /// The last picture, and how many there were.
    seen: Option<(People, u64)>,
}

impl Follower<'_> {
    fn pictures(&self) -> u64 {
        self.seen.as_ref().map_or(0, |(_, count)| *count)
    }

    /// Prints what happens, until the stage or the connection ends.
    async fn listen(&mut self, entrance: &Entrance) -> Result<Result<End, Lost>, Failure> {
        self.own.insert(entrance.participant_id.clone());
        let connector = Connector::new(&entrance.url, self.api.settings())?;
        let mut socket = match timeout(OPENING, connector.open(Some(&entrance.token))).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(lost)) => return Ok(Err(lost)),
            Err(_) => return Ok(Err(Lost("the server took too long".to_owned()))),
        };
        let mut heartbeats = interval(HEARTBEAT);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = false;
        loop {
            let frame = tokio::select! {
                frame = socket.next() => frame,
                _ = heartbeats.tick() => {
                    if unanswered {
                        return Ok(Err(Lost("the server has fallen silent".to_owned())));
                    }
                    unanswered = true;
                    if let Err(error) = socket.send(Message::text(json!({ "type": "PING" }).to_string())).await {
                        return Ok(Err(error.into()));
                    }
                    continue;
                }
            };
            unanswered = false;
            let ended = match frame {
                Some(Ok(Message::Text(text))) => self.hear(&serde_json::from_str(&text).unwrap_or_default())?,
                Some(Ok(Message::Close(frame))) => return self.closed(frame),
                Some(Ok(_)) => None,
                Some(Err(error)) => return Ok(Err(error.into())),
                None => return Ok(Err(Lost("the server closed the connection".to_owned()))),
            };
            if let Some(end) = ended {
                return Ok(Ok(end));
            }
        }
    }

    /// The server said goodbye: for good, or because it starts again.
    fn closed(&self, frame: Option<CloseFrame>) -> Result<Result<End, Lost>, Failure> {
        let Some(frame) = frame else { return Ok(Err(Lost("the server closed the connection".to_owned()))) };
        if frame.reason.as_str() == DELETED {
            self.tell("STAGE_DELETED", &Value::Null)?;
            return Ok(Ok(End::Over));
        }
        if frame.code == CloseCode::Policy {
            return Err(Failure::Other(format!("The server ended the connection: {}", frame.reason)));
        }
        Ok(Err(Lost(frame.reason.to_string())))
    }

    fn hear(&mut self, frame: &Value) -> Result<Option<End>, Failure> {
        if frame["type"] != "STAGE_STATE" {
            return Ok(None);
        }
        let people = frame.pointer("/payload/participants").and_then(Value::as_array).into_iter().flatten();
        let people = people.filter_map(|one| Some((one["id"].as_str()?.to_owned(), one.clone())));
        let people: People = people.filter(|(id, _)| !self.own.contains(id)).collect();
        let happened = match &self.seen {
            None => first(&people),
            Some((before, _)) => changes(before, &people),
        };
        for (event, person) in happened {
            if let Some(end) = self.tell(event, person)? {
                return Ok(Some(end));
            }
        }
        self.seen = Some((people, self.pictures() + 1));
        Ok(None)
    }

    fn tell(&self, event: &str, person: &Value) -> Result<Option<End>, Failure> {
        let time = line::time(clock::now());
        if self.as_json {
            return print(&json!({ "time": time, "event": event, "participant": person }).to_string());
        }
        let text = |name: &str| person[name].as_str().unwrap_or_default();
        let attributes = person["attributes"].as_object().filter(|all| !all.is_empty());
        let attributes = attributes.map(|all| Value::from(all.clone()).to_string()).unwrap_or_default();
        let line = format!("{time} {event:<15} {} {} {attributes}", text("id"), text("userId"));
        print(line::visible(&line).trim_end())
    }
}

/// What somebody does, as the words of its beginning and its end.
const STATES: [(&str, &str, &str); 3] = [
    ("isPublishing", "PUBLISH_STARTED", "PUBLISH_STOPPED"),
    ("audioMuted", "AUDIO_MUTED", "AUDIO_UNMUTED"),
    ("videoStopped", "VIDEO_STOPPED", "VIDEO_STARTED"),
];

/// What the first picture tells: who was there before, and what they do.
fn first(people: &People) -> Vec<(&'static str, &Value)> {
    people.values().flat_map(|person| std::iter::once(("PRESENT", person)).chain(begun(person))).collect()
}

/// What has happened between two pictures. Who has left is told before who has come.
fn changes<'p>(before: &'p People, now: &'p People) -> Vec<(&'static str, &'p Value)> {
    let mut happened = Vec::new();
    happened.extend(before.iter().filter(|(id, _)| !now.contains_key(*id)).map(|(_, person)| ("LEFT", person)));
    for (id, person) in now {
        let Some(old) = before.get(id) else {
            happened.push(("JOINED", person));
            happened.extend(begun(person));
            continue;
        };
        for (state, begins, ends) in STATES {
            match (old[state] == true, person[state] == true) {
                (false, true) => happened.push((begins, person)),
                (true, false) => happened.push((ends, person)),
                _ => {}
            }
        }
    }
    happened
}

fn begun(person: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    STATES.into_iter().filter(|(state, ..)| person[*state] == true).map(move |(_, begins, _)| (begins, person))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(list: &[(&str, bool, bool)]) -> People {
        let person = |(id, publishes, muted): &(&str, bool, bool)| {
            ((*id).to_owned(), json!({ "id": id, "isPublishing": publishes, "audioMuted": muted }))
        };
        list.iter().map(person).collect()
    }

    fn told(happened: Vec<(&'static str, &Value)>) -> Vec<String> {
        happened
            .into_iter()
            .map(|(event, person)| format!("{event} {}", person["id"].as_str().unwrap_or("?")))
            .collect()
    }

    #[test]
    fn the_first_picture_tells_who_was_there() {
        let people = people(&[("a", true, false), ("b", false, false)]);
        assert_eq!(told(first(&people)), ["PRESENT a", "PUBLISH_STARTED a", "PRESENT b"]);
    }

    #[test]
    fn the_next_one_tells_what_has_changed() {
        let before = people(&[("a", true, false), ("b", false, false), ("c", false, false)]);
        let now = people(&[("a", false, true), ("b", false, false), ("d", true, false)]);
        let expected = ["LEFT c", "PUBLISH_STOPPED a", "AUDIO_MUTED a", "JOINED d", "PUBLISH_STARTED d"];
        assert_eq!(told(changes(&before, &now)), expected);
        assert!(changes(&now, &now).is_empty());
    }
}
