//! The half of `switchboard` that does what `aws <service> <operation>` does.
//!
//! Every command follows from the facts in `models/`: its options, its request and how its answer is printed. One
//! rule: nothing about a single operation is written here. A command goes
//! `args` (words to options) → `values` (texts to values) → `validate` → `request` → `sign` and `transport` →
//! `response` → `output`.
//!
//! Behaviour follows version 2 of the AWS command line where the two versions differ: exit codes, times printed as
//! ISO 8601, three attempts.

mod args;
mod call;
mod catalog;
mod clock;
mod complete;
mod config;
mod configure;
mod credentials;
mod errors;
mod help;
mod ini;
mod naming;
mod options;
mod output;
mod paramfile;
mod python;
mod request;
mod response;
mod shapes;
mod shorthand;
mod sign;
mod skeleton;
mod tail;
mod terminal;
mod timestamps;
mod transport;
mod validate;
mod values;
mod verbs;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::Value;
use switchboard_model::{Operation, Service};

use crate::args::{Arguments, Skeleton};
use crate::call::Call;
use crate::config::{Settings, Sources};
use crate::errors::Failure;
use crate::sign::Signer;
use crate::transport::Transport;

/// Whether `name` is a service whose operations can be called.
#[must_use]
pub fn is_service(name: &str) -> bool {
    catalog::is_service(name)
}

/// Runs `<service> <operation> …`: prints the answer on stdout, an error on stderr, and gives the exit code.
#[must_use]
pub fn run(args: Vec<OsString>) -> ExitCode {
    let own = args.iter().map(|word| word.to_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    if let Some(done) = own.and_then(|words| verbs::run(&words)) {
        return done.unwrap_or_else(|failure| fail(&failure));
    }
    let printed = execute(args).and_then(|text| {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|error| Failure::Other(format!("The answer cannot be written: {error}")))
    });
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    // With nowhere to report to, the exit code still tells.
    let _ = failure.report(&mut io::stderr().lock());
    ExitCode::from(failure.exit_code())
}

/// Does what the words say and returns what is to be printed.
fn execute(args: Vec<OsString>) -> Result<String, Failure> {
    let words = args.into_iter().map(OsString::into_string).collect::<Result<Vec<_>, _>>();
    let words = words.map_err(|word| Failure::Usage(format!("'{}' is not UTF-8", word.to_string_lossy())))?;
    let command = args::split(words)?;
    let service = catalog::service(&command.service)?;
    let (name, operation) = catalog::operation(&service, &command.operation)?;
    let arguments = args::parse(&service, operation, &command.rest)?;
    if arguments.skeleton == Some(Skeleton::Input) {
        return Ok(format!("{}\n", python::pretty_json(&skeleton::input(&service, operation), true)));
    }
    invoke(&service, name, operation, &arguments).map(|answer| output::json(&answer))
}

/// Calls the operation, or makes up its answer where a skeleton is asked for.
fn invoke(service: &Service, name: &str, operation: &Operation, arguments: &Arguments<'_>) -> Result<Value, Failure> {
    let input = shapes::input(service, operation);
    let mut parameters = values::collect(service, input, arguments)?;
    let sources = Sources::load()?;
    let settings = Settings::resolve(service, &arguments.globals, &sources)?;
    if let Some(shape) = input {
        request::fill_idempotency_tokens(shape, &mut parameters.members, clock::uuid)?;
        validate::check(service, shape, &parameters.members)?;
    }
    if arguments.skeleton == Some(Skeleton::Output) {
        return skeleton::output(service, operation);
    }
    let request = request::encode(service, operation, &parameters)?;
    let signer = if arguments.globals.no_sign_request {
        None
    } else {
        Some(Signer {
            credentials: credentials::find(&arguments.globals, &sources, &settings.region)?,
            region: settings.region.clone(),
            service: service.signing_name.clone(),
            unsigned_payload: operation.unsigned_payload,
        })
    };
    let transport = Transport::new(&settings)?;
    let call = Call {
        operation: name,
        endpoint: &settings.endpoint,
        attempts: settings.attempts,
        transport: &transport,
        signer: signer.as_ref(),
    };
    let answer = call.run(&request)?;
    if let Some(path) = &arguments.outfile {
        fs::write(path, &answer.body).map_err(|error| Failure::Other(format!("{path}: {error}")))?;
    }
    response::decode(service, operation, &answer, settings.wire_times)
}
