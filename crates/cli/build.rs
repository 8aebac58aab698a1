//! Cuts the facts of `models/` into pieces, so that a command reads only those that its operation needs.
//!
//! For each service three files are made: `<service>.json`, the JSON of one operation, shape, paginator or waiter a line;
//! `<service>.index`, which says where each of them stands and which others an operation needs; and
//! `<service>.commands`, which says where in the index each command has its operation. `services.rs` lists the services
//! with the three. The formats are private to `src/catalog/`.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use switchboard_model::{Operation, Service, Shape};

#[path = "src/naming.rs"]
mod naming;

fn main() {
    let (models, out) = (Path::new("../../models"), env::var("OUT_DIR").expect("cargo says where to write"));
    println!("cargo::rerun-if-changed={}", models.display());
    println!("cargo::rerun-if-changed=src/naming.rs");
    let write = |name: &str, text: &str| fs::write(Path::new(&out).join(name), text).expect("the folder takes files");
    let mut list = String::new();
    for path in files(models) {
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let service = Service::from_json(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = service.name.clone();
        let pieces = Pieces::cut(service);
        write(&format!("{name}.json"), &pieces.json);
        write(&format!("{name}.index"), &pieces.index);
        write(&format!("{name}.commands"), &pieces.commands);
        let parts = ["commands", "index", "json"].map(|end| format!("{end}: include_str!(\"{name}.{end}\")"));
        writeln!(list, "Pieces {{ name: {name:?}, {} }},", parts.join(", ")).expect(MEMORY);
    }
    write("services.rs", &format!("&[{list}]"));
}

/// The models, in the order of the alphabet.
fn files(models: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(models).unwrap_or_else(|error| panic!("{}: {error}", models.display()));
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    files
}

const MEMORY: &str = "memory takes it";

#[derive(Default)]
struct Pieces {
    json: String,
    index: String,
    commands: String,
}

impl Pieces {
    fn cut(mut service: Service) -> Self {
        let mut pieces = Self::default();
        let operations = std::mem::take(&mut service.operations);
        let shapes = std::mem::take(&mut service.shapes);
        let paginators = std::mem::take(&mut service.paginators);
        let waiters = std::mem::take(&mut service.waiters);
        pieces.add("head", "-", &service, "");
        let shapes_at: Vec<usize> = shapes.iter().map(|(name, shape)| pieces.add("shape", name, shape, "")).collect();
        let paginators_at: BTreeMap<&str, usize> =
            paginators.iter().map(|(name, each)| (name.as_str(), pieces.add("paginator", name, each, ""))).collect();
        for (name, waiter) in &waiters {
            pieces.add("waiter", name, waiter, "");
        }
        for (name, operation) in &operations {
            if is_event_stream(&shapes, operation) {
                pieces.add("operation", name, operation, "");
                continue;
            }
            let shapes = reached(&shapes, operation).into_iter().map(|number| shapes_at[number]);
            let needed = shapes.chain(paginators_at.get(name.as_str()).copied());
            let needed: Vec<String> = needed.map(|line| line.to_string()).collect();
            let line = pieces.add("operation", name, operation, &format!(" {}", needed.join(",")));
            writeln!(pieces.commands, "{} {line}", naming::kebab(name)).expect(MEMORY);
        }
        pieces
    }

    /// Adds a line to the index: what it is, its name, where its JSON begins and ends, and where the lines are that it
    /// needs. Answers where the line begins.
    fn add(&mut self, kind: &str, name: &str, piece: &impl Serialize, needed: &str) -> usize {
        let line = self.index.len();
        let start = self.json.len();
        self.json.push_str(&serde_json::to_string(piece).expect("facts can be written"));
        let end = self.json.len();
        self.json.push('\n');
        writeln!(self.index, "{kind} {name} {start} {end}{needed}").expect(MEMORY);
        line
    }
}

type Shapes = indexmap::IndexMap<String, Shape>;

fn is_event_stream(shapes: &Shapes, operation: &Operation) -> bool {
    let names = [&operation.input, &operation.output].into_iter().flatten();
    names.filter_map(|name| shapes.get(name)).any(|shape| {
        let payload = shape.payload.as_ref().and_then(|name| shape.members.get(name));
        payload.and_then(|member| shapes.get(&member.shape)).is_some_and(|body| body.eventstream)
    })
}

/// The shapes that an operation's input, output and errors lead to, by their numbers.
fn reached(shapes: &Shapes, operation: &Operation) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = [&operation.input, &operation.output].into_iter().flatten().map(String::as_str).collect();
    open.extend(operation.errors.iter().map(String::as_str));
    while let Some(name) = open.pop() {
        let Some((number, _, shape)) = shapes.get_full(name) else { continue };
        if reached.insert(number) {
            let inner = [&shape.member, &shape.key, &shape.value].into_iter().flatten();
            open.extend(shape.members.values().chain(inner).map(|member| member.shape.as_str()));
        }
    }
    reached
}
