//! `--generate-cli-skeleton`: what the input or the output of an operation looks like.
//!
//! The input form can be filled in and given back as `--cli-input-json` or `--cli-input-yaml`. The output form stands
//! in for an answer, so that a script can be written before there is one: each text is the name of its member.

use switchboard_model::{Member, Operation, Service, Shape, Type};

use crate::errors::Failure;
use crate::help::Texts;
use crate::timestamps::Moment;
use crate::value::{Map, Value};
use crate::yaml::{self, Commented, Entry};
use crate::{shapes, validate};

/// The input with empty values, in the model's order; an enumeration shows its first value.
pub(crate) fn input(service: &Service, operation: &Operation) -> Value {
    match &operation.input {
        Some(name) => Generator { service, names: false, open: Vec::new() }.shape(name, ""),
        None => Value::Map(Map::new()),
    }
}

/// The same as YAML, with what must be there, what it is and what may stand there as comments.
pub(crate) fn yaml_input(service: &Service, name: &str, operation: &Operation) -> String {
    let generator = Generator { service, names: false, open: Vec::new() };
    // Without words there are still the facts.
    let texts = Texts::of(&service.name).unwrap_or_default();
    let commented =
        operation.input.as_deref().map(|shape| Commenter { generator, texts, operation: name }.shape(shape));
    match commented {
        Some(Commented::Map(entries)) => yaml::write_commented(&entries),
        _ => yaml::write_commented(&[]),
    }
}

/// A made-up answer.
///
/// # Errors
/// Where the model forbids the made-up values: `aws` checks its stand-in too, and fails in the same places.
pub(crate) fn output(service: &Service, operation: &Operation) -> Result<Map, Failure> {
    let Some(name) = &operation.output else { return Ok(Map::new()) };
    let value = Generator { service, names: true, open: Vec::new() }.shape(name, "");
    let (Some(shape), Value::Map(map)) = (shapes::output(service, operation), value) else { return Ok(Map::new()) };
    validate::check(service, shape, &map)?;
    Ok(map)
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
            Type::Structure => {
                if !self.enter(shape_name) {
                    return Value::Map(Map::new());
                }
                let members = shape.members.iter();
                let members = members.map(|(name, member)| (name.clone(), self.shape(&member.shape, name))).collect();
                self.open.pop();
                Value::Map(members)
            }
            Type::List => {
                let element = shape.member.as_ref();
                let name = if self.names { element.map(|member| member.shape.as_str()) } else { None };
                Value::List(vec![self.member(element, name.unwrap_or_default())])
            }
            Type::Map => {
                let value = self.member(shape.value.as_ref(), "");
                Value::Map(Map::from_iter([("KeyName".to_owned(), value)]))
            }
            Type::String if self.names => Value::from(member_name),
            Type::String => Value::from(shape.values.first().map_or("", String::as_str)),
            Type::Integer | Type::Long => Value::from(0),
            Type::Float | Type::Double => Value::from(0.0),
            Type::Boolean => Value::Bool(true),
            Type::Timestamp => Value::Time(Moment::EPOCH),
            Type::Blob => Value::Null,
        }
    }

    /// Whether a structure is written in full: inside itself it is written once more, as an empty one.
    fn enter(&mut self, name: &'s str) -> bool {
        let is_new = !self.open.contains(&name);
        if is_new {
            self.open.push(name);
        }
        is_new
    }

    fn member(&mut self, member: Option<&'s Member>, name: &str) -> Value {
        member.map_or(Value::Null, |member| self.shape(&member.shape, name))
    }
}

/// Writes the same values with comments.
struct Commenter<'s> {
    generator: Generator<'s>,
    texts: Texts,
    /// The API's name of the operation.
    operation: &'s str,
}

impl<'s> Commenter<'s> {
    fn shape(&mut self, shape_name: &'s str) -> Commented {
        let service = self.generator.service;
        let Some(shape) = service.shape(shape_name) else { return Commented::Scalar("null".to_owned()) };
        match shape.kind {
            Type::Structure => {
                if !self.generator.enter(shape_name) {
                    return Commented::Map(Vec::new());
                }
                let entries = shape.members.iter().map(|(name, member)| Entry {
                    key: name.clone(),
                    value: self.shape(&member.shape),
                    comment: self.comment(shape_name, shape, name, service.shape(&member.shape)),
                });
                let entries = entries.collect();
                self.generator.open.pop();
                Commented::Map(entries)
            }
            Type::List => Commented::List(Box::new(self.member(shape.member.as_ref()))),
            Type::Map => Commented::Map(vec![Entry {
                key: "KeyName".to_owned(),
                value: self.member(shape.value.as_ref()),
                comment: String::new(),
            }]),
            Type::Blob => Commented::Scalar("!!binary ''".to_owned()),
            _ => {
                let item = yaml::write(&Value::List(vec![self.generator.shape(shape_name, "")]));
                Commented::Scalar(item.trim_start_matches("- ").trim_end().to_owned())
            }
        }
    }

    fn member(&mut self, member: Option<&'s Member>) -> Commented {
        member.map_or(Commented::Scalar("null".to_owned()), |member| self.shape(&member.shape))
    }

    fn comment(&self, parent_name: &str, parent: &Shape, name: &str, shape: Option<&Shape>) -> String {
        let required = parent.required.iter().any(|required| required == name).then(|| "[REQUIRED]".to_owned());
        let about = self.texts.member(self.operation, parent_name, name).map(first_sentence);
        let values = shape.map(|shape| shape.values.as_slice()).unwrap_or_default();
        let choices = (!values.is_empty()).then(|| format!("Valid values are: {}.", values.join(", ")));
        required.into_iter().chain(about).chain(choices).collect::<Vec<_>>().join(" ")
    }
}

fn first_sentence(text: &str) -> String {
    let line = text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    line[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, python, yaml};

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
                Ok(map) => python::pretty_json(&Value::Map(map), true),
                Err(Failure::Parameters(problem)) => problem,
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(text, expected);
        });
    }

    #[test]
    fn yaml_says_what_must_be_there() {
        let service = catalog::service("connect").expect("it exists");
        let (name, operation) = catalog::operation(&service, "list-bots").expect("it exists");
        let yaml = yaml_input(&service, name, operation);
        let lines: Vec<&str> = yaml.lines().collect();
        assert!(lines[0].starts_with("InstanceId: ''  # [REQUIRED] "), "{yaml}");
        assert!(lines[3].starts_with("LexVersion: V1 # [REQUIRED] ") && lines[3].ends_with("V1, V2."), "{yaml}");
    }

    #[test]
    fn yaml_holds_the_same_values() {
        for name in catalog::names() {
            let service = catalog::service(&name).expect("the file is good");
            for (name, operation) in &service.operations {
                let read = yaml::read(&yaml_input(&service, name, operation)).expect("it is YAML");
                let json = python::json(&python::pretty_json(&read, true)).expect("it is JSON");
                let expected = python::json(&python::pretty_json(&input(&service, operation), true)).expect("JSON");
                assert!(json.equals(&expected) || has_bytes(&read), "{name}");
            }
        }
    }

    fn has_bytes(value: &Value) -> bool {
        match value {
            Value::Bytes(_) => true,
            Value::List(items) => items.iter().any(has_bytes),
            Value::Map(map) => map.values().any(has_bytes),
            _ => false,
        }
    }
}
