//! How the value of an option is written: the blocks headed "Shorthand Syntax", "JSON Syntax" and "Syntax".
//!
//! The blocks are those of `aws … help`, built from the model alone: types stand for values, enums for themselves.

use switchboard_model::{Member, Service, Shape, Type};

/// Deeper than this, shorthand is not shown: JSON is easier to read.
const DEEPEST: usize = 3;

/// Whether a value is one word without parts.
pub(crate) fn is_scalar(kind: Type) -> bool {
    !matches!(kind, Type::Structure | Type::List | Type::Map)
}

/// The name of a type, as in `(string)`.
pub(crate) fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Structure => "structure",
        Type::List => "list",
        Type::Map => "map",
        Type::String => "string",
        Type::Integer => "integer",
        Type::Long => "long",
        Type::Float => "float",
        Type::Double => "double",
        Type::Boolean => "boolean",
        Type::Timestamp => "timestamp",
        Type::Blob => "blob",
    }
}

/// Writes examples of the values of one service's shapes.
#[derive(Clone, Copy)]
pub(crate) struct Syntax<'s> {
    pub(crate) service: &'s Service,
}

impl<'s> Syntax<'s> {
    /// The words of a list of plain values.
    pub(crate) fn words(self, element: &Shape) -> String {
        let word = if element.kind == Type::String { "\"string\"".to_owned() } else { value(element) };
        format!("{word} {word} ...")
    }

    /// The shorthand of a value; `None` where there is none or it would be too deep to read.
    pub(crate) fn shorthand(self, shape: &'s Shape) -> Option<String> {
        let mut stack = Vec::new();
        if shape.kind == Type::List {
            let element = self.shape(shape.member.as_ref())?;
            return Some(format!("{} ...", self.short(element, &mut stack)?));
        }
        // A structure of the one member `Value` is never written as `Value=…`.
        let only_value = shape.members.len() == 1 && shape.members.contains_key("Value");
        if only_value {
            return None;
        }
        self.short(shape, &mut stack)
    }

    fn short(self, shape: &'s Shape, stack: &mut Vec<&'s str>) -> Option<String> {
        if stack.len() > DEEPEST {
            return None;
        }
        match shape.kind {
            Type::Structure => {
                let members = shape.members.iter().map(|(name, member)| {
                    if stack.contains(&member.shape.as_str()) {
                        return Some("( ... recursive ... )".to_owned());
                    }
                    Some(format!("{name}={}", self.short_of(member, stack)?))
                });
                let members = members.collect::<Option<Vec<_>>>()?.join(",");
                Some(if stack.is_empty() { members } else { format!("{{{members}}}") })
            }
            Type::List => {
                let element = shape.member.as_ref()?;
                let is_simple = self.shape(Some(element)).is_some_and(|shape| is_scalar(shape.kind));
                let word = self.short_of(element, stack)?;
                Some(if is_simple && stack.len() <= 1 { format!("{word},{word}") } else { format!("[{word},{word}]") })
            }
            Type::Map => {
                let word = self.short_of(shape.value.as_ref()?, stack)?;
                let pairs = format!("KeyName1={word},KeyName2={word}");
                Some(if stack.is_empty() { pairs } else { format!("{{{pairs}}}") })
            }
            kind => Some(type_name(kind).to_owned()),
        }
    }

    fn short_of(self, member: &'s Member, stack: &mut Vec<&'s str>) -> Option<String> {
        stack.push(&member.shape);
        let text = self.shape(Some(member)).and_then(|shape| self.short(shape, stack));
        stack.pop();
        text
    }

    /// The lines of a value in JSON.
    pub(crate) fn json(self, name: &'s str) -> Vec<String> {
        let mut text = Json { syntax: self, lines: vec![String::new()], indent: 0, stack: Vec::new() };
        text.shape(name);
        text.lines
    }

    fn shape(self, member: Option<&Member>) -> Option<&'s Shape> {
        self.service.shape(&member?.shape)
    }
}

/// How a plain value looks in JSON.
fn value(shape: &Shape) -> String {
    match shape.kind {
        Type::String if !shape.values.is_empty() => {
            shape.values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join("|")
        }
        Type::String => "\"string\"".to_owned(),
        Type::Boolean => "true|false".to_owned(),
        kind => type_name(kind).to_owned(),
    }
}

struct Json<'s> {
    syntax: Syntax<'s>,
    lines: Vec<String>,
    indent: usize,
    stack: Vec<&'s str>,
}

impl<'s> Json<'s> {
    fn shape(&mut self, name: &'s str) {
        let Some(shape) = self.syntax.service.shape(name) else { return };
        // A shape inside itself is written out once.
        if self.stack.iter().filter(|seen| **seen == name).count() > 1 {
            return self.write("{ ... recursive ... }");
        }
        self.stack.push(name);
        match shape.kind {
            Type::List => self.list(shape),
            Type::Map => self.map(shape),
            Type::Structure => self.structure(shape),
            _ => self.write(&value(shape)),
        }
        self.stack.pop();
    }

    fn list(&mut self, shape: &'s Shape) {
        let Some(element) = &shape.member else { return };
        self.write("[");
        match self.syntax.shape(Some(element)) {
            Some(plain) if is_scalar(plain.kind) => self.write(&format!("{}, ...", value(plain))),
            _ => {
                self.indent += 1;
                self.new_line();
                self.shape(&element.shape);
                self.new_line();
                self.write("...");
                self.indent -= 1;
                self.new_line();
            }
        }
        self.write("]");
    }

    fn map(&mut self, shape: &'s Shape) {
        let (Some(key), Some(element)) = (&shape.key, &shape.value) else { return };
        let key = self.syntax.shape(Some(key)).map(value).unwrap_or_default();
        self.write(&format!("{{{key}: "));
        self.indent += 2;
        self.shape(&element.shape);
        self.indent -= 1;
        self.new_line();
        self.write("...}");
        self.indent -= 1;
    }

    fn structure(&mut self, shape: &'s Shape) {
        self.write("{");
        self.indent += 1;
        for (at, (name, member)) in shape.members.iter().enumerate() {
            if at > 0 {
                self.write(",");
            }
            self.new_line();
            self.write(&format!("\"{name}\": "));
            self.shape(&member.shape);
        }
        self.indent -= 1;
        self.new_line();
        self.write("}");
    }

    fn new_line(&mut self) {
        self.lines.push("  ".repeat(self.indent));
    }

    fn write(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn syntaxes(service: &str, shape: &str) -> (Option<String>, Vec<String>) {
        let service = catalog::service(service).expect("it exists");
        let syntax = Syntax { service: &service };
        (syntax.shorthand(service.shape(shape).expect("it exists")), syntax.json(shape))
    }

    #[test]
    fn a_structure() {
        let (short, json) = syntaxes("connect", "LexBot");
        assert_eq!(short.as_deref(), Some("Name=string,LexRegion=string"));
        assert_eq!(json, ["{", "  \"Name\": \"string\",", "  \"LexRegion\": \"string\"", "}"]);
    }

    #[test]
    fn maps_and_lists() {
        let (short, json) = syntaxes("connect", "Attributes");
        assert_eq!(short.as_deref(), Some("KeyName1=string,KeyName2=string"));
        assert_eq!(json, ["{\"string\": \"string\"", "  ...}"]);
        let (short, _) = syntaxes("ivs-realtime", "ParticipantTokenConfigurations");
        let short = short.expect("it is not deep");
        assert!(short.contains("attributes={KeyName1=string,KeyName2=string}") && short.ends_with(" ..."), "{short}");
        assert!(
            short.contains("capabilities=[string,string]") || short.contains("capabilities=string,string"),
            "{short}"
        );
        let (short, json) = syntaxes("ivs-realtime", "DestinationConfigurationList");
        assert_eq!(short, None);
        assert_eq!(json[..2], ["[", "  {"]);
        assert_eq!(json[json.len() - 3..], ["  }", "  ...", "]"]);
    }

    #[test]
    fn what_holds_itself_ends() {
        for name in ["connect", "lexv2-models", "lexv2-runtime", "ivs-realtime", "lex-runtime", "connectparticipant"] {
            let service = catalog::service(name).expect("it exists");
            let syntax = Syntax { service: &service };
            for (name, shape) in &service.shapes {
                assert!(!syntax.json(name).is_empty());
                let _ = syntax.shorthand(shape);
            }
        }
    }
}
