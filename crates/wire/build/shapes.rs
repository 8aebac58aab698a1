//! Types, decoders and encoders of the shapes that the served operations reach.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use switchboard_model::{Location, Member, Service, Shape, Type};

use crate::names;

/// The shapes of one service that have been asked for, with the name each has in Rust.
pub(crate) struct Shapes<'a> {
    service: &'a Service,
    /// Enums whose words are read in any case.
    any_case: BTreeSet<String>,
    /// Rust type names of structures, by shape name.
    named: BTreeMap<String, String>,
    /// Inputs: read from all the parts of a request, not from one JSON value.
    inputs: BTreeSet<String>,
    /// Shapes read from JSON values of requests.
    decoded: BTreeSet<String>,
    /// Shapes written to replies.
    encoded: BTreeSet<String>,
}

impl<'a> Shapes<'a> {
    pub(crate) fn new(service: &'a Service, any_case: BTreeSet<String>) -> Self {
        Self {
            service,
            any_case,
            named: BTreeMap::new(),
            inputs: BTreeSet::new(),
            decoded: BTreeSet::new(),
            encoded: BTreeSet::new(),
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&'a Shape> {
        self.service.shapes.get(name)
    }

    pub(crate) fn shape(&self, name: &str) -> &'a Shape {
        self.find(name).unwrap_or_else(|| panic!("{}: no shape {name}", self.service.name))
    }

    /// Gives a structure another name than the model's (an operation's input and output).
    pub(crate) fn rename(&mut self, shape: &str, name: String) {
        self.named.insert(shape.to_owned(), name);
    }

    pub(crate) fn want_input(&mut self, name: &str) {
        self.inputs.insert(name.to_owned());
        self.children(name).iter().for_each(|child| self.want_decoded(child));
    }

    pub(crate) fn want_decoded(&mut self, name: &str) {
        if self.decoded.insert(name.to_owned()) {
            self.children(name).iter().for_each(|child| self.want_decoded(child));
        }
    }

    pub(crate) fn want_encoded(&mut self, name: &str) {
        if self.encoded.insert(name.to_owned()) {
            self.children(name).iter().for_each(|child| self.want_encoded(child));
        }
    }

    fn children(&self, name: &str) -> Vec<String> {
        let shape = self.shape(name);
        let parts = shape.member.iter().chain(&shape.key).chain(&shape.value);
        parts.chain(shape.members.values()).map(|member| member.shape.clone()).collect()
    }

    pub(crate) fn type_name(&self, shape: &str) -> String {
        self.named.get(shape).cloned().unwrap_or_else(|| names::pascal(shape))
    }

    /// The Rust type of a shape.
    pub(crate) fn rust_type(&self, name: &str) -> String {
        let shape = self.shape(name);
        match shape.kind {
            Type::Structure => self.type_name(name),
            Type::String if !shape.values.is_empty() => self.type_name(name),
            Type::String => "String".into(),
            Type::Integer => "i32".into(),
            Type::Long => "i64".into(),
            Type::Float | Type::Double => "f64".into(),
            Type::Boolean => "bool".into(),
            Type::Timestamp if shape.timestamp_format.as_deref() == Some("iso8601") => "IsoTimestamp".into(),
            Type::Timestamp => "EpochTimestamp".into(),
            Type::Blob => "Blob".into(),
            Type::List => format!("Vec<{}>", self.rust_type(&element(shape).shape)),
            Type::Map => format!("Map<{}>", self.rust_type(&map_value(shape).shape)),
        }
    }

    /// A member's type inside `owner`: boxed where it would contain itself.
    fn member_type(&self, owner: &str, member: &Member) -> String {
        let plain = self.rust_type(&member.shape);
        if self.contains(&member.shape, owner, &mut BTreeSet::new()) { format!("Box<{plain}>") } else { plain }
    }

    /// Whether a value of `shape` holds one of `target` inline, not behind a list or map.
    fn contains(&self, shape: &str, target: &str, seen: &mut BTreeSet<String>) -> bool {
        let found = self.shape(shape);
        if found.kind != Type::Structure || !seen.insert(shape.to_owned()) {
            return false;
        }
        shape == target || found.members.values().any(|member| self.contains(&member.shape, target, seen))
    }

    /// The Rust of all of it.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        let all: BTreeSet<_> = self.inputs.iter().chain(&self.decoded).chain(&self.encoded).collect();
        for name in all {
            let shape = self.shape(name);
            match shape.kind {
                Type::Structure => self.write_structure(&mut out, name, shape),
                Type::String if !shape.values.is_empty() => self.write_enum(&mut out, name, shape),
                _ => {}
            }
        }
        for name in &self.decoded {
            self.write_decoder(&mut out, name);
        }
        out
    }

    fn write_structure(&self, out: &mut String, name: &str, shape: &Shape) {
        let rust = self.type_name(name);
        let _ =
            writeln!(out, "/// The `{name}` structure.\n#[derive(Clone, Default, PartialEq)]\npub struct {rust} {{");
        for (member_name, member) in kept_members(shape) {
            let _ = writeln!(out, "    /// `{member_name}`: {}", self.describe(member));
            let plain = self.member_type(name, member);
            let plain = if shape.required.contains(member_name) { plain } else { format!("Option<{plain}>") };
            let _ = writeln!(out, "    pub {}: {plain},", names::field(member_name));
        }
        out.push_str("}\n");
        self.write_debug(out, &rust, shape);
        if self.encoded.contains(name) {
            self.write_encoder(out, &rust, shape);
        }
    }

    /// `Debug` that keeps what the model marks sensitive to itself.
    fn write_debug(&self, out: &mut String, rust: &str, shape: &Shape) {
        let _ = writeln!(
            out,
            "impl ::std::fmt::Debug for {rust} {{ fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {{\n f.debug_struct(\"{rust}\")"
        );
        for (member_name, member) in kept_members(shape) {
            let field = names::field(member_name);
            let hidden = self.is_secret(member_name, member);
            let value = if hidden { "&\"[redacted]\"".to_owned() } else { format!("&self.{field}") };
            let _ = writeln!(out, "    .field(\"{}\", {value})", field.trim_start_matches("r#"));
        }
        out.push_str("    .finish()\n}}\n");
    }

    fn is_secret(&self, name: &str, member: &Member) -> bool {
        self.shape(&member.shape).sensitive || name.ends_with("Token") && name != "NextToken" && name != "ClientToken"
    }

    fn write_encoder(&self, out: &mut String, rust: &str, shape: &Shape) {
        let _ = writeln!(
            out,
            "impl Encode for {rust} {{ fn encode(&self, out: &mut Vec<u8>) {{\n#[allow(unused_mut, reason = \"some have no members\")]\n    let mut object = Object::begin(out);"
        );
        for (member_name, member) in &shape.members {
            if matches!(member.location, Some(Location::Header | Location::Headers | Location::StatusCode)) {
                continue;
            }
            let wire = member.location_name.as_deref().unwrap_or(member_name);
            let _ = writeln!(out, "    object.member(\"{wire}\", &self.{});", names::field(member_name));
        }
        out.push_str("    object.end();\n}}\n");
    }

    fn write_enum(&self, out: &mut String, name: &str, shape: &Shape) {
        let rust = self.type_name(name);
        let values = &shape.values;
        let _ = writeln!(
            out,
            "/// The values of `{name}`. The default is the first one; it only serves `..Default::default()`.\n#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]\npub enum {rust} {{"
        );
        for (i, value) in values.iter().enumerate() {
            let default = if i == 0 { "#[default] " } else { "" };
            let _ = writeln!(out, "    /// `{value}`\n    {default}{},", names::pascal(value));
        }
        let _ = writeln!(
            out,
            "}}\nimpl {rust} {{\n/// Every value, in the model's order.\npub const ALL: &'static [Self] = &[{all}];\n/// The value on the wire.\n#[must_use]\npub fn as_str(self) -> &'static str {{ match self {{ {arms} }} }}\n}}",
            all = values.iter().map(|v| format!("Self::{}", names::pascal(v))).collect::<Vec<_>>().join(", "),
            arms = values.iter().map(|v| format!("Self::{} => {v:?}", names::pascal(v))).collect::<Vec<_>>().join(", "),
        );
        let _ = writeln!(out, "crate::shape::text_enum!({rust});");
    }

    /// `decode_X`: from a JSON value to the shape's Rust type, noting every fault on the way.
    fn write_decoder(&self, out: &mut String, name: &str) {
        let shape = self.shape(name);
        let rust = self.rust_type(name);
        let body = match shape.kind {
            Type::Structure => return self.write_structure_decoder(out, name, shape),
            Type::String if self.any_case.contains(name) => "d::choice_in_any_case(value, at, faults)".to_owned(),
            Type::String if !shape.values.is_empty() => "d::choice(value, at, faults)".to_owned(),
            Type::String => format!("d::string(value, at, faults, &{})", text_limits(shape)),
            Type::Integer => format!(
                "d::integer(value, at, faults, {}).and_then(|n| i32::try_from(n).ok())",
                number_limits(shape, "i32")
            ),
            Type::Long => format!("d::integer(value, at, faults, {})", number_limits(shape, "i64")),
            Type::Float | Type::Double => format!("d::float(value, at, faults, {})", number_limits(shape, "f64")),
            Type::Boolean => "d::boolean(value, at, faults)".to_owned(),
            Type::Timestamp => "d::timestamp(value, at, faults).map(Into::into)".to_owned(),
            Type::Blob => format!("d::blob(value, at, faults, {})", number_limits(shape, "usize")),
            Type::List => format!(
                "d::list(value, at, faults, {}, {})",
                number_limits(shape, "usize"),
                decoder(&element(shape).shape)
            ),
            Type::Map => format!(
                "d::map(value, at, faults, {}, {}, {})",
                number_limits(shape, "usize"),
                decoder(&map_key(shape).shape),
                decoder(&map_value(shape).shape)
            ),
        };
        let _ = writeln!(
            out,
            "fn {}(value: &d::Value, at: &Path<'_>, faults: &mut Faults) -> Option<{rust}> {{ {body} }}",
            decoder(name)
        );
    }

    fn write_structure_decoder(&self, out: &mut String, name: &str, shape: &Shape) {
        let rust = self.type_name(name);
        let _ = writeln!(
            out,
            "#[allow(unused_variables, reason = \"some have no members\")]\nfn {}(value: &d::Value, at: &Path<'_>, faults: &mut Faults) -> Option<{rust}> {{\n    let object = d::object(value, at, faults)?;",
            decoder(name)
        );
        for (member_name, member) in &shape.members {
            let wire = member.location_name.as_deref().unwrap_or(member_name);
            let source = format!("object.get(\"{wire}\")");
            self.write_member(out, shape, member_name, member, &source);
        }
        self.write_assembly(out, name, shape);
        out.push_str("}\n");
    }

    /// One `let field = …;` of a decoder.
    pub(crate) fn write_member(&self, out: &mut String, shape: &Shape, name: &str, member: &Member, source: &str) {
        let how = if shape.required.iter().any(|required| required == name) { "required" } else { "optional" };
        let _ = writeln!(
            out,
            "    let {} = d::{how}({source}, at, {name:?}, faults, {});",
            names::field(name),
            decoder(&member.shape)
        );
    }

    /// `Some(Self { … })`, with `?` on what is required.
    pub(crate) fn write_assembly(&self, out: &mut String, name: &str, shape: &Shape) {
        let _ = write!(out, "    Some({} {{ ", self.type_name(name));
        for (member_name, member) in &shape.members {
            let field = names::field(member_name);
            let boxed = self.member_type(name, member).starts_with("Box<");
            let value = match (shape.required.contains(member_name), boxed) {
                (true, false) => format!("{field}: {field}?"),
                (true, true) => format!("{field}: Box::new({field}?)"),
                (false, false) => field,
                (false, true) => format!("{field}: {field}.map(Box::new)"),
            };
            let _ = write!(out, "{value}, ");
        }
        out.push_str("})\n");
    }

    /// A member's facts in words, for its doc comment.
    fn describe(&self, member: &Member) -> String {
        let shape = self.shape(&member.shape);
        let mut text = match shape.kind {
            Type::Structure => format!("[`{}`]", self.type_name(&member.shape)),
            Type::String if !shape.values.is_empty() => format!("[`{}`]", self.type_name(&member.shape)),
            kind => format!("{kind:?}").to_lowercase(),
        };
        let unit = if shape.kind == Type::String { " characters" } else { "" };
        match (shape.min, shape.max) {
            (Some(min), Some(max)) => text.push_str(&format!(", {min} to {max}{unit}")),
            (Some(min), None) => text.push_str(&format!(", at least {min}{unit}")),
            (None, Some(max)) => text.push_str(&format!(", at most {max}{unit}")),
            (None, None) => {}
        }
        if let Some(pattern) = &shape.pattern {
            text.push_str(&format!(", pattern `{}`", pattern.replace('`', "'")));
        }
        text + "."
    }
}

/// The members that the Rust type has. The headers of an error are the reply's to set, not the error's.
pub(crate) fn kept_members(shape: &Shape) -> impl Iterator<Item = (&String, &Member)> {
    shape.members.iter().filter(|(_, member)| !shape.exception || member.location.is_none())
}

/// The name of a shape's decoder.
pub(crate) fn decoder(shape: &str) -> String {
    format!("decode_{}", names::snake(shape))
}

fn element(shape: &Shape) -> &Member {
    shape.member.as_ref().expect("a list has an element")
}

fn map_key(shape: &Shape) -> &Member {
    shape.key.as_ref().expect("a map has keys")
}

fn map_value(shape: &Shape) -> &Member {
    shape.value.as_ref().expect("a map has values")
}

/// `(low, high)` as options of the given type; numbers the type cannot hold set no limit.
fn number_limits(shape: &Shape, kind: &str) -> String {
    let limit = |value: Option<f64>, fallback: i32| match value {
        Some(value) if kind == "f64" => format!("Some({value:?})"),
        None if kind == "i32" => format!("Some({fallback})"),
        Some(value) if value.abs() < 9e15 => format!("Some({})", value as i64),
        _ => "None".to_owned(),
    };
    format!("({}, {})", limit(shape.min, i32::MIN), limit(shape.max, i32::MAX))
}

fn text_limits(shape: &Shape) -> String {
    let limit = |value: Option<f64>| value.map_or("None".to_owned(), |value| format!("Some({})", value as u64));
    let pattern = match shape.pattern.as_deref() {
        // Matches everything: not worth a run of the engine.
        None | Some(".*" | "[\\s\\S]*" | "^[\\s\\S]*$" | "^.*$") => "None".to_owned(),
        Some(pattern) => format!("Some({{ static P: d::Pattern = d::Pattern::new({pattern:?}); &P }})"),
    };
    format!("d::Text {{ min: {}, max: {}, pattern: {pattern} }}", limit(shape.min), limit(shape.max))
}
