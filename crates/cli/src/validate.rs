//! Checks the input before anything is sent, and names every problem at once.
//!
//! The checks, and the words of the report, are those of the Python clients: types, required and unknown members,
//! the lower limits, and that a union has one member. Upper limits, patterns and enumerations are left to the
//! service, so a newer service may allow more than the model at hand.

use switchboard_model::{Member, Service, Shape, Type};

use crate::errors::Failure;
use crate::value::{Map, Value};
use crate::{python, shapes, timestamps};

/// Checks `input` against `shape`.
///
/// # Errors
/// Lists all problems, one a line.
pub(crate) fn check(service: &Service, shape: &Shape, input: &Map) -> Result<(), Failure> {
    let mut validator = Validator { service, problems: Vec::new() };
    validator.structure(shape, input, "");
    if validator.problems.is_empty() {
        return Ok(());
    }
    Err(Failure::Parameters(format!("Parameter validation failed:\n{}", validator.problems.join("\n"))))
}

struct Validator<'s> {
    service: &'s Service,
    problems: Vec<String>,
}

impl Validator<'_> {
    fn structure(&mut self, shape: &Shape, input: &Map, path: &str) {
        if shape.union {
            self.union(shape, input, path);
        }
        for name in shape.required.iter().filter(|name| !input.contains_key(*name)) {
            self.problems.push(format!("Missing required parameter in {}: \"{name}\"", called(path)));
        }
        for name in input.keys().filter(|name| !shape.members.contains_key(*name)) {
            self.problems.push(format!(
                "Unknown parameter in {}: \"{name}\", must be one of: {}",
                called(path),
                member_names(shape)
            ));
        }
        for (name, value) in input {
            if let Some(member) = shape.members.get(name) {
                self.member(member, value, &format!("{path}.{name}"));
            }
        }
    }

    fn union(&mut self, shape: &Shape, input: &Map, path: &str) {
        let keys = || shape.members.keys().map(String::as_str).collect::<Vec<_>>().join(". ");
        match input.len() {
            0 => self.problems.push(format!(
                "Must set one of the following keys for tagged unionstructure {}: {}.",
                called(path),
                keys()
            )),
            1 => {}
            _ => self.problems.push(format!(
                "Invalid number of parameters set for tagged union structure {}. Can only set one of the following \
                 keys: {}.",
                called(path),
                keys()
            )),
        }
    }

    fn member(&mut self, member: &Member, value: &Value, path: &str) {
        if shapes::is_json_header(member) {
            return;
        }
        if let Some(shape) = self.service.shape(&member.shape) {
            self.value(shape, value, path);
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value, path: &str) {
        match (shape.kind, value) {
            // What is not modelled cannot be checked.
            (Type::Structure, _) if shape.document => {}
            (Type::Structure, Value::Map(map)) => self.structure(shape, map, path),
            (Type::Map, Value::Map(map)) => self.map(shape, map, path),
            (Type::List, Value::List(items)) => self.list(shape, items, path),
            (Type::String, Value::Text(text)) => self.length(shape, text.chars().count(), path),
            (Type::Integer | Type::Long, Value::Int(_)) => self.range(shape, value, path),
            (Type::Float | Type::Double, Value::Int(_) | Value::Float(_)) => self.range(shape, value, path),
            // To Python a boolean is a number as well.
            (Type::Integer | Type::Long | Type::Float | Type::Double, Value::Bool(_)) => {}
            (Type::Boolean, Value::Bool(_)) => {}
            (Type::Blob, Value::Text(_) | Value::Bytes(_)) => {}
            (Type::Timestamp, value) if is_moment(value) => {}
            (kind, value) => self.problems.push(format!(
                "Invalid type for parameter {}, value: {}, type: {}, valid types: {}",
                called(path),
                python::display(value),
                python::class(value),
                valid_classes(kind)
            )),
        }
    }

    fn list(&mut self, shape: &Shape, items: &[Value], path: &str) {
        self.length(shape, items.len(), path);
        if let Some(member) = &shape.member {
            for (index, item) in items.iter().enumerate() {
                self.member(member, item, &format!("{path}[{index}]"));
            }
        }
    }

    fn map(&mut self, shape: &Shape, map: &Map, path: &str) {
        for (key, value) in map {
            if let Some(member) = &shape.key {
                self.member(member, &Value::from(key.as_str()), &format!("{path} (key: {key})"));
            }
            if let Some(member) = &shape.value {
                self.member(member, value, &format!("{path}.{key}"));
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a length beyond 2^52 does not occur")]
    fn length(&mut self, shape: &Shape, length: usize, path: &str) {
        if let Some(min) = shape.min.filter(|&min| (length as f64) < min) {
            let path = called(path);
            self.problems
                .push(format!("Invalid length for parameter {path}, value: {length}, valid min length: {min}"));
        }
    }

    fn range(&mut self, shape: &Shape, value: &Value, path: &str) {
        if let (Some(min), Some(number)) = (shape.min, number(value))
            && number < min
        {
            let (path, value) = (called(path), python::display(value));
            self.problems.push(format!("Invalid value for parameter {path}, value: {value}, valid min value: {min}"));
        }
    }
}

/// A date alone is not taken for a point in time, though its text is.
fn is_moment(value: &Value) -> bool {
    !matches!(value, Value::Time(moment) if moment.is_date()) && timestamps::read(value).is_some()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(int) => Some(int.to_f64()),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

/// The whole input has no name of its own.
fn called(path: &str) -> &str {
    match path.strip_prefix('.').unwrap_or(path) {
        "" => "input",
        path => path,
    }
}

fn member_names(shape: &Shape) -> String {
    shape.members.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn valid_classes(kind: Type) -> &'static str {
    match kind {
        Type::Structure | Type::Map => "<class 'dict'>",
        Type::List => "<class 'list'>, <class 'tuple'>",
        Type::String => "<class 'str'>",
        Type::Integer | Type::Long => "<class 'int'>",
        Type::Float | Type::Double => "<class 'float'>, <class 'decimal.Decimal'>, <class 'int'>",
        Type::Boolean => "<class 'bool'>",
        Type::Timestamp => "<class 'datetime.datetime'>, timestamp-string",
        Type::Blob => "<class 'bytes'>, <class 'bytearray'>, file-like object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use serde_json::json;

    fn problems(service: &str, command: &str, input: serde_json::Value) -> String {
        let service = catalog::service(service).expect("the file is good");
        let (_, operation) = catalog::operation(&service, command).expect("it exists");
        let shape = shapes::input(&service, operation).expect("it takes something");
        let Value::Map(input) = Value::from(input) else { panic!("not an object") };
        match check(&service, shape, &input) {
            Ok(()) => String::new(),
            Err(Failure::Parameters(message)) => message,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_problem_is_named_as_botocore_names_it() {
        let input = json!({"InstanceId": "", "LexBot": {"Name": 5, "Nope": 1}});
        let expected = "Parameter validation failed:\n\
            Invalid length for parameter InstanceId, value: 0, valid min length: 1\n\
            Missing required parameter in LexBot: \"LexRegion\"\n\
            Unknown parameter in LexBot: \"Nope\", must be one of: Name, LexRegion\n\
            Invalid type for parameter LexBot.Name, value: 5, type: <class 'int'>, valid types: <class 'str'>";
        assert_eq!(problems("connect", "associate-bot", input), expected);
    }

    #[test]
    fn lists_and_numbers() {
        let input = json!({"InstanceId": "x", "MaxResults": -5, "SearchCriteria": {"AndConditions": [5, true, null]}});
        let expected = "Parameter validation failed:\n\
            Invalid value for parameter MaxResults, value: -5, valid min value: 1\n\
            Invalid type for parameter SearchCriteria.AndConditions[0], value: 5, type: <class 'int'>, valid types: <class 'dict'>\n\
            Invalid type for parameter SearchCriteria.AndConditions[1], value: True, type: <class 'bool'>, valid types: <class 'dict'>\n\
            Invalid type for parameter SearchCriteria.AndConditions[2], value: None, type: <class 'NoneType'>, valid types: <class 'dict'>";
        assert_eq!(problems("connect", "search-queues", input), expected);
    }

    #[test]
    fn upper_limits_and_enumerations_are_the_services_business() {
        let input = json!({"InstanceId": "x", "MaxResults": 99_999, "LexVersion": "V9"});
        assert_eq!(problems("connect", "list-bots", input), "");
    }

    #[test]
    fn the_input_itself_is_called_input() {
        let expected = "Parameter validation failed:\n\
            Missing required parameter in input: \"InstanceId\"\n\
            Missing required parameter in input: \"LexVersion\"\n\
            Unknown parameter in input: \"bogus\", must be one of: InstanceId, NextToken, MaxResults, LexVersion";
        assert_eq!(problems("connect", "list-bots", json!({"bogus": 1})), expected);
    }
}
