//! What a follower asks of the server, one call each.
//!
//! Onto a stage goes who has a token, as any participant. Into a chat one comes through the server's own API, signed as
//! a request to `connect`; the rest is the Participant Service, where the token is what counts and nothing is signed.

use serde_json::{Value, json};
use switchboard_model::Service;

use crate::call::Call;
use crate::config::Settings;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::log::Log;
use crate::request::Request;
use crate::sign::Signer;
use crate::sources::Sources;
use crate::transport::Transport;
use crate::{catalog, clock, credentials, service_error};

/// How a listener is named, should anybody ever see them.
const NAME: &str = "switchboard tail";

/// The most items that one page of a transcript has.
const PAGE: u32 = 100;

/// The two services of a chat.
pub(super) struct Chats {
    connect: Party,
    participant: Party,
    signer: Option<Signer>,
}

/// The service of stages.
pub(super) struct Stages {
    party: Party,
    signer: Option<Signer>,
}

/// A service, and where it is.
struct Party {
    service: Service,
    settings: Settings,
    log: Log,
}

/// A way onto a stage.
pub(super) struct Entrance {
    /// Where room events are told.
    pub(super) url: String,
    pub(super) token: String,
    /// As whom the holder of the token is there.
    pub(super) participant_id: String,
}

/// A way into the chat, for a while.
pub(super) struct Connection {
    pub(super) url: String,
    pub(super) token: String,
}

impl Party {
    fn new(name: &str, globals: &Globals, sources: &Sources) -> Result<Self, Failure> {
        let service = catalog::service(name)?;
        let settings = Settings::resolve(&service, globals, sources)?;
        if settings.endpoint.ends_with(".amazonaws.com") || settings.endpoint.ends_with(".amazonaws.com.cn") {
            return Err(Failure::Configuration(
                "Configuration",
                "Only chats and stages of Switchboard's own server can be followed: AWS has no operation for it. Name \
                 the server with --endpoint-url or AWS_ENDPOINT_URL; `switchboard env` prints it."
                    .to_owned(),
            ));
        }
        Ok(Self { service, settings, log: sources.log })
    }

    fn signer(&self, globals: &Globals, sources: &Sources) -> Result<Option<Signer>, Failure> {
        if globals.no_sign_request {
            return Ok(None);
        }
        Ok(Some(Signer {
            credentials: credentials::find(globals, sources, &self.settings.region)?,
            region: self.settings.region.clone(),
            service: self.service.signing_name.clone(),
            unsigned_payload: false,
        }))
    }
}

impl Stages {
    pub(super) fn new(globals: &Globals) -> Result<Self, Failure> {
        let sources = sources(globals)?;
        let party = Party::new("ivs-realtime", globals, &sources)?;
        Ok(Self { signer: party.signer(globals, &sources)?, party })
    }

    /// How connections to the server are made.
    pub(super) fn settings(&self) -> &Settings {
        &self.party.settings
    }

    /// Finds out where a stage tells of itself, and makes a token to listen there.
    pub(super) fn enter(&self, arn: &str) -> Result<Entrance, Failure> {
        let stage = self.call("GetStage", &json!({ "arn": arn }))?;
        // Only who may watch can be on a stage at all.
        let wanted = json!({ "stageArn": arn, "userId": NAME, "capabilities": ["SUBSCRIBE"] });
        let token = self.call("CreateParticipantToken", &wanted)?;
        let id = arn.rsplit('/').next().unwrap_or_default();
        Ok(Entrance {
            url: format!("{}/{id}", text(&stage, "/stage/endpoints/events")?),
            token: text(&token, "/participantToken/token")?,
            participant_id: text(&token, "/participantToken/participantId")?,
        })
    }

    fn call(&self, operation: &str, body: &Value) -> Result<Value, Failure> {
        send(&self.party, self.signer.as_ref(), operation, request(format!("/{operation}"), None, body))
    }
}

fn sources(globals: &Globals) -> Result<Sources, Failure> {
    Ok(Sources::load()?.with_log(Log { is_on: globals.debug }))
}

impl Chats {
    pub(super) fn new(globals: &Globals) -> Result<Self, Failure> {
        let sources = sources(globals)?;
        let connect = Party::new("connect", globals, &sources)?;
        let participant = Party::new("connectparticipant", globals, &sources)?;
        Ok(Self { signer: connect.signer(globals, &sources)?, connect, participant })
    }

    /// How connections to the server are made.
    pub(super) fn settings(&self) -> &Settings {
        &self.participant.settings
    }

    /// Asks a supervisor into the chat whom nobody sees, and returns the token to come in with.
    pub(super) fn join(&self, contact: &str) -> Result<String, Failure> {
        let target = format!("/_switchboard/contacts/{contact}/participants");
        let body = json!({ "role": "SUPERVISOR", "silent": true, "displayName": NAME });
        let answer = send(&self.connect, self.signer.as_ref(), "AddParticipant", request(target, None, &body))?;
        text(&answer, "/participantToken")
    }

    /// Comes in, or comes in again.
    pub(super) fn connect(&self, token: &str) -> Result<Connection, Failure> {
        let body = json!({ "Type": ["WEBSOCKET", "CONNECTION_CREDENTIALS"], "ConnectParticipant": true });
        let answer = self.participate("CreateParticipantConnection", "/participant/connection", token, &body)?;
        let url = text(&answer, "/Websocket/Url")?;
        Ok(Connection { url, token: text(&answer, "/ConnectionCredentials/ConnectionToken")? })
    }

    /// Everything that was said so far, the oldest first.
    pub(super) fn transcript(&self, connection: &Connection) -> Result<Vec<Value>, Failure> {
        let mut pages = Vec::new();
        let mut body = json!({ "MaxResults": PAGE, "SortOrder": "ASCENDING", "ScanDirection": "BACKWARD" });
        loop {
            let answer = self.participate("GetTranscript", "/participant/transcript", &connection.token, &body)?;
            pages.push(answer.get("Transcript").and_then(Value::as_array).cloned().unwrap_or_default());
            match answer.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty()) {
                Some(token) => body["NextToken"] = token.into(),
                None => return Ok(pages.into_iter().rev().flatten().collect()),
            }
        }
    }

    /// Leaves the chat.
    pub(super) fn leave(&self, connection: &Connection) -> Result<(), Failure> {
        let body = json!({ "ClientToken": clock::uuid()? });
        self.participate("DisconnectParticipant", "/participant/disconnect", &connection.token, &body).map(drop)
    }

    fn participate(&self, operation: &str, target: &str, token: &str, body: &Value) -> Result<Value, Failure> {
        send(&self.participant, None, operation, request(target.to_owned(), Some(token), body))
    }
}

fn request(target: String, bearer: Option<&str>, body: &Value) -> Request {
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    headers.extend(bearer.map(|token| ("X-Amz-Bearer".to_owned(), token.to_owned())));
    Request { method: "POST".to_owned(), target, headers, body: body.to_string().into_bytes() }
}

fn send(party: &Party, signer: Option<&Signer>, operation: &str, request: Request) -> Result<Value, Failure> {
    let transport = Transport::new(&party.settings)?;
    let call = Call {
        service: &party.service,
        endpoint: &party.settings.endpoint,
        attempts: party.settings.attempts,
        patience: party.settings.read_timeout,
        transport: &transport,
        signer,
        log: party.log,
    };
    let outcome = call.run(&request)?;
    if outcome.answer.is_error() {
        return Err(service_error::failure(&party.service, operation, &outcome, false));
    }
    serde_json::from_slice(&outcome.answer.body)
        .map_err(|error| Failure::Other(format!("The answer is not JSON: {error}")))
}

fn text(answer: &Value, path: &str) -> Result<String, Failure> {
    let found = answer.pointer(path).and_then(Value::as_str).map(str::to_owned);
    found
        .ok_or_else(|| Failure::Other(format!("The answer has no {}.", path.trim_start_matches('/').replace('/', "."))))
}
