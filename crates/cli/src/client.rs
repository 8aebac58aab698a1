//! One operation of one service, ready to be called as often as need be.
//!
//! A call goes: bytes from Base64 → ids that make it repeatable → validation → `request` → `sign` → `transport` →
//! `response`. Credentials are looked for when the first request is ready, so that a wrong input costs nothing.

use std::cell::OnceCell;

use switchboard_model::{Operation, Service};

use crate::call::{Call, Outcome};
use crate::config::Settings;
use crate::errors::Failure;
use crate::globals::{BinaryFormat, Globals};
use crate::preferences::Preferences;
use crate::request::{self, Request};
use crate::response::{self, Answer};
use crate::sign::Signer;
use crate::sources::Sources;
use crate::transport::Transport;
use crate::value::Map;
use crate::values::{self, Parameters};
use crate::{clock, credentials, service_error, shapes, validate};

/// What calls an operation.
pub(crate) struct Client<'a> {
    pub(crate) service: &'a Service,
    /// The API's name of the operation.
    pub(crate) name: &'a str,
    pub(crate) operation: &'a Operation,
    pub(crate) globals: &'a Globals,
    pub(crate) sources: &'a Sources,
    pub(crate) preferences: &'a Preferences,
    settings: Settings,
    transport: Transport,
    signer: OnceCell<Option<Signer>>,
}

impl<'a> Client<'a> {
    /// Settles where requests go.
    pub(crate) fn new(
        service: &'a Service,
        (name, operation): (&'a str, &'a Operation),
        globals: &'a Globals,
        sources: &'a Sources,
        preferences: &'a Preferences,
    ) -> Result<Self, Failure> {
        let settings = Settings::resolve(service, globals, sources)?;
        let transport = Transport::new(&settings)?;
        let signer = OnceCell::new();
        Ok(Self { service, name, operation, globals, sources, preferences, settings, transport, signer })
    }

    /// Calls the operation; an error of the service is a failure.
    pub(crate) fn call(&self, parameters: Parameters) -> Result<(Map, Answer), Failure> {
        let outcome = self.attempt(parameters)?;
        if outcome.answer.is_error() {
            return Err(self.failure(&outcome));
        }
        Ok((self.decode(&outcome.answer)?, outcome.answer))
    }

    /// Calls the operation and hands out its answer, be it an error or not.
    pub(crate) fn attempt(&self, parameters: Parameters) -> Result<Outcome, Failure> {
        let request = self.request(parameters)?;
        self.with_call(|call| call.run(&request))
    }

    /// What a successful answer holds.
    pub(crate) fn decode(&self, answer: &Answer) -> Result<Map, Failure> {
        response::decode(self.service, self.operation, answer, self.preferences.wire_times)
    }

    /// The failure that an answer tells of.
    pub(crate) fn failure(&self, outcome: &Outcome) -> Failure {
        service_error::failure(self.service, self.name, outcome, self.preferences.wire_times)
    }

    /// The request as it would go out now.
    pub(crate) fn signed(&self, parameters: Parameters) -> Result<http::Request<Vec<u8>>, Failure> {
        let request = self.request(parameters)?;
        self.with_call(|call| call.signed(&request))
    }

    /// Completes and checks an input.
    pub(crate) fn check(&self, parameters: &mut Parameters) -> Result<(), Failure> {
        let Some(shape) = shapes::input(self.service, self.operation) else { return Ok(()) };
        if self.preferences.binary == BinaryFormat::Base64 {
            let stream = shapes::stream(self.service, shape);
            for (name, value) in parameters.members.iter_mut().filter(|(name, _)| Some(name.as_str()) != stream) {
                let shape = shape.members.get(name).and_then(|member| self.service.shape(&member.shape));
                shape.map_or(Ok(()), |shape| values::decode_blobs(self.service, shape, value))?;
            }
        }
        request::fill_idempotency_tokens(shape, &mut parameters.members, clock::uuid)?;
        validate::check(self.service, shape, &parameters.members)
    }

    fn request(&self, mut parameters: Parameters) -> Result<Request, Failure> {
        self.check(&mut parameters)?;
        self.sources.log.say("client", || {
            let names: Vec<&str> = parameters.members.keys().map(String::as_str).collect();
            format!("{} with {}", self.name, names.join(", "))
        });
        request::encode(self.service, self.operation, &parameters)
    }

    fn with_call<T>(&self, then: impl FnOnce(&Call<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        then(&Call {
            service: self.service,
            endpoint: &self.settings.endpoint,
            attempts: self.settings.attempts,
            patience: self.settings.read_timeout,
            transport: &self.transport,
            signer: self.signer()?,
            log: self.sources.log,
        })
    }

    /// Whose signature goes on requests, found once.
    fn signer(&self) -> Result<Option<&Signer>, Failure> {
        if self.signer.get().is_none() {
            let signer = if self.globals.no_sign_request { None } else { Some(self.find_signer()?) };
            // Nobody else can have set it meanwhile.
            let _ = self.signer.set(signer);
        }
        Ok(self.signer.get().and_then(Option::as_ref))
    }

    fn find_signer(&self) -> Result<Signer, Failure> {
        Ok(Signer {
            credentials: credentials::find(self.globals, self.sources, &self.settings.region)?,
            region: self.settings.region.clone(),
            service: self.service.signing_name.clone(),
            unsigned_payload: self.operation.unsigned_payload,
        })
    }
}

/// An input without a body of its own.
impl From<Map> for Parameters {
    fn from(members: Map) -> Self {
        Self { members, ..Self::default() }
    }
}
