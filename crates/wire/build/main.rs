//! Writes the Rust of the wire from `models/`: types, decoders, encoders, errors and the route table of the
//! operations that `models/served.toml` lists, with what `models/corrections.toml` puts right.

mod names;
mod operations;
mod shapes;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
};

use serde::Deserialize;
use switchboard_model::{Member, Operation, Service, Shape};

/// One service's part of `models/served.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Served {
    operations: Vec<String>,
    #[serde(default)]
    ahead: Ahead,
}

/// What AWS documents and the pinned models do not have yet, in the models' own words.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ahead {
    #[serde(default)]
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
    /// By structure, then by name.
    #[serde(default)]
    members: BTreeMap<String, BTreeMap<String, Member>>,
}

impl Ahead {
    /// Adds it to the model. What the model has by now is to be taken off the list.
    fn add_to(self, service: &mut Service) {
        for (name, shape) in self.shapes {
            assert!(service.shapes.insert(name.clone(), shape).is_none(), "the model has the shape {name} by now");
        }
        for (name, operation) in self.operations {
            assert!(service.operations.insert(name.clone(), operation).is_none(), "the model has {name} by now");
        }
        for (structure, members) in self.members {
            let known = service.shapes.get_mut(&structure).unwrap_or_else(|| panic!("there is no shape {structure}"));
            for (name, member) in members {
                assert!(known.members.insert(name.clone(), member).is_none(), "{structure} has {name} by now");
            }
        }
    }
}

/// The whole of `models/corrections.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corrections {
    correction: Vec<Correction>,
}

/// A shape that the model has wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    service: String,
    shape: String,
    /// What a text must match.
    pattern: Option<String>,
    /// An enum whose words clients also write in small letters.
    #[serde(default)]
    any_case: bool,
    #[serde(rename = "reason")]
    _reason: String,
}

fn main() {
    let models = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../models");
    let served = read(&models.join("served.toml"));
    let served: BTreeMap<String, Served> =
        toml::from_str(&String::from_utf8_lossy(&served)).expect("models/served.toml is a list per service");

    let corrections = read(&models.join("corrections.toml"));
    let corrections: Corrections =
        toml::from_str(&String::from_utf8_lossy(&corrections)).expect("models/corrections.toml is a list");

    let mut out = String::new();
    let mut tables = Vec::new();
    let mut count = 0;
    for (name, served) in served {
        let bytes = read(&models.join(format!("{name}.json")));
        let mut service = Service::from_json(&bytes).unwrap_or_else(|error| panic!("models/{name}.json: {error}"));
        served.ahead.add_to(&mut service);
        let any_case = correct(&mut service, &corrections);
        let module = names::snake(&name);
        out.push_str(&service_module(&service, &module, &served.operations, count, any_case));
        count += served.operations.len();
        tables.push(format!("{module}::OPERATIONS"));
    }
    out.push_str(&format!(
        "/// Every operation served, by service.\npub static SERVICES: &[&[crate::Meta]] = &[{}];\n",
        tables.join(", ")
    ));
    let target = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("services.rs");
    fs::write(target, out).expect("the build folder can be written");
}

fn read(path: &std::path::Path) -> Vec<u8> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Corrects the shapes, and names the enums to be read in any case.
fn correct(service: &mut Service, corrections: &Corrections) -> BTreeSet<String> {
    let mut any_case = BTreeSet::new();
    for correction in corrections.correction.iter().filter(|correction| correction.service == service.name) {
        let shape = service.shapes.get_mut(&correction.shape);
        let shape = shape.unwrap_or_else(|| panic!("models/corrections.toml: no shape {}", correction.shape));
        shape.pattern = correction.pattern.clone().or(shape.pattern.take());
        if correction.any_case {
            any_case.insert(correction.shape.clone());
        }
    }
    any_case
}

/// The module of one service: its shapes, then its operations.
fn service_module(
    service: &Service,
    module: &str,
    served: &[String],
    before: usize,
    any_case: BTreeSet<String>,
) -> String {
    let mut types = shapes::Shapes::new(service, any_case);
    let operations = operations::write(service, served, before, &mut types);
    format!(
        "/// {full} ({version}): the operations that are served.\npub mod {module} {{\n\
         #[allow(unused_imports, reason = \"not every service uses every helper\")]\n\
         use crate::{{decode::{{self as d, Faults, Path}}, encode::{{Encode, Object}}, shape::*}};\n{types}{operations}}}\n",
        full = service.full_name,
        version = service.api_version,
        types = types.write(),
    )
}
