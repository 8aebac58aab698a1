//! `--generate-cli-skeleton`: what the input or the output of an operation looks like.
//!
//! The input form can be filled in and given back as `--cli-input-json`. The output form stands in for an answer, so
//! that a script can be written before there is one: each text is the name of its member.

use serde_json::{Map, Value};
use switchboard_model::{Member, Operation, Service, Shape, Type};

use crate::errors::Failure;
use crate::{shapes, validate};

/// The input with empty values, in the model's order; an enumeration shows its first value.
pub(crate) fn input(service: &Service, operation: &Operation) -> Value {
    match &operation.input {
        Some(name) => Generator { service, names: false, open: Vec::new() }.shape(name, ""),
        None => Value::Object(Map::new()),
    }
}

/// A made-up answer.
///
/// # Errors
/// Where the model forbids the made-up values: `aws` checks its stand-in too, and fails in the same places.
pub(crate) fn output(service: &Service, operation: &Operation) -> Result<Value, Failure> {
    let Some(name) = &operation.output else { return Ok(Value::Object(Map::new())) };
    let value = Generator { service, names: true, open: Vec::new() }.shape(name, "");
    if let (Some(shape), Value::Object(map)) = (shapes::output(service, operation), &value) {
        validate::check(service, shape, map)?;
    }
    Ok(value)
}

struct Generator<'s> {
    service: &'s Service,
    /// Whether a text is the name of its member or empty.
    names: bool,
    /// The structures that are being written, to end recursion.
    open: Vec<&'s str>,
}

impl<'s> Generator<'s> {
    fn shape(&mut self, shape_name: &'s str, member_name: &str) -> Value {
        let Some(shape) = self.service.shape(shape_name) else { return Value::Null };
        match shape.kind {
            Type::Structure => self.structure(shape_name, shape),
            Type::List => {
                let element = shape.member.as_ref();
                let name = if self.names { element.map(|member| member.shape.as_str()) } else { None };
                Value::Array(vec![self.member(element, name.unwrap_or_default())])
            }
            Type::Map => {
                let value = self.member(shape.value.as_ref(), "");
                Value::Object(Map::from_iter([("KeyName".to_owned(), value)]))
            }
            Type::String if self.names => Value::from(member_name),
            Type::String => Value::from(shape.values.first().map_or("", String::as_str)),
            Type::Integer | Type::Long => Value::from(0),
            Type::Float | Type::Double => Value::from(0.0),
            Type::Boolean => Value::Bool(true),
            Type::Timestamp => Value::from("1970-01-01T00:00:00"),
            Type::Blob => Value::Null,
        }
    }

    /// A structure inside itself is written once more, as an empty one.
    fn structure(&mut self, name: &'s str, shape: &'s Shape) -> Value {
        if self.open.contains(&name) {
            return Value::Object(Map::new());
        }
        self.open.push(name);
        let members = shape.members.iter().map(|(name, member)| (name.clone(), self.shape(&member.shape, name)));
        let members = members.collect();
        self.open.pop();
        Value::Object(members)
    }

    fn member(&mut self, member: Option<&'s Member>, name: &str) -> Value {
        member.map_or(Value::Null, |member| self.shape(&member.shape, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, python};

    /// Skeletons as botocore makes them, with the first value of every enumeration.
    const INPUTS: &str = include_str!("../testdata/skeleton-inputs.txt");
    const OUTPUTS: &str = include_str!("../testdata/skeleton-outputs.txt");

    /// Goes through blocks of the form `$ service operation`, newline, text.
    fn each_block(blocks: &str, check: impl Fn(&Service, &Operation, &str)) {
        for block in blocks.split("$ ").skip(1) {
            let (command, expected) = block.split_once('\n').expect("a command and its output");
            let (service, operation) = command.split_once(' ').expect("two names");
            let service = catalog::service(service).expect("it exists");
            let (_, operation) = catalog::operation(&service, operation).expect("it exists");
            check(&service, operation, expected.trim_end());
        }
    }

    #[test]
    fn inputs_are_those_of_aws() {
        each_block(INPUTS, |service, operation, expected| {
            assert_eq!(python::pretty_json(&input(service, operation), true), expected);
        });
    }

    #[test]
    fn outputs_are_those_of_aws() {
        each_block(OUTPUTS, |service, operation, expected| {
            let text = match output(service, operation) {
                Ok(value) => python::pretty_json(&value, true),
                Err(Failure::Parameters(problem)) => problem,
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(text, expected);
        });
    }
}
