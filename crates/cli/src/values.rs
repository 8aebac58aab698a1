//! From the texts that were typed to the values of the input.
//!
//! A value goes three ways, as with `aws`: what names a file is replaced by the file; then the text becomes JSON,
//! shorthand or a scalar, as its type asks; then the types of shorthand are mended. What does not fit its type after
//! that is left for validation to report.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use switchboard_model::{Member, Service, Shape, Type};

use crate::args::{Arguments, Given};
use crate::errors::Failure;
use crate::naming::kebab;
use crate::options::Notation;
use crate::paramfile::{self, Content};
use crate::shorthand::{self, Mistake};
use crate::value::{Map, Value};
use crate::{python, shapes, yaml};

/// The input of an operation.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    /// The members, those given as options first.
    pub(crate) members: Map,
    /// The bytes of the member that is the whole body; its place in `members` holds an empty text.
    pub(crate) stream: Option<Vec<u8>>,
    /// The file that these bytes were read from.
    pub(crate) stream_path: Option<String>,
}

/// Brings together what the options and a whole input say. An option replaces the whole member.
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
        let value = match given {
            Given::Word(path) if stream == Some(name) => {
                parameters.stream = Some(read_stream(&option, path)?);
                parameters.stream_path = Some(path.clone());
                Value::from("")
            }
            _ => Reader { service, option: &option }.given(member, given)?,
        };
        // A document that is `null` counts as not given.
        if value != Value::Null {
            parameters.members.insert(name.clone(), value);
        }
    }
    match arguments.cli_input.as_slice() {
        [] => {}
        [(notation, text)] => {
            for (name, value) in whole_input(*notation, text)? {
                parameters.members.entry(name).or_insert(value);
            }
        }
        _ => return Err(Failure::Parameters("Only one --cli-input- parameter may be specified.".to_owned())),
    }
    Ok(parameters)
}

fn whole_input(notation: Notation, value: &str) -> Result<Map, Failure> {
    let (name, option) = (notation.option(), format!("--{}", notation.option()));
    let text = paramfile::text(value).map_err(|problem| Failure::parsing(&option, problem))?;
    let read = match notation {
        Notation::Json => python::json(&text).map_err(|_| Failure::parsing(name, "Invalid JSON received.")),
        Notation::Yaml => yaml::read(&text).map_err(|_| Failure::parsing(name, "Invalid YAML received.")),
    };
    match read? {
        Value::Map(map) => Ok(map),
        other => {
            let problem = format!("Invalid type: expecting map, received {}", python::class(&other));
            Err(Failure::parsing(&option, problem))
        }
    }
}

/// A body that is plain bytes is given as a path, without a prefix.
fn read_stream(option: &str, path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(paramfile::expand(path))
        .map_err(|_| Failure::parsing(option, "Blob values must be a path to a file."))
}

/// Base64 as Python reads it.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Bytes from Base64 text, in which characters that are not of its alphabet do not count.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let known: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')).collect();
    LENIENT_BASE64.decode(known).ok()
}

/// Replaces texts that stand for bytes by these bytes, wherever the model has bytes.
pub(crate) fn decode_blobs(service: &Service, shape: &Shape, value: &mut Value) -> Result<(), Failure> {
    let each = |member: Option<&Member>, value: &mut Value| match member.and_then(|m| service.shape(&m.shape)) {
        Some(shape) => decode_blobs(service, shape, value),
        None => Ok(()),
    };
    match (shape.kind, value) {
        (Type::Structure, Value::Map(map)) => {
            map.iter_mut().try_for_each(|(name, value)| each(shape.members.get(name), value))
        }
        (Type::Map, Value::Map(map)) => map.values_mut().try_for_each(|value| each(shape.value.as_ref(), value)),
        (Type::List, Value::List(items)) => items.iter_mut().try_for_each(|item| each(shape.member.as_ref(), item)),
        (Type::Blob, value) => {
            if let Value::Text(text) = value {
                if !text.is_ascii() {
                    return Err(Failure::Other("string argument should contain only ASCII characters".to_owned()));
                }
                let bytes = base64(text).ok_or_else(|| Failure::Other(format!("Invalid base64: \"{text}\"")))?;
                *value = Value::Bytes(bytes);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Reads the value of one option.
struct Reader<'a> {
    service: &'a Service,
    option: &'a str,
}

impl Reader<'_> {
    fn given(&self, member: &Member, given: &Given) -> Result<Value, Failure> {
        match given {
            Given::Switch(on) => Ok(Value::Bool(*on)),
            Given::Word(word) => match self.file(word)? {
                Some(Content::Bytes(bytes)) => self.bytes(member, bytes),
                Some(Content::Text(text)) => self.word(member, &text),
                None => self.word(member, word),
            },
            Given::Words(words) => self.words(member, words),
        }
    }

    fn file(&self, word: &str) -> Result<Option<Content>, Failure> {
        paramfile::read(word).map_err(|problem| Failure::parsing(self.option, problem))
    }

    /// What a binary file is for: bytes stay bytes, and validation says where none are wanted.
    fn bytes(&self, member: &Member, bytes: Vec<u8>) -> Result<Value, Failure> {
        match self.shape(member)?.kind {
            Type::Blob | Type::String | Type::Timestamp => Ok(Value::Bytes(bytes)),
            _ => match String::from_utf8(bytes) {
                Ok(text) => self.word(member, &text),
                Err(_) => Err(self.unreadable("The file is not text")),
            },
        }
    }

    /// A list: JSON when its only word looks so, else one element a word.
    fn words(&self, member: &Member, words: &[String]) -> Result<Value, Failure> {
        let list = self.shape(member)?;
        let Some(element) = &list.member else { return Err(self.unreadable("a list of nothing")) };
        let [only] = words else { return self.elements(element, words) };
        let text = match self.file(only)? {
            None => only.clone(),
            Some(Content::Text(text)) => text,
            Some(Content::Bytes(bytes)) => {
                String::from_utf8(bytes).map_err(|_| self.unreadable("The file is not text"))?
            }
        };
        if text.trim_start().starts_with('[') {
            return self.json(&text);
        }
        self.elements(element, &[text])
    }

    /// The first word says whether all of them are JSON.
    fn elements(&self, element: &Member, words: &[String]) -> Result<Value, Failure> {
        let shape = self.shape(element)?;
        let is_json = words.first().is_some_and(|word| word.trim_start().starts_with(['[', '{']));
        let items = words.iter().map(|word| match shape.kind {
            Type::Structure | Type::Map if is_json => self.json_map(word),
            Type::Structure | Type::Map => self.shorthand(shape, word),
            _ => self.word(element, word),
        });
        items.collect::<Result<Vec<_>, _>>().map(Value::List)
    }

    fn word(&self, member: &Member, text: &str) -> Result<Value, Failure> {
        if shapes::is_json_header(member) {
            return self.json(text);
        }
        let shape = self.shape(member)?;
        match shape.kind {
            Type::String | Type::Timestamp | Type::Blob => Ok(Value::from(text)),
            Type::Integer | Type::Long => int(text),
            Type::Float | Type::Double => float(text),
            Type::Boolean => Ok(Value::Bool(!text.is_empty() && !text.eq_ignore_ascii_case("false"))),
            Type::List if text.trim_start().starts_with('[') => self.json(text),
            Type::List | Type::Structure | Type::Map => self.structured(shape, text),
        }
    }

    /// JSON when it begins so, else shorthand.
    fn structured(&self, shape: &Shape, text: &str) -> Result<Value, Failure> {
        if shape.document {
            return self.json(text);
        }
        if text.trim_start().starts_with(['[', '{']) {
            return self.json_map(text);
        }
        match shape.members.get_index(0) {
            // A structure with nothing but a value may be given as that value.
            Some((name, member))
                if shape.members.len() == 1
                    && name == "Value"
                    && !text.contains('=')
                    && self.shape(member)?.kind == Type::String =>
            {
                Ok(Map::from_iter([(name.clone(), Value::from(text))]).into())
            }
            _ => self.shorthand(shape, text),
        }
    }

    fn shorthand(&self, shape: &Shape, text: &str) -> Result<Value, Failure> {
        let parsed = shorthand::parse(text).map_err(|mistake| match mistake {
            Mistake::Syntax(problem) => self.unreadable(problem),
            Mistake::File(problem) => Failure::Other(problem),
        });
        self.typed(shape, parsed?)
    }

    /// Gives the texts of shorthand the types that the model asks for. What does not fit is left for validation.
    fn typed(&self, shape: &Shape, value: Value) -> Result<Value, Failure> {
        match (shape.kind, value) {
            (Type::Structure, Value::Map(map)) => {
                if let Some(name) = map.keys().find(|name| self.is_document(shape.members.get(*name))) {
                    return Err(self.unreadable(format!(
                        "Shorthand syntax does not support document types. Use JSON input for top-level argument to \
                         specify nested parameter: {name}"
                    )));
                }
                self.typed_entries(map, |name| shape.members.get(name))
            }
            (Type::Map, Value::Map(map)) => self.typed_entries(map, |_| shape.value.as_ref()),
            (Type::List, Value::List(items)) => {
                let items = items.into_iter().map(|item| self.typed_member(shape.member.as_ref(), item));
                items.collect::<Result<Vec<_>, _>>().map(Value::List)
            }
            (Type::List, single) => Ok(Value::List(vec![single])),
            (Type::Boolean, Value::Text(text)) => Ok(match text.to_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::Text(text),
            }),
            (Type::Boolean, other) => {
                let class = python::type_name(&other);
                Err(Failure::Other(format!("'{class}' object has no attribute 'lower'")))
            }
            (Type::Integer | Type::Long, Value::Text(text)) => int(&text),
            (Type::Integer | Type::Long, other) => Err(Failure::Other(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                python::type_name(&other)
            ))),
            (Type::Float | Type::Double, Value::Text(text)) => float(&text),
            (Type::Float | Type::Double, other) => Err(Failure::Other(format!(
                "float() argument must be a string or a real number, not '{}'",
                python::type_name(&other)
            ))),
            (_, value) => Ok(value),
        }
    }

    fn typed_entries<'m>(&self, map: Map, member: impl Fn(&str) -> Option<&'m Member>) -> Result<Value, Failure> {
        let entries = map.into_iter().map(|(name, value)| {
            let value = self.typed_member(member(&name), value)?;
            Ok((name, value))
        });
        entries.collect::<Result<Map, _>>().map(Value::Map)
    }

    fn is_document(&self, member: Option<&Member>) -> bool {
        let shape = member.and_then(|member| self.service.shape(&member.shape));
        shape.is_some_and(|shape| {
            let elements = shape.member.as_ref().or(shape.value.as_ref());
            shape.document || elements.is_some_and(|element| self.is_document(Some(element)))
        })
    }

    fn typed_member(&self, member: Option<&Member>, value: Value) -> Result<Value, Failure> {
        match member.and_then(|member| self.service.shape(&member.shape)) {
            Some(shape) => self.typed(shape, value),
            None => Ok(value),
        }
    }

    fn json_map(&self, text: &str) -> Result<Value, Failure> {
        if text.trim_start().starts_with('{') {
            return self.json(text);
        }
        Err(self.unreadable(format!("Invalid JSON:\n{text}")))
    }

    fn json(&self, text: &str) -> Result<Value, Failure> {
        python::json(text).map_err(|problem| self.unreadable(format!("Invalid JSON: {problem}\nJSON received: {text}")))
    }

    fn shape(&self, member: &Member) -> Result<&Shape, Failure> {
        self.service.shape(&member.shape).ok_or_else(|| Failure::Other(format!("There is no shape {}", member.shape)))
    }

    fn unreadable(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::parsing(self.option, problem)
    }
}

fn int(text: &str) -> Result<Value, Failure> {
    let shown = || python::repr(&Value::from(text));
    let int = python::int(text).map(Value::Int);
    int.ok_or_else(|| Failure::Other(format!("invalid literal for int() with base 10: {}", shown())))
}

fn float(text: &str) -> Result<Value, Failure> {
    let shown = || python::repr(&Value::from(text));
    let float = python::float(text).map(Value::Float);
    float.ok_or_else(|| Failure::Other(format!("could not convert string to float: {}", shown())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args, catalog};
    use serde_json::json;

    fn read(words: &[&str]) -> Result<Parameters, Failure> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let command = args::command(&words)?;
        let service = catalog::service(&command.service)?;
        let (name, rest) = args::operation(&command.rest)?;
        let (name, operation) = catalog::operation(&service, &name)?;
        let arguments = args::parse(&service, operation, name, &rest)?;
        collect(&service, shapes::input(&service, operation), &arguments)
    }

    fn members(words: &[&str]) -> Value {
        Value::Map(read(words).expect("it can be read").members)
    }

    fn failure(words: &[&str]) -> Failure {
        read(words).map(|_| ()).expect_err("it is wrong")
    }

    #[test]
    fn structures_are_json_or_shorthand() {
        let expected = json!({"InstanceId": "i", "LexBot": {"Name": "n", "LexRegion": "r"}}).into();
        for bot in [r#"{"Name":"n","LexRegion":"r"}"#, r#"  {"Name":"n","LexRegion":"r"}"#, "Name=n,LexRegion=r"] {
            assert_eq!(members(&["connect", "associate-bot", "--lex-bot", bot, "--instance-id", "i"]), expected);
        }
        for (bot, problem) in [
            ("[1]", "Invalid JSON:\n[1]"),
            ("Name", "Expected: '=', received: 'EOF' for input:\n Name\n    ^"),
            ("{\"Name\": ", "Invalid JSON: Expecting value: line 1 column 10 (char 9)\nJSON received: {\"Name\": "),
        ] {
            let failure = failure(&["connect", "associate-bot", "--instance-id", "i", "--lex-bot", bot]);
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
            assert_eq!(members(&words)["tagKeys"], expected.into());
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
        assert_eq!(members(&words)["SearchCriteria"], expected.into());
        let video = |text: &'static str| ["ivs-realtime", "create-encoder-configuration", "--video", text];
        let expected = json!({"width": 640, "framerate": 29.5}).into();
        assert_eq!(members(&video("width=640,framerate=29.5"))["video"], expected);
        let expected = "invalid literal for int() with base 10: 'x'".to_owned();
        assert_eq!(failure(&video("width=x")), Failure::Other(expected));
    }

    #[test]
    fn options_win_over_the_whole_input() {
        let base = ["connect", "list-bots", "--lex-version", "V2"];
        let both = |option: &'static str, text: &'static str| [&base[..], &[option, text]].concat();
        let expected: Value = json!({"LexVersion": "V2", "MaxResults": 5}).into();
        assert_eq!(members(&both("--cli-input-json", r#"{"LexVersion":"V1","MaxResults":5}"#)), expected);
        assert_eq!(members(&both("--cli-input-yaml", "LexVersion: V1\nMaxResults: 5\n")), expected);
        for (option, text, expected) in [
            ("--cli-input-json", "{oops", "Error parsing parameter 'cli-input-json': Invalid JSON received."),
            ("--cli-input-yaml", "a: b: c", "Error parsing parameter 'cli-input-yaml': Invalid YAML received."),
            (
                "--cli-input-json",
                "[]",
                "Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>",
            ),
        ] {
            assert_eq!(failure(&both(option, text)), Failure::Parameters(expected.to_owned()));
        }
        let words = [&base[..], &["--cli-input-json", "{}", "--cli-input-yaml", "{}"]].concat();
        let expected = "Only one --cli-input- parameter may be specified.";
        assert_eq!(failure(&words), Failure::Parameters(expected.to_owned()));
    }

    #[test]
    fn numbers_and_files() {
        let words = ["connect", "list-queues", "--instance-id", "i", "--max-results"];
        let with = |word: &'static str| [&words[..], &[word]].concat();
        let expected = "invalid literal for int() with base 10: 'abc'".to_owned();
        assert_eq!(failure(&with("abc")), Failure::Other(expected));
        let huge = members(&with("99999999999999999999"));
        assert_eq!(python::inline_json(&huge["MaxResults"]), "99999999999999999999");
        let words =
            ["connectparticipant", "send-message", "--content-type", "t", "--connection-token", "c", "--content"];
        let words: Vec<_> = words.into_iter().chain(["file://nope.txt"]).collect();
        let expected = "Error parsing parameter '--content': Unable to load paramfile file://nope.txt: \
                        [Errno 2] No such file or directory: 'nope.txt'";
        assert_eq!(failure(&words), Failure::Parameters(expected.to_owned()));
    }

    #[test]
    fn base64_is_read_as_python_reads_it() {
        assert_eq!(base64("aGk="), Some(b"hi".to_vec()));
        assert_eq!(base64(" a-G\nk="), Some(b"hi".to_vec()));
        assert_eq!(base64("aGk"), None);
    }
}
