//! From the text of options to the values of the input's members.
//!
//! The model decides how a text is read: a number, a text, JSON or shorthand. Checking the result is the business of
//! `validate`; here a text that cannot be a value at all is refused.

use serde_json::{Map, Value};
use switchboard_model::{Member, Service, Shape, Type};

use crate::args::{Arguments, Given};
use crate::errors::Failure;
use crate::naming::kebab;
use crate::paramfile::{self, Content};
use crate::{python, shapes, shorthand};

/// The input of an operation.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    /// The members, those given as options first.
    pub(crate) members: Map<String, Value>,
    /// The bytes of the member that is the whole body; its place in `members` holds an empty text.
    pub(crate) stream: Option<Vec<u8>>,
}

/// Brings together what the options and `--cli-input-json` say. An option replaces the whole member.
pub(crate) fn collect(
    service: &Service,
    input: Option<&Shape>,
    arguments: &Arguments<'_>,
) -> Result<Parameters, Failure> {
    let mut parameters = Parameters::default();
    let Some(input) = input else { return Ok(parameters) };
    let stream = shapes::stream(service, input);
    for (name, member) in &input.members {
        let Some(given) = arguments.given.get(name.as_str()) else { continue };
        let option = format!("--{}", kebab(name));
        let value = if let (Some(true), Given::Word(path)) = (stream.map(|stream| stream == name), given) {
            parameters.stream = Some(read_stream(&option, path)?);
            Value::from("")
        } else {
            Reader { service, option: &option, member: name }.given(member, given)?
        };
        parameters.members.insert(name.clone(), value);
    }
    if let Some(text) = &arguments.cli_input_json {
        for (name, value) in cli_input_json(text)? {
            parameters.members.entry(name).or_insert(value);
        }
    }
    Ok(parameters)
}

fn cli_input_json(value: &str) -> Result<Map<String, Value>, Failure> {
    let text = paramfile::text(value).map_err(|problem| Failure::parsing("cli-input-json", problem))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => Err(Failure::parsing(
            "--cli-input-json",
            format!("Invalid type: expecting map, received {}", python::class(&other)),
        )),
        Err(_) => Err(Failure::parsing("cli-input-json", "Invalid JSON received.")),
    }
}

/// A body that is plain bytes is given as a path, without a prefix.
fn read_stream(option: &str, path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(paramfile::expand(path))
        .map_err(|_| Failure::parsing(option, "Blob values must be a path to a file."))
}

/// Reads the value of one option.
struct Reader<'a> {
    service: &'a Service,
    option: &'a str,
    member: &'a str,
}

impl Reader<'_> {
    fn given(&self, member: &Member, given: &Given) -> Result<Value, Failure> {
        match given {
            Given::Switch(on) => Ok(Value::Bool(*on)),
            Given::Word(word) => self.word(member, &self.text(member, word)?),
            Given::Words(words) => self.words(member, words),
        }
    }

    /// The word itself, or what the file it names holds.
    fn text(&self, member: &Member, word: &str) -> Result<String, Failure> {
        let is_text = self.shape(member)?.kind == Type::String;
        match paramfile::read(word).map_err(|problem| Failure::parsing(self.option, problem))? {
            None => Ok(word.to_owned()),
            Some(Content::Text(text)) => Ok(text),
            Some(Content::Bytes(bytes)) if is_text => Err(Failure::Parameters(format!(
                "Parameter validation failed:\nInvalid type for parameter {}, value: b'{}', type: <class 'bytes'>, \
                 valid types: <class 'str'>",
                self.member,
                bytes.escape_ascii()
            ))),
            Some(Content::Bytes(bytes)) => {
                String::from_utf8(bytes).map_err(|_| Failure::parsing(self.option, "The file is not text"))
            }
        }
    }

    /// A list: JSON when its only word looks so, else one element a word.
    fn words(&self, member: &Member, words: &[String]) -> Result<Value, Failure> {
        let list = self.shape(member)?;
        let Some(element) = &list.member else { return Err(self.unreadable("a list of nothing")) };
        if let [only] = words {
            let text = self.text(member, only)?;
            if text.trim_start().starts_with('[') {
                return self.json(&text);
            }
            return Ok(Value::Array(vec![self.word(element, &text)?]));
        }
        words.iter().map(|word| self.word(element, word)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    fn word(&self, member: &Member, text: &str) -> Result<Value, Failure> {
        if shapes::is_json_header(member) {
            return self.json(text);
        }
        let shape = self.shape(member)?;
        match shape.kind {
            Type::String | Type::Timestamp | Type::Blob => Ok(Value::from(text)),
            Type::Integer | Type::Long => python::int(text)
                .map(Value::Number)
                .ok_or_else(|| Failure::Other(format!("invalid literal for int() with base 10: '{text}'"))),
            Type::Float | Type::Double => python::float(text)
                .map(Value::Number)
                .ok_or_else(|| Failure::Other(format!("could not convert string to float: '{text}'"))),
            Type::Boolean => Ok(Value::Bool(!text.is_empty() && !text.eq_ignore_ascii_case("false"))),
            Type::Structure | Type::Map | Type::List => self.structured(shape, text),
        }
    }

    /// JSON when it begins so, else shorthand.
    fn structured(&self, shape: &Shape, text: &str) -> Result<Value, Failure> {
        match (text.trim_start().chars().next(), shape.kind) {
            (Some('{'), Type::Structure | Type::Map) | (Some('['), Type::List) => self.json(text),
            (Some('['), _) => Err(self.unreadable(format!("Invalid JSON:\n{text}"))),
            _ => {
                let parsed = shorthand::parse(text).map_err(|problem| self.unreadable(problem))?;
                self.typed(shape, parsed)
            }
        }
    }

    /// Gives the texts of shorthand the types that the model asks for. What does not fit is left for validation.
    fn typed(&self, shape: &Shape, value: Value) -> Result<Value, Failure> {
        match (shape.kind, value) {
            (Type::Structure, Value::Object(map)) => self.typed_entries(map, |name| shape.members.get(name)),
            (Type::Map, Value::Object(map)) => self.typed_entries(map, |_| shape.value.as_ref()),
            (Type::List, Value::Array(items)) => {
                let items = items.into_iter().map(|item| self.typed_member(shape.member.as_ref(), item));
                items.collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            (Type::List, single) => Ok(Value::Array(vec![self.typed_member(shape.member.as_ref(), single)?])),
            (Type::Boolean, Value::String(text)) => Ok(match text.to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::String(text),
            }),
            (Type::Integer | Type::Long, Value::String(text)) => python::int(&text)
                .map(Value::Number)
                .ok_or_else(|| self.unreadable(format!("invalid literal for int() with base 10: '{text}'"))),
            (Type::Float | Type::Double, Value::String(text)) => python::float(&text)
                .map(Value::Number)
                .ok_or_else(|| self.unreadable(format!("could not convert string to float: '{text}'"))),
            (_, value) => Ok(value),
        }
    }

    fn typed_entries<'m>(
        &self,
        map: Map<String, Value>,
        member: impl Fn(&str) -> Option<&'m Member>,
    ) -> Result<Value, Failure> {
        let entries = map.into_iter().map(|(name, value)| {
            let value = self.typed_member(member(&name), value)?;
            Ok((name, value))
        });
        entries.collect::<Result<Map<_, _>, _>>().map(Value::Object)
    }

    fn typed_member(&self, member: Option<&Member>, value: Value) -> Result<Value, Failure> {
        match member.and_then(|member| self.service.shape(&member.shape)) {
            Some(shape) => self.typed(shape, value),
            None => Ok(value),
        }
    }

    fn json(&self, text: &str) -> Result<Value, Failure> {
        serde_json::from_str(text)
            .map_err(|error| self.unreadable(format!("Invalid JSON: {error}\nJSON received: {text}")))
    }

    fn shape(&self, member: &Member) -> Result<&Shape, Failure> {
        self.service.shape(&member.shape).ok_or_else(|| Failure::Other(format!("There is no shape {}", member.shape)))
    }

    fn unreadable(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::parsing(self.option, problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args, catalog};
    use serde_json::json;

    fn read(words: &[&str]) -> Result<Parameters, Failure> {
        let command = args::split(words.iter().map(|&word| word.to_owned()).collect())?;
        let service = catalog::service(&command.service)?;
        let (_, operation) = catalog::operation(&service, &command.operation)?;
        let arguments = args::parse(&service, operation, &command.rest)?;
        collect(&service, shapes::input(&service, operation), &arguments)
    }

    fn members(words: &[&str]) -> Value {
        Value::Object(read(words).expect("it can be read").members)
    }

    #[test]
    fn structures_are_json_or_shorthand() {
        let expected = json!({"InstanceId": "i", "LexBot": {"Name": "n", "LexRegion": "r"}});
        for bot in [r#"{"Name":"n","LexRegion":"r"}"#, r#"  {"Name":"n","LexRegion":"r"}"#, "Name=n,LexRegion=r"] {
            assert_eq!(members(&["connect", "associate-bot", "--lex-bot", bot, "--instance-id", "i"]), expected);
        }
        for (bot, problem) in
            [("[1]", "Invalid JSON:\n[1]"), ("Name", "Expected: '=', received: 'EOF' for input:\nName\n    ^")]
        {
            let failure =
                read(&["connect", "associate-bot", "--instance-id", "i", "--lex-bot", bot]).expect_err("wrong");
            assert_eq!(failure, Failure::Parameters(format!("Error parsing parameter '--lex-bot': {problem}")));
        }
    }

    #[test]
    fn lists_are_words_or_json() {
        let base = ["connect", "untag-resource", "--resource-arn", "a", "--tag-keys"];
        for (words, expected) in [
            (vec![], json!([])),
            (vec!["x", "y"], json!(["x", "y"])),
            (vec![r#"["x","y"]"#], json!(["x", "y"])),
            (vec![r#"["x"]"#, "y"], json!([r#"["x"]"#, "y"])),
        ] {
            let words: Vec<_> = base.into_iter().chain(words).collect();
            assert_eq!(members(&words)["tagKeys"], expected);
        }
    }

    #[test]
    fn shorthand_gets_the_types_of_the_model() {
        let words = ["connect", "search-queues", "--instance-id", "i", "--search-criteria"];
        let criteria =
            "OrConditions=[{StringCondition={FieldName=name,Value=5}}],AndConditions={QueueTypeCondition=STANDARD}";
        let words: Vec<_> = words.into_iter().chain([criteria]).collect();
        let expected = json!({
            "OrConditions": [{"StringCondition": {"FieldName": "name", "Value": "5"}}],
            "AndConditions": [{"QueueTypeCondition": "STANDARD"}],
        });
        assert_eq!(members(&words)["SearchCriteria"], expected);
        let words = ["ivs-realtime", "create-encoder-configuration", "--video", "width=640,framerate=29.5"];
        assert_eq!(members(&words)["video"], json!({"width": 640, "framerate": 29.5}));
    }

    #[test]
    fn options_win_over_the_whole_input() {
        let whole = r#"{"LexVersion":"V1","MaxResults":5}"#;
        let words = ["connect", "list-bots", "--cli-input-json", whole, "--lex-version", "V2"];
        assert_eq!(members(&words), json!({"LexVersion": "V2", "MaxResults": 5}));
        let failure = |whole: &str| read(&["connect", "list-bots", "--cli-input-json", whole]).expect_err("wrong");
        let expected = "Error parsing parameter 'cli-input-json': Invalid JSON received.";
        assert_eq!(failure("{oops"), Failure::Parameters(expected.to_owned()));
        let expected =
            "Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>";
        assert_eq!(failure("[]"), Failure::Parameters(expected.to_owned()));
    }

    #[test]
    fn numbers_switches_and_files() {
        let failure =
            read(&["connect", "list-queues", "--instance-id", "i", "--max-results", "abc"]).expect_err("wrong");
        assert_eq!(failure, Failure::Other("invalid literal for int() with base 10: 'abc'".to_owned()));
        let words =
            ["connectparticipant", "send-message", "--content-type", "t", "--connection-token", "c", "--content"];
        let words: Vec<_> = words.into_iter().chain(["file://nope.txt"]).collect();
        let expected = "Error parsing parameter '--content': Unable to load paramfile file://nope.txt: \
                        [Errno 2] No such file or directory: 'nope.txt'";
        assert_eq!(read(&words).expect_err("no such file"), Failure::Parameters(expected.to_owned()));
    }
}
