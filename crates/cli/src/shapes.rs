//! Questions about an operation's input and output that several steps ask.

use switchboard_model::{Location, Member, Operation, Service, Shape, Type};

/// The structure an operation takes.
pub(crate) fn input<'s>(service: &'s Service, operation: &Operation) -> Option<&'s Shape> {
    service.shape(operation.input.as_deref()?)
}

/// The structure an operation answers with.
pub(crate) fn output<'s>(service: &'s Service, operation: &Operation) -> Option<&'s Shape> {
    service.shape(operation.output.as_deref()?)
}

/// The member that is the whole body, with its shape.
pub(crate) fn payload<'s>(service: &'s Service, shape: &'s Shape) -> Option<(&'s str, &'s Shape)> {
    let name = shape.payload.as_deref()?;
    Some((name, service.shape(&shape.members.get(name)?.shape)?))
}

/// The member that is the whole body and comes from a file.
pub(crate) fn stream<'s>(service: &'s Service, shape: &'s Shape) -> Option<&'s str> {
    payload(service, shape).filter(|(_, body)| body.kind == Type::Blob && body.streaming).map(|(name, _)| name)
}

/// Whether the answer's body goes to a file that the command names.
pub(crate) fn writes_file(service: &Service, operation: &Operation) -> bool {
    let body = output(service, operation).and_then(|shape| payload(service, shape));
    body.is_some_and(|(_, body)| body.kind == Type::Blob)
}

/// Whether the member is any JSON value, carried in a header.
pub(crate) fn is_json_header(member: &Member) -> bool {
    member.jsonvalue && member.location == Some(Location::Header)
}
