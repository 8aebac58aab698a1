//! The API facts of the services, read from `models/` into types.
//!
//! One file per AWS service holds what its interface is: operations, HTTP bindings, shapes, constraints, errors,
//! paginators and waiters. The files are made by `cargo xtask models`; this crate only reads them. It does no I/O:
//! bytes come in, types come out. Names inside the files are the ones of the AWS service models (`locationName`,
//! `idempotencyToken`, …), so that a fact can be looked up where it came from.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Everything known about one service's interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// The name of the file and of the `aws` command, such as `connectparticipant`.
    pub name: String,
    /// The service's own id, such as `ConnectParticipant`.
    pub service_id: String,
    /// The name people read, such as `Amazon Connect Participant Service`.
    pub full_name: String,
    /// The date that names this version of the API.
    pub api_version: String,
    /// The first label of the AWS host name, such as `participant.connect`.
    pub endpoint_prefix: String,
    /// The service name inside a SigV4 credential scope.
    pub signing_name: String,
    /// Operations by name, in the model's order.
    pub operations: IndexMap<String, Operation>,
    /// Shapes by name, in the model's order.
    pub shapes: IndexMap<String, Shape>,
    /// Paginators by operation name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub paginators: IndexMap<String, Paginator>,
    /// Waiters by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub waiters: IndexMap<String, Waiter>,
}

impl Service {
    /// Reads one file of `models/`.
    ///
    /// # Errors
    /// When the bytes are not such a file.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The shape of that name.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }
}

/// One operation and how it is bound to HTTP.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// `GET`, `PUT`, `POST`, `PATCH` or `DELETE`.
    pub method: String,
    /// The path with `{Label}` segments, sometimes with a constant query.
    pub request_uri: String,
    /// The status of a success; 200 where the model says nothing.
    #[serde(default = "ok", skip_serializing_if = "is_ok")]
    pub response_code: u16,
    /// The input structure's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The output structure's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Names of the modelled errors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// The body is not part of the signature (`UNSIGNED-PAYLOAD`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub unsigned_payload: bool,
    /// Marked safe to repeat by the model.
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotent: bool,
}

/// What kind of value a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the model's own")]
pub enum Type {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// One shape: a type with its members and limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shape {
    /// The kind of value.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Members of a structure, in the model's order.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub members: IndexMap<String, Member>,
    /// Names of the members that must be present.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// The element of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    /// The key of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Member>,
    /// The value of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Member>,
    /// The values a string may have.
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Lowest number, shortest string, smallest collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest number, longest string, largest collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// A regular expression the whole string must match, in Java's dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// `unixTimestamp` or `iso8601`, where it differs from the protocol's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_format: Option<String>,
    /// The member that is the whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The HTTP status of an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A structure that is an error.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exception: bool,
    /// An error that is the server's fault.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fault: bool,
    /// Any JSON value at all, whose members are not modelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub document: bool,
    /// Exactly one member is set.
    #[serde(default, skip_serializing_if = "is_false")]
    pub union: bool,
    /// A value that must not be logged.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// A body that is streamed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub streaming: bool,
    /// A structure whose members are the events of a stream.
    #[serde(default, skip_serializing_if = "is_false")]
    pub eventstream: bool,
    /// One event of a stream.
    #[serde(default, skip_serializing_if = "is_false")]
    pub event: bool,
}

/// A reference to a shape from a structure, list or map.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// The shape's name.
    pub shape: String,
    /// Where the member travels; the body when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Its name there, where it differs from the member's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    /// Filled with a fresh UUID by clients when absent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotency_token: bool,
    /// A JSON value carried as base64 in a header.
    #[serde(default, skip_serializing_if = "is_false")]
    pub jsonvalue: bool,
    /// The model advises against its use.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
}

/// Where a member travels outside the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the model's own")]
pub enum Location {
    Uri,
    Querystring,
    Header,
    Headers,
    StatusCode,
}

/// How the pages of a listing are chained.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paginator {
    /// Input members that take the token.
    pub input_token: OneOrMany,
    /// Output members (JMESPath) that give the next one.
    pub output_token: OneOrMany,
    /// The input member for the page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_key: Option<String>,
    /// Output members that grow from page to page.
    pub result_key: OneOrMany,
    /// Output members that are the same on each page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_aggregate_keys: Option<Vec<String>>,
    /// The output member that says whether there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_results: Option<String>,
}

/// One name or several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the names say it")]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Polls an operation until a condition holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiter {
    /// The operation to call.
    pub operation: String,
    /// Seconds between calls.
    pub delay: u32,
    /// Calls before giving up.
    pub max_attempts: u32,
    /// Conditions, tried in order.
    pub acceptors: Vec<Acceptor>,
}

/// One condition of a waiter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptor {
    /// `success`, `failure` or `retry`.
    pub state: String,
    /// `path`, `pathAll`, `pathAny`, `status` or `error`.
    pub matcher: String,
    /// What the matched value must be.
    pub expected: serde_json::Value,
    /// The JMESPath expression of the `path` matchers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
}

fn ok() -> u16 {
    200
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_ok(status: &u16) -> bool {
    *status == 200
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}
