//! The facts that are part of the binary, in the pieces that `build.rs` cut them into.

use serde::de::DeserializeOwned;
use switchboard_model::Service;

use crate::errors::Failure;

/// The services by name, each with its index and its facts, in the order of the alphabet.
const SERVICES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// The names of the services.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(name, ..)| *name)
}

/// The facts of one service, not read yet.
pub(super) struct Pieces {
    name: &'static str,
    index: &'static str,
    json: &'static str,
}

/// A line of the index.
#[derive(Clone, Copy)]
struct Entry {
    kind: &'static str,
    name: &'static str,
    json: &'static str,
    /// What stands behind: of an operation, its command and the shapes that it reaches.
    more: &'static str,
}

impl Pieces {
    /// The pieces of the service of that name.
    pub(super) fn of(name: &str) -> Option<Self> {
        let &(name, index, json) = SERVICES.iter().find(|(known, ..)| *known == name)?;
        Some(Self { name, index, json })
    }

    /// The date that names this version of the API.
    pub(super) fn version(&self) -> String {
        self.head().map(|head| head.api_version).unwrap_or_default()
    }

    /// The service with everything in it.
    pub(super) fn service(&self) -> Result<Service, Failure> {
        let mut service = self.head()?;
        for entry in self.entries() {
            self.add(&mut service, entry)?;
        }
        Ok(service)
    }

    /// The service with one operation and what belongs to it; `None` when there is no such command.
    pub(super) fn operation(&self, command: &str) -> Option<Result<Service, Failure>> {
        let wanted = format!(" {command} ");
        // Nearly every line is passed over without a closer look.
        let line = self.index.lines().filter(|line| line.contains(&wanted)).find_map(|line| {
            let entry = self.entry(line)?;
            (entry.kind == "operation" && entry.more.split(' ').next() == Some(command)).then_some(entry)
        })?;
        Some(self.part(line))
    }

    fn part(&self, operation: Entry) -> Result<Service, Failure> {
        let mut service = self.head()?;
        self.add(&mut service, operation)?;
        let reached = operation.more.split_once(' ').map_or("", |(_, reached)| reached);
        let reached: Vec<usize> = reached.split(',').filter_map(|number| number.parse().ok()).collect();
        let mut reached = reached.into_iter().peekable();
        let mut number = 0;
        for line in self.index.lines() {
            if line.starts_with("shape ") {
                if reached.next_if_eq(&number).is_some()
                    && let Some(entry) = self.entry(line)
                {
                    self.add(&mut service, entry)?;
                }
                number += 1;
            } else if line.starts_with("paginator ")
                && let Some(entry) = self.entry(line).filter(|entry| entry.name == operation.name)
            {
                self.add(&mut service, entry)?;
            }
        }
        Ok(service)
    }

    fn head(&self) -> Result<Service, Failure> {
        let line = self.index.lines().next().and_then(|line| self.entry(line));
        line.ok_or_else(|| self.broken("its head")).and_then(|entry| self.read(entry.json))
    }

    fn add(&self, service: &mut Service, entry: Entry) -> Result<(), Failure> {
        let name = entry.name.to_owned();
        match entry.kind {
            "operation" | "stream" => drop(service.operations.insert(name, self.read(entry.json)?)),
            "shape" => drop(service.shapes.insert(name, self.read(entry.json)?)),
            "paginator" => drop(service.paginators.insert(name, self.read(entry.json)?)),
            "waiter" => drop(service.waiters.insert(name, self.read(entry.json)?)),
            _ => {}
        }
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.index.lines().filter_map(|line| self.entry(line))
    }

    fn entry(&self, line: &'static str) -> Option<Entry> {
        let mut words = line.splitn(5, ' ');
        let (kind, name) = (words.next()?, words.next()?);
        let (start, end) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Entry {
            kind,
            name,
            json: self.json.get::<std::ops::Range<usize>>(start..end)?,
            more: words.next().unwrap_or_default(),
        })
    }

    fn read<T: DeserializeOwned>(&self, json: &str) -> Result<T, Failure> {
        serde_json::from_str(json).map_err(|error| self.broken(error))
    }

    fn broken(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::Other(format!("The facts of {} cannot be read: {problem}", self.name))
    }
}
