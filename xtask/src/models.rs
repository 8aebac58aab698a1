//! `cargo xtask models`: makes `models/*.json` from a pinned botocore.
//!
//! botocore (the Python package, Apache-2.0) carries AWS's own description of every service. This task keeps the
//! facts of the services that Switchboard knows — names, types, bindings, limits — and drops every word of prose. Its
//! one rule: what is not on a list below is left out, and what `switchboard-model` cannot read is an error, so a new
//! fact in a later botocore is noticed rather than lost or passed on unseen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use switchboard_model::Service;

use crate::pretty;

/// The services, by the name of their `aws` command and of botocore's folder.
const SERVICES: [&str; 6] =
    ["connect", "connectparticipant", "ivs-realtime", "lexv2-runtime", "lexv2-models", "lex-runtime"];

/// Facts of a shape that are kept as they stand.
const SHAPE_FACTS: [&str; 15] = [
    "type",
    "required",
    "enum",
    "min",
    "max",
    "pattern",
    "timestampFormat",
    "payload",
    "exception",
    "fault",
    "union",
    "sensitive",
    "streaming",
    "eventstream",
    "event",
];

/// Facts of a reference to a shape that are kept as they stand.
const MEMBER_FACTS: [&str; 6] = ["shape", "location", "locationName", "idempotencyToken", "jsonvalue", "deprecated"];

/// What is known to be in the source and left out on purpose: prose, and `box`, which says only that a Java client
/// should use an object for the number.
const LEFT_OUT: [&str; 5] = ["documentation", "box", "deprecatedMessage", "deprecatedSince", "documentationUrl"];

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    check: bool,
    from: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments that follow `models`.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--check" => options.check = true,
                "--from" => options.from = Some(args.next().ok_or("--from needs a folder")?.into()),
                other => return Err(format!("models does not know {other:?}")),
            }
        }
        Ok(options)
    }
}

/// Makes the files anew, or with `--check` compares what would be made with what is there.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the workspace has no folder")?;
    let data = match &options.from {
        Some(dir) => dir.clone(),
        None => fetch(root)?,
    };
    let mut stale = Vec::new();
    for name in SERVICES {
        let text = service(&data, name)?;
        let path = root.join("models").join(format!("{name}.json"));
        if fs::read_to_string(&path).is_ok_and(|present| present == text) {
            continue;
        }
        stale.push(format!("models/{name}.json"));
        if !options.check {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    match (stale.is_empty(), options.check) {
        (true, _) => println!("models are up to date"),
        (false, true) => return Err(format!("not as `cargo xtask models` makes them: {}", stale.join(", "))),
        (false, false) => println!("wrote {}", stale.join(", ")),
    }
    Ok(())
}

/// Downloads and unpacks the pinned botocore, once, and names its data folder.
fn fetch(root: &Path) -> Result<PathBuf, String> {
    let pin = root.join("models/botocore.txt");
    let version = fs::read_to_string(&pin).map_err(|error| format!("{}: {error}", pin.display()))?;
    let version = version.trim();
    let dir = root.join("target/xtask").join(format!("botocore-{version}"));
    let data = dir.join("botocore/data");
    if data.is_dir() {
        return Ok(data);
    }
    fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let folder = dir.to_string_lossy();
    let package = format!("botocore=={version}");
    python(&["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", &folder, &package])?;
    let wheel = dir.join(format!("botocore-{version}-py3-none-any.whl"));
    python(&["-m", "zipfile", "-e", &wheel.to_string_lossy(), &folder])?;
    Ok(data)
}

/// Runs Python, which has pip, zip and gzip at hand, and returns what it printed.
fn python(args: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("python3")
        .args(args)
        .output()
        .map_err(|error| format!("python3 with pip is needed (`apt-get install python3-pip`): {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("python3 {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

/// The text of one service's file.
fn service(data: &Path, name: &str) -> Result<String, String> {
    let dir = only_folder(&data.join(name))?;
    let source = read(&dir, "service-2.json")?.ok_or_else(|| format!("{name} has no service-2.json"))?;
    let facts = facts(name, &source, &dir).map_err(|problem| format!("{name}: {problem}"))?;
    let text = pretty::print(&facts);
    Service::from_json(text.as_bytes()).map_err(|error| format!("{name}: {error}"))?;
    Ok(text)
}

/// A service has one folder, named after its API version.
fn only_folder(dir: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut folders: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    match (folders.pop(), folders.is_empty()) {
        (Some(folder), true) => Ok(folder),
        _ => Err(format!("{} should hold one API version", dir.display())),
    }
}

/// Reads a JSON file that may be compressed; absent is `None`.
fn read(dir: &Path, name: &str) -> Result<Option<Value>, String> {
    const GUNZIP: &str = "import gzip, sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())";
    let plain = dir.join(name);
    let packed = dir.join(format!("{name}.gz"));
    let bytes = if plain.is_file() {
        fs::read(&plain).map_err(|error| format!("{}: {error}", plain.display()))?
    } else if packed.is_file() {
        python(&["-c", GUNZIP, &packed.to_string_lossy()])?
    } else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("{}: {error}", plain.display()))
}

/// The whole file as a JSON value.
fn facts(name: &str, source: &Value, dir: &Path) -> Result<Value, String> {
    let metadata = &source["metadata"];
    if metadata["protocol"] != "rest-json" || metadata["signatureVersion"] != "v4" {
        return Err("not a rest-json service signed with SigV4".to_owned());
    }
    let mut file = Map::new();
    file.insert("name".into(), name.into());
    for (ours, theirs) in [
        ("serviceId", "serviceId"),
        ("fullName", "serviceFullName"),
        ("apiVersion", "apiVersion"),
        ("endpointPrefix", "endpointPrefix"),
        ("signingName", "signingName"),
    ] {
        file.insert(ours.into(), metadata[theirs].clone());
    }
    file.insert("operations".into(), each(&source["operations"], operation)?);
    file.insert("shapes".into(), each(&source["shapes"], shape)?);
    if let Some(paginators) = read(dir, "paginators-1.json")? {
        insert_unless_empty(&mut file, "paginators", each(&paginators["pagination"], |it| Ok(it.clone()))?);
    }
    if let Some(waiters) = read(dir, "waiters-2.json")? {
        insert_unless_empty(&mut file, "waiters", each(&waiters["waiters"], waiter)?);
    }
    Ok(Value::Object(file))
}

/// Applies `make` to each value of an object, keeping its order.
fn each(object: &Value, make: impl Fn(&Value) -> Result<Value, String>) -> Result<Value, String> {
    let object = object.as_object().ok_or("an object was expected")?;
    let made = object.iter().map(|(name, value)| match make(value) {
        Ok(value) => Ok((name.clone(), value)),
        Err(problem) => Err(format!("{name}: {problem}")),
    });
    made.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn operation(source: &Value) -> Result<Value, String> {
    let source = source.as_object().ok_or("not an object")?;
    let mut facts = Map::new();
    for (key, value) in source {
        match key.as_str() {
            "name" => {}
            "http" => http(value, &mut facts),
            "input" | "output" => {
                facts.insert(key.clone(), value["shape"].clone());
            }
            "errors" => {
                let names = value.as_array().into_iter().flatten().map(|error| error["shape"].clone());
                insert_unless_empty(&mut facts, key, names.collect());
            }
            "authtype" if value == "v4-unsigned-body" => {
                facts.insert("unsignedPayload".into(), true.into());
            }
            "idempotent" | "unsignedPayload" => {
                facts.insert(key.clone(), value.clone());
            }
            _ if LEFT_OUT.contains(&key.as_str()) => {}
            _ => return Err(format!("unknown fact {key:?}")),
        }
    }
    Ok(Value::Object(facts))
}

fn http(binding: &Value, facts: &mut Map<String, Value>) {
    for key in ["method", "requestUri"] {
        facts.insert(key.into(), binding[key].clone());
    }
    if let Some(code) = binding["responseCode"].as_u64().filter(|&code| code != 200) {
        facts.insert("responseCode".into(), code.into());
    }
}

fn shape(source: &Value) -> Result<Value, String> {
    let source = source.as_object().ok_or("not an object")?;
    let mut facts = Map::new();
    for (key, value) in source {
        match key.as_str() {
            "members" => insert_unless_empty(&mut facts, key, each(value, member)?),
            "member" | "key" | "value" => {
                facts.insert(key.clone(), member(value)?);
            }
            "error" => {
                facts.insert("status".into(), value["httpStatusCode"].clone());
            }
            key if SHAPE_FACTS.contains(&key) => insert_unless_empty(&mut facts, key, value.clone()),
            key if LEFT_OUT.contains(&key) => {}
            _ => return Err(format!("unknown fact {key:?}")),
        }
    }
    Ok(Value::Object(facts))
}

fn member(source: &Value) -> Result<Value, String> {
    let source = source.as_object().ok_or("not an object")?;
    if let Some(key) =
        source.keys().map(String::as_str).find(|key| !MEMBER_FACTS.contains(key) && !LEFT_OUT.contains(key))
    {
        return Err(format!("unknown fact {key:?} of a member"));
    }
    Ok(source
        .iter()
        .filter(|(key, _)| MEMBER_FACTS.contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect())
}

fn waiter(source: &Value) -> Result<Value, String> {
    Ok(json!({
        "operation": source["operation"],
        "delay": source["delay"],
        "maxAttempts": source["maxAttempts"],
        "acceptors": source["acceptors"],
    }))
}

fn insert_unless_empty(facts: &mut Map<String, Value>, key: &str, value: Value) {
    let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if !empty {
        facts.insert(key.to_owned(), value);
    }
}
