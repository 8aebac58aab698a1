//! What an operation is to the server: facts, an input, an output and an error type.

use crate::{Encode, ErrorReply, Faults, Parts};

/// One operation of a service, as the generated code describes it.
pub trait Operation: 'static {
    /// Its facts.
    const META: Meta;
    /// What a request decodes to.
    type Input: Input;
    /// What a success encodes from; `()` where the reply has no body.
    type Output: Encode + Send;
    /// The modelled errors.
    type Error: OperationError;
}

/// The facts of one operation.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// Its place among all operations that are served, from 0: where a table of them has its line.
    pub number: usize,
    /// The service's name, as the `aws` command spells it.
    pub service: &'static str,
    /// The service in a SigV4 credential scope.
    pub signing_name: &'static str,
    /// The operation's name.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with `{Label}` segments.
    pub uri: &'static str,
    /// The status of a success.
    pub status: u16,
    /// How a caller proves who it is.
    pub auth: Auth,
    /// The error that answers a broken constraint.
    pub validation_error: &'static str,
    /// The error that answers one request too many a second.
    pub throttling_error: &'static str,
    /// The member of that error that carries its sentence.
    pub message_member: &'static str,
    /// A success has an empty body, not `{}`.
    pub empty_body: bool,
}

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// AWS Signature Version 4.
    SigV4,
    /// A token in the `X-Amz-Bearer` header; any signature is ignored.
    Bearer,
}

/// An operation's input, read from the parts of a request.
pub trait Input: Sized + Send + Sync + 'static {
    /// Reads and checks. `None` means that `faults` says why.
    fn decode(parts: &Parts<'_>, faults: &mut Faults) -> Option<Self>;
}

/// An operation's modelled errors.
pub trait OperationError: Send + 'static {
    /// The error for a fault of ours.
    const INTERNAL: &'static str;
    /// The error for too many requests.
    const THROTTLED: &'static str;
    /// The reply.
    fn reply(&self) -> ErrorReply;
}
