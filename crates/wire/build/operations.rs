//! Operations: their inputs from a request, their outputs to a reply, their errors, and the route table.

use std::{collections::BTreeSet, fmt::Write as _};

use switchboard_model::{Location, Operation, Service, Shape, Type};

use crate::{
    names,
    shapes::{Shapes, decoder, kept_members},
};

/// Writes the operations of one service; `before` are those of the services before it.
pub(crate) fn write(service: &Service, served: &[String], before: usize, shapes: &mut Shapes<'_>) -> String {
    let mut out = String::new();
    let mut exceptions = BTreeSet::new();
    let mut table = String::new();
    for (number, name) in (before..).zip(served) {
        let operation =
            service.operations.get(name).unwrap_or_else(|| panic!("served.toml: {} has no {name}", service.name));
        write_operation(&mut out, service, (number, name), operation, shapes);
        exceptions.extend(operation.errors.iter().cloned());
        let _ = write!(table, "<{name} as crate::Operation>::META, ");
    }
    for exception in &exceptions {
        write_exception(&mut out, exception, shapes);
    }
    write_exception_list(&mut out, service, &exceptions);
    let _ = writeln!(
        out,
        "/// The operations of this service that are served.\npub static OPERATIONS: &[crate::Meta] = &[{table}];"
    );
    out
}

fn write_operation(
    out: &mut String,
    service: &Service,
    (number, name): (usize, &str),
    operation: &Operation,
    shapes: &mut Shapes<'_>,
) {
    let input = write_input(out, name, operation, shapes);
    let output = match &operation.output {
        Some(shape) => {
            let rust = format!("{name}Output");
            shapes.rename(shape, rust.clone());
            shapes.want_encoded(shape);
            rust
        }
        None => "()".to_owned(),
    };
    write_error_enum(out, name, operation, shapes);
    let modelled = |names: &[&'static str]| {
        names.iter().copied().find(|name| operation.errors.iter().any(|modelled| modelled == name))
    };
    let validation =
        modelled(&["InvalidRequestException", "InvalidParameterException"]).unwrap_or("ValidationException");
    // Where none is modelled: Connect's API reference names the one, and all SDKs know the other.
    let unmodelled = if service.name == "connect" { "TooManyRequestsException" } else { "ThrottlingException" };
    let throttling = modelled(&["ThrottlingException", "TooManyRequestsException"]).unwrap_or(unmodelled);
    let message = message_member(shapes, validation).filter(|member| !member.eq_ignore_ascii_case("message"));
    let auth = if service.name == "connectparticipant" { "Bearer" } else { "SigV4" };
    let _ = writeln!(
        out,
        "/// The operation `{name}`: `{method} {uri}`.\n#[derive(Debug, Clone, Copy)]\npub struct {name};\n\
         impl crate::Operation for {name} {{\n\
         const META: crate::Meta = crate::Meta {{ number: {number}, service: {service:?}, signing_name: {signing:?}, name: {name:?}, method: {method:?}, uri: {uri:?}, status: {status}, auth: crate::Auth::{auth}, validation_error: {validation:?}, throttling_error: {throttling:?}, message_member: {message:?}, empty_body: {empty} }};\n\
         type Input = {input};\n type Output = {output};\n type Error = {name}Error;\n}}",
        method = operation.method,
        uri = operation.request_uri,
        status = operation.response_code,
        service = service.name,
        signing = service.signing_name,
        message = message.unwrap_or("message"),
        empty = operation.output.is_none(),
    );
}

/// The input type with its decoder from labels, query, headers and body.
fn write_input(out: &mut String, name: &str, operation: &Operation, shapes: &mut Shapes<'_>) -> String {
    let rust = format!("{name}Input");
    let Some(shape_name) = &operation.input else {
        let _ = writeln!(
            out,
            "/// `{name}` takes nothing.\n#[derive(Debug, Clone, Default, PartialEq)]\npub struct {rust} {{}}\n\
             impl crate::Input for {rust} {{ fn decode(_: &crate::Parts<'_>, _: &mut Faults) -> Option<Self> {{ Some(Self {{}}) }} }}"
        );
        return rust;
    };
    shapes.rename(shape_name, rust.clone());
    shapes.want_input(shape_name);
    let shape = shapes.shape(shape_name);
    let _ = writeln!(
        out,
        "impl crate::Input for {rust} {{ fn decode(parts: &crate::Parts<'_>, faults: &mut Faults) -> Option<Self> {{\n    let at = &Path::Root;"
    );
    if let Some(payload) = &shape.payload {
        write_payload(out, shape, payload);
    } else if shape.members.values().any(|member| member.location.is_none()) {
        let _ = writeln!(out, "    let body = parts.json_body(faults)?;");
    }
    for (member_name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(member_name);
        let kind = text_kind(shapes, &member.shape);
        let source = match member.location {
            _ if shape.payload.as_deref() == Some(member_name) => continue,
            None => format!("body.get({wire:?})"),
            Some(Location::Uri) => format!("parts.label({wire:?}, d::TextKind::{kind}).as_ref()"),
            Some(Location::Querystring) => format!("parts.query({wire:?}, d::TextKind::{kind}).as_ref()"),
            Some(Location::Header) => format!("parts.header({wire:?}, d::TextKind::{kind}).as_ref()"),
            Some(Location::Headers | Location::StatusCode) => panic!("{name}.{member_name}: not in inputs so far"),
        };
        shapes.write_member(out, shape, member_name, member, &source);
    }
    shapes.write_assembly(out, shape_name, shape);
    out.push_str("}}\n");
    rust
}

fn write_payload(out: &mut String, shape: &Shape, payload: &str) {
    let member = &shape.members[payload];
    let _ = writeln!(
        out,
        "    let {} = d::optional(parts.payload(faults)?.as_ref(), at, {payload:?}, faults, {});",
        names::field(payload),
        decoder(&member.shape)
    );
}

/// How text in a path, query or header is read.
fn text_kind(shapes: &Shapes<'_>, name: &str) -> &'static str {
    let shape = shapes.shape(name);
    match shape.kind {
        Type::Integer | Type::Long | Type::Float | Type::Double => "Number",
        Type::Boolean => "Boolean",
        Type::List => "List",
        _ => "Text",
    }
}

fn write_error_enum(out: &mut String, name: &str, operation: &Operation, shapes: &mut Shapes<'_>) {
    let rust = format!("{name}Error");
    let _ = writeln!(
        out,
        "/// What can go wrong in `{name}`, as the model says.\n#[derive(Debug, Clone, PartialEq)]\npub enum {rust} {{"
    );
    for error in &operation.errors {
        let _ = writeln!(out, "    /// `{error}`\n    {error}({error}),");
    }
    out.push_str("}\n");
    for error in &operation.errors {
        shapes.want_encoded(error);
        let _ = writeln!(
            out,
            "impl From<{error}> for {rust} {{ fn from(error: {error}) -> Self {{ Self::{error}(error) }} }}"
        );
    }
    let arms: String = operation
        .errors
        .iter()
        .map(|error| format!("Self::{error}(error) => crate::ErrorReply::modelled(error), "))
        .collect();
    let internal =
        operation.errors.iter().find(|error| shapes.shape(error).status == Some(500) || shapes.shape(error).fault);
    let code = internal.map_or("InternalServiceException", String::as_str);
    let throttled = operation.errors.iter().find(|error| {
        shapes.shape(error).status == Some(429)
            && matches!(error.as_str(), "ThrottlingException" | "TooManyRequestsException")
    });
    let throttled = throttled.map_or("ThrottlingException", String::as_str);
    let reply =
        if operation.errors.is_empty() { "match *self {}".to_owned() } else { format!("match self {{ {arms} }}") };
    let _ = writeln!(
        out,
        "impl crate::OperationError for {rust} {{\n const INTERNAL: &'static str = {code:?};\n const THROTTLED: &'static str = {throttled:?};\n fn reply(&self) -> crate::ErrorReply {{ {reply} }}\n}}"
    );
}

/// `Exception` for an error's structure, and `new` to make one with a message.
fn write_exception(out: &mut String, name: &str, shapes: &Shapes<'_>) {
    let shape = shapes.shape(name);
    let status = shape.status.unwrap_or(if shape.fault { 500 } else { 400 });
    let _ = writeln!(
        out,
        "impl crate::Exception for {name} {{ const CODE: &'static str = {name:?}; const STATUS: u16 = {status}; }}"
    );
    let Some(member) = message_member(shapes, name) else { return };
    let field = names::field(member);
    let message = if shape.required.iter().any(|required| required == member) {
        "message.into()"
    } else {
        "Some(message.into())"
    };
    let rest = if kept_members(shape).count() > 1 { ", ..Self::default()" } else { "" };
    let _ = writeln!(
        out,
        "impl {name} {{\n/// With a message that says which member and why.\npub fn new(message: impl Into<String>) -> Self {{ Self {{ {field}: {message}{rest} }} }}\n}}"
    );
}

/// The member of an error that carries its sentence.
fn message_member<'a>(shapes: &Shapes<'a>, error: &str) -> Option<&'a str> {
    let is_message = |member: &&String| ["message", "exceptionmessage"].contains(&member.to_lowercase().as_str());
    shapes.find(error)?.members.keys().find(is_message).map(String::as_str)
}

/// A macro that hands every exception of the service to another macro.
fn write_exception_list(out: &mut String, service: &Service, exceptions: &BTreeSet<String>) {
    let module = names::snake(&service.name);
    let list: String = exceptions.iter().map(|name| format!("$crate::{module}::{name}, ")).collect();
    let _ = writeln!(
        out,
        "/// Calls the macro it is given with every exception type of this service.\n#[macro_export]\nmacro_rules! for_each_{module}_exception {{ ($macro:ident) => {{ $macro! {{ {list} }} }} }}"
    );
}
