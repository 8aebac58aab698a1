//! Services that the user has added: models as AWS ships them, in `~/.aws/models/<service>/<version>/`.
//!
//! The folders in `AWS_DATA_PATH` go before that one. What there is of a model besides the facts that a command needs
//! is passed over; only services of the rest-json protocol can be called. (AWS SDK guides, "Loader Reference".)

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use switchboard_model::Service;

use crate::errors::Failure;
use crate::paramfile;

const USUAL_FOLDER: &str = "~/.aws/models";

const SERVICE: &str = "service-2.json";
const PAGINATORS: &str = "paginators-1.json";
const WAITERS: &str = "waiters-2.json";

const SHAPE_FACTS: [&str; 16] = [
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
    "document",
    "union",
    "sensitive",
    "streaming",
    "eventstream",
    "event",
];
const MEMBER_FACTS: [&str; 6] = ["shape", "location", "locationName", "idempotencyToken", "jsonvalue", "deprecated"];
const PAGINATOR_FACTS: [&str; 6] =
    ["input_token", "output_token", "limit_key", "result_key", "non_aggregate_keys", "more_results"];
const WAITER_FACTS: [&str; 3] = ["operation", "delay", "maxAttempts"];
const ACCEPTOR_FACTS: [&str; 4] = ["state", "matcher", "expected", "argument"];

/// A model that the user has added.
pub(super) struct Model {
    name: String,
    folder: PathBuf,
}

/// The names of all services that the user has added.
pub(super) fn names() -> impl Iterator<Item = String> {
    let entries = folders().into_iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| find(name).is_some())
}

/// The latest version of a service that the user has added.
pub(super) fn find(name: &str) -> Option<Model> {
    if name.is_empty() || name.contains(['/', '.']) {
        return None;
    }
    let mut latest: Option<Model> = None;
    for folder in folders() {
        let versions = fs::read_dir(folder.join(name)).into_iter().flatten().flatten();
        for version in versions.map(|entry| entry.path()).filter(|path| path.join(SERVICE).is_file()) {
            let model = Model { name: name.to_owned(), folder: version };
            // Of two folders with the same version the first one counts.
            if latest.as_ref().is_none_or(|latest| latest.version() < model.version()) {
                latest = Some(model);
            }
        }
    }
    latest
}

fn folders() -> Vec<PathBuf> {
    let named = std::env::var("AWS_DATA_PATH").unwrap_or_default();
    let named = named.split(':').filter(|path| !path.is_empty()).map(paramfile::expand);
    named.chain([paramfile::expand(USUAL_FOLDER)]).collect()
}

impl Model {
    /// The date that names this version of the API.
    pub(super) fn version(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Reads the facts.
    pub(super) fn read(&self) -> Result<Service, Failure> {
        let source = load(&self.folder.join(SERVICE))?.ok_or_else(|| self.unusable("it is not there"))?;
        let protocol = source["metadata"]["protocol"].as_str().unwrap_or_default();
        if protocol != "rest-json" {
            return Err(self.unusable(format!("it speaks {protocol}, and only rest-json is spoken here")));
        }
        let mut facts = head(&self.name, &source["metadata"]);
        facts.insert("operations".to_owned(), each(&source["operations"], operation));
        facts.insert("shapes".to_owned(), each(&source["shapes"], shape));
        if let Some(source) = load(&self.folder.join(PAGINATORS))? {
            facts.insert("paginators".to_owned(), each(&source["pagination"], paginator));
        }
        if let Some(source) = load(&self.folder.join(WAITERS))? {
            facts.insert("waiters".to_owned(), each(&source["waiters"], waiter));
        }
        serde_json::from_value(Value::Object(facts)).map_err(|error| self.unusable(error))
    }

    fn unusable(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::Other(format!("The model in {} cannot be used: {problem}", self.folder.display()))
    }
}

fn load(path: &Path) -> Result<Option<Value>, Failure> {
    let Ok(bytes) = fs::read(path) else { return Ok(None) };
    let unreadable = |error| Failure::Other(format!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).map(Some).map_err(unreadable)
}

fn head(name: &str, metadata: &Value) -> Map<String, Value> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| metadata[*key].as_str()).unwrap_or(name).to_owned();
    let head = json!({
        "name": name,
        "serviceId": text(&["serviceId"]),
        "fullName": text(&["serviceFullName", "serviceId"]),
        "apiVersion": text(&["apiVersion"]),
        "endpointPrefix": text(&["endpointPrefix"]),
        "signingName": text(&["signingName", "endpointPrefix"]),
    });
    head.as_object().cloned().unwrap_or_default()
}

/// Makes something of each entry; what nothing can be made of is left out.
fn each(source: &Value, make: fn(&Value) -> Option<Value>) -> Value {
    let entries = source.as_object().into_iter().flatten();
    Value::Object(entries.filter_map(|(name, value)| Some((name.clone(), make(value)?))).collect())
}

/// The facts of these names.
fn only(source: &Value, names: &[&str]) -> Map<String, Value> {
    let known = names.iter().filter_map(|name| Some(((*name).to_owned(), source.get(*name)?.clone())));
    known.filter(|(_, value)| !value.is_null()).collect()
}

fn operation(source: &Value) -> Option<Value> {
    let mut facts = only(&source["http"], &["method", "requestUri", "responseCode"]);
    for name in ["input", "output"] {
        if let Some(shape) = source[name]["shape"].as_str() {
            facts.insert(name.to_owned(), shape.into());
        }
    }
    let errors = source["errors"].as_array().into_iter().flatten().map(|error| error["shape"].clone());
    facts.insert("errors".to_owned(), errors.collect());
    let unsigned = source["authtype"] == "v4-unsigned-body" || source["unsignedPayload"] == true;
    facts.insert("unsignedPayload".to_owned(), unsigned.into());
    facts.contains_key("method").then_some(Value::Object(facts))
}

fn shape(source: &Value) -> Option<Value> {
    let mut facts = only(source, &SHAPE_FACTS);
    // A single character is a text like any other.
    if source["type"] == "character" {
        facts.insert("type".to_owned(), "string".into());
    }
    if let Some(members) = source.get("members") {
        facts.insert("members".to_owned(), each(members, member));
    }
    for name in ["member", "key", "value"] {
        facts.extend(source.get(name).and_then(member).map(|member| (name.to_owned(), member)));
    }
    if let Some(status) = source["error"].get("httpStatusCode") {
        facts.insert("status".to_owned(), status.clone());
    }
    Some(Value::Object(facts))
}

fn member(source: &Value) -> Option<Value> {
    let mut facts = only(source, &MEMBER_FACTS);
    // Streaming and the like may stand at the reference; here they belong to the shape.
    facts.retain(|name, value| name != "location" || value.is_string());
    if source["location"] == "statusCode" {
        facts.insert("location".to_owned(), "statuscode".into());
    }
    facts.contains_key("shape").then_some(Value::Object(facts))
}

fn paginator(source: &Value) -> Option<Value> {
    let facts = only(source, &PAGINATOR_FACTS);
    let is_whole = ["input_token", "output_token", "result_key"].iter().all(|name| facts.contains_key(*name));
    is_whole.then_some(Value::Object(facts))
}

fn waiter(source: &Value) -> Option<Value> {
    let mut facts = only(source, &WAITER_FACTS);
    let acceptors = source["acceptors"].as_array().into_iter().flatten();
    let acceptors = acceptors.map(|acceptor| Value::Object(only(acceptor, &ACCEPTOR_FACTS))).collect();
    facts.insert("acceptors".to_owned(), acceptors);
    Some(Value::Object(facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that goes away again.
    struct Folder(PathBuf);

    impl Folder {
        fn new(files: &[(&str, Value)]) -> Self {
            let path = std::env::temp_dir().join(format!("switchboard-models-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a temporary folder");
            for (name, value) in files {
                fs::write(path.join(name), value.to_string()).expect("it takes files");
            }
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            // What is left behind is a temporary folder.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_model_of_awss_is_read() {
        let service = json!({
            "version": "2.0",
            "metadata": {"protocol": "rest-json", "serviceId": "My Things", "endpointPrefix": "things", "apiVersion": "2020-01-01"},
            "operations": {"ListThings": {
                "name": "ListThings", "http": {"method": "GET", "requestUri": "/things"}, "documentation": "<p>All.</p>",
                "input": {"shape": "In"}, "output": {"shape": "Out"}, "errors": [{"shape": "Gone", "documentation": "x"}],
            }},
            "shapes": {
                "In": {"type": "structure", "members": {"Next": {"shape": "S", "location": "querystring", "locationName": "n"}}},
                "Out": {"type": "structure", "members": {
                    "Things": {"shape": "L"}, "More": {"shape": "D"}, "Status": {"shape": "S", "location": "statusCode"},
                }},
                "L": {"type": "list", "member": {"shape": "S"}},
                "S": {"type": "string", "documentation": "x"},
                "D": {"type": "structure", "members": {}, "document": true},
                "Gone": {"type": "structure", "members": {}, "error": {"httpStatusCode": 404, "senderFault": true}, "exception": true},
            },
        });
        let paginators = json!({"pagination": {
            "ListThings": {"input_token": "Next", "output_token": "Next", "result_key": "Things"},
            "Odd": {"input_token": "Next"},
        }});
        let folder = Folder::new(&[(SERVICE, service), (PAGINATORS, paginators)]);
        let model = Model { name: "things".to_owned(), folder: folder.0.clone() };
        let service = model.read().expect("it is one");
        assert_eq!(
            (service.signing_name.as_str(), service.operations["ListThings"].request_uri.as_str()),
            ("things", "/things")
        );
        assert!(service.shapes["D"].document && service.shapes["Gone"].status == Some(404));
        assert!(service.paginators.contains_key("ListThings") && service.paginators.len() == 1);
    }

    #[test]
    fn a_name_is_no_path() {
        assert!(find("../x").is_none() && find("").is_none() && find("no-such-service-at-all").is_none());
    }
}
