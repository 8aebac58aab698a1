//! The facts that are part of the binary, in the pieces that `build.rs` cut them into.

use serde::de::DeserializeOwned;
use switchboard_model::Service;

use crate::errors::Failure;

/// The services, in the order of the alphabet.
const SERVICES: &[Pieces] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// The names of the services.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|pieces| pieces.name)
}

/// The facts of one service, not read yet.
pub(super) struct Pieces {
    name: &'static str,
    /// A line for each command: its name, and where the line of its operation begins in the index.
    commands: &'static str,
    index: &'static str,
    json: &'static str,
}

/// A line of the index.
#[derive(Clone, Copy)]
struct Entry {
    kind: &'static str,
    name: &'static str,
    json: &'static str,
    /// Of an operation, where the lines begin that it needs.
    needed: &'static str,
}

impl Pieces {
    /// The pieces of the service of that name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|pieces| pieces.name == name)
    }

    /// The date that names this version of the API.
    pub(super) fn version(&self) -> String {
        self.head().map(|head| head.api_version).unwrap_or_default()
    }

    /// The service with everything in it.
    pub(super) fn service(&self) -> Result<Service, Failure> {
        let mut service = self.head()?;
        for line in self.index.lines() {
            self.add(&mut service, line)?;
        }
        Ok(service)
    }

    /// The service with one operation and what belongs to it; `None` when there is no such command.
    pub(super) fn operation(&self, command: &str) -> Option<Result<Service, Failure>> {
        let mut commands = self.commands.lines().filter_map(|line| line.split_once(' '));
        let (_, line) = commands.find(|(name, _)| *name == command)?;
        Some(self.part(line))
    }

    fn part(&self, operation: &str) -> Result<Service, Failure> {
        let mut service = self.head()?;
        let operation = self.add(&mut service, self.line(operation)?)?;
        for line in operation.needed.split(',').filter(|line| !line.is_empty()) {
            self.add(&mut service, self.line(line)?)?;
        }
        Ok(service)
    }

    /// The line of the index that begins there.
    fn line(&self, start: &str) -> Result<&'static str, Failure> {
        let rest = start.parse().ok().and_then(|start: usize| self.index.get(start..));
        rest.and_then(|rest| rest.lines().next()).ok_or_else(|| self.broken(format_args!("nothing at {start}")))
    }

    fn head(&self) -> Result<Service, Failure> {
        self.read(self.entry(self.line("0")?)?.json)
    }

    /// Adds what the line of the index names.
    fn add(&self, service: &mut Service, line: &'static str) -> Result<Entry, Failure> {
        let entry = self.entry(line)?;
        let name = entry.name.to_owned();
        match entry.kind {
            "operation" => drop(service.operations.insert(name, self.read(entry.json)?)),
            "shape" => drop(service.shapes.insert(name, self.read(entry.json)?)),
            "paginator" => drop(service.paginators.insert(name, self.read(entry.json)?)),
            "waiter" => drop(service.waiters.insert(name, self.read(entry.json)?)),
            _ => {}
        }
        Ok(entry)
    }

    fn entry(&self, line: &'static str) -> Result<Entry, Failure> {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default();
        let (kind, name, start, end, needed) = (next(), next(), next().parse(), next().parse(), next());
        let span = start.ok().zip(end.ok()).and_then(|(start, end): (usize, usize)| self.json.get(start..end));
        let json = span.ok_or_else(|| self.broken(line))?;
        Ok(Entry { kind, name, json, needed })
    }

    fn read<T: DeserializeOwned>(&self, json: &str) -> Result<T, Failure> {
        serde_json::from_str(json).map_err(|error| self.broken(error))
    }

    fn broken(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::Other(format!("The facts of {} cannot be read: {problem}", self.name))
    }
}
