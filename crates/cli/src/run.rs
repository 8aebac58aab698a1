//! From a command line to its effect: the one place where the parts are put together.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use switchboard_model::{Operation, Service};

use crate::args::{self, Arguments, Limits, Skeleton};
use crate::client::Client;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::log::Log;
use crate::naming::kebab;
use crate::options::PageOption;
use crate::output::{Printer, Reply, Screen};
use crate::paging::{self, Pages, Plan};
use crate::preferences::{self, Preferences};
use crate::sources::Sources;
use crate::value::{Map, Value};
use crate::values::{self, Parameters};
use crate::{catalog, clock, dry_run, python, service_error, shapes, skeleton, verbs, wait};

/// Does what the words say. A failure is printed; what comes back is the exit code.
pub(crate) fn run(words: &[String]) -> ExitCode {
    let mut globals = Globals::default();
    let done = match verbs::run(words) {
        Some(done) => done,
        None => execute(words, &mut globals).map(|()| ExitCode::SUCCESS),
    };
    let failure = match done {
        Ok(code) => return code,
        Err(failure) => failure,
    };
    let format = preferences::error_format(&globals, Sources::load().ok().as_ref());
    // With nowhere to report to, the exit code still tells.
    let _ = failure.report(format, preferences::style(&globals), &mut io::stderr().lock());
    ExitCode::from(failure.exit_code())
}

/// Leaves the options of every command in `globals`, as soon as they are known.
fn execute(words: &[String], globals: &mut Globals) -> Result<(), Failure> {
    let command = args::command(words)?;
    *globals = command.globals;
    if globals.version {
        return print(&format!("{}\n", verbs::version()));
    }
    let log = Log { is_on: globals.debug };
    let sources = Sources::load()?.with_log(log);
    let preferences = Preferences::resolve(globals, &sources)?;
    if !catalog::is_service(&command.service) {
        return Err(catalog::unknown_service(&command.service));
    }
    let (name, rest) = args::operation(&command.rest)?;
    let service = catalog::service_for(&command.service, &name)?;
    let context = Context { service: &service, globals, sources: &sources, preferences: &preferences };
    if name == catalog::WAIT && !service.waiters.is_empty() {
        return context.wait(&rest);
    }
    let (name, operation) = catalog::operation(&service, &name)?;
    let arguments = args::parse(&service, operation, name, &rest)?;
    context.operation(name, operation, &arguments)
}

/// Everything that is known before the operation is.
struct Context<'a> {
    service: &'a Service,
    globals: &'a Globals,
    sources: &'a Sources,
    preferences: &'a Preferences,
}

impl Context<'_> {
    fn operation(&self, name: &str, operation: &Operation, arguments: &Arguments<'_>) -> Result<(), Failure> {
        let paginator = self.service.paginators.get(name);
        let by_hand = paginator.is_some_and(|paginator| {
            paging::manual_members(paginator).any(|member| arguments.given.contains_key(member.as_str()))
        });
        let mut pages = paginator.filter(|_| !self.globals.no_paginate && !by_hand);
        if paginator.is_some() && pages.is_none() {
            refuse_limits(&arguments.limits)?;
        }
        let input = shapes::input(self.service, operation);
        let mut parameters = values::collect(self.service, input, arguments)?;
        warn_of_limits(&arguments.limits);
        if let Some(skeleton) = self.input_skeleton(name, operation, arguments.skeleton) {
            return print(&skeleton);
        }
        // A whole input may page by hand as well.
        let is_given = |name: &String| parameters.members.contains_key(name);
        pages = pages.filter(|paginator| !paging::manual_members(paginator).any(is_given));
        if pages.is_none() && arguments.limits != Limits::default() {
            // Limits that nothing heeds are something that the operation does not know.
            parameters.members.insert("PaginationConfig".to_owned(), Value::Null);
        }
        let client = Client::new(self.service, (name, operation), self.globals, self.sources, self.preferences)?;
        if arguments.skeleton == Some(Skeleton::Output) {
            client.check(&mut parameters)?;
            return self.print(name, Reply::One(skeleton::output(self.service, operation)?));
        }
        if arguments.dry_run {
            return dry(&client, parameters);
        }
        match pages {
            None => {
                let members = call(&client, parameters, arguments.outfile.as_deref())?;
                self.print(name, Reply::One(members))
            }
            Some(paginator) => {
                let next = |members: &Map| client.call(members.clone().into()).map(|(members, _)| members);
                let plan = Plan::of(paginator)?;
                let mut pages = Pages::new(plan, arguments.limits.clone(), parameters.members, Box::new(next))?;
                self.print(name, Reply::Pages(&mut pages))
            }
        }
    }

    fn input_skeleton(&self, name: &str, operation: &Operation, wanted: Option<Skeleton>) -> Option<String> {
        match wanted? {
            Skeleton::Input => {
                Some(format!("{}\n", python::pretty_json(&skeleton::input(self.service, operation), true)))
            }
            Skeleton::YamlInput => Some(skeleton::yaml_input(self.service, name, operation)),
            Skeleton::Output => None,
        }
    }

    fn print(&self, title: &str, reply: Reply<'_, '_>) -> Result<(), Failure> {
        let printer = Printer {
            format: self.preferences.format()?,
            query: self.globals.query.as_ref(),
            style: self.preferences.style,
        };
        let mut screen = Screen::new(self.preferences.pager.as_deref());
        let printed = printer.print(title, reply, &mut screen);
        let closed = screen.close();
        // A pager that did not start is why nothing could be written.
        closed.and(printed)
    }

    fn wait(&self, words: &[String]) -> Result<(), Failure> {
        let (waiter_name, waiter, rest) = wait::find(self.service, words)?;
        let (name, operation) = catalog::operation(self.service, &kebab(&waiter.operation))?;
        let arguments = args::parse(self.service, operation, name, &rest)?;
        let parameters = values::collect(self.service, shapes::input(self.service, operation), &arguments)?;
        if let Some(skeleton) = self.input_skeleton(name, operation, arguments.skeleton) {
            return print(&skeleton);
        }
        let client = Client::new(self.service, (name, operation), self.globals, self.sources, self.preferences)?;
        if arguments.skeleton == Some(Skeleton::Output) {
            let mut parameters = parameters;
            client.check(&mut parameters)?;
            return self.print(name, Reply::One(skeleton::output(self.service, operation)?));
        }
        if arguments.dry_run {
            return dry(&client, parameters);
        }
        let call = || {
            let outcome = client.attempt(Parameters::from(parameters.members.clone()))?;
            let mut seen = wait::Seen { status: outcome.answer.status, ..wait::Seen::default() };
            if outcome.answer.is_error() {
                let message = python::display(&service_error::message(&outcome.answer));
                seen.error = Some((service_error::code(&outcome.answer), message));
            } else {
                seen.members = client.decode(&outcome.answer)?;
            }
            Ok(seen)
        };
        let pause = |time: Duration| {
            self.sources.log.say("wait", || format!("{waiter_name} has not come about, the next look is in {time:?}"));
            clock::sleep(time);
        };
        wait::wait(waiter_name, waiter, call, pause)
    }
}

/// Calls once; the body goes to the file that was named for it.
fn call(client: &Client<'_>, parameters: Parameters, outfile: Option<&str>) -> Result<Map, Failure> {
    let (members, answer) = client.call(parameters)?;
    if let Some(path) = outfile {
        std::fs::write(path, &answer.body).map_err(|error| Failure::Other(python::os_error(&error, path)))?;
    }
    Ok(members)
}

fn dry(client: &Client<'_>, parameters: Parameters) -> Result<(), Failure> {
    let stream = parameters.stream_path.clone();
    print(&dry_run::curl(&client.signed(parameters)?, stream.as_deref()))
}

/// Limits are for listings that page by themselves.
fn refuse_limits(limits: &Limits) -> Result<(), Failure> {
    let is_set = |value: &Option<Value>| value.as_ref().is_some_and(Value::is_truthy);
    let used = [
        (limits.starting_token.as_deref().is_some_and(|token| !token.is_empty()), PageOption::StartingToken),
        (is_set(&limits.page_size), PageOption::PageSize),
        (limits.max_items.is_some_and(|max| max != 0), PageOption::MaxItems),
    ];
    let used: Vec<String> =
        used.into_iter().filter(|(used, _)| *used).map(|(_, option)| format!("--{}", option.name())).collect();
    if used.is_empty() {
        return Ok(());
    }
    let used = used.join(", ");
    Err(Failure::Parameters(format!("Cannot specify --no-paginate along with pagination arguments: {used}")))
}

fn warn_of_limits(limits: &Limits) {
    if limits.max_items.is_some_and(|max| max <= 0) {
        // With nobody to warn, there is nothing to do.
        let _ = writeln!(
            io::stderr().lock(),
            "warning: Non-positive values for --max-items may result in undefined behavior."
        );
    }
}

/// Writes to stdout; whoever reads it may have gone.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failure::writing(&error))
}
