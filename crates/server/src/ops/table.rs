//! From an operation's name to its handler, with decoding before it and encoding after it.

use std::pin::Pin;

use switchboard_wire::{Encode, ErrorReply, Faults, Input, Meta, Operation, OperationError, Parts};

use super::{Ctx, Failure};

/// A reply under way.
pub(crate) type Serving = Pin<Box<dyn Future<Output = Served> + Send>>;

/// How a call ended.
pub(crate) enum Served {
    /// The JSON body of a success; empty where the operation has none.
    Success(Vec<u8>),
    /// A modelled error.
    Refused(ErrorReply),
    /// A fault of ours: the reply, and what to log.
    Fault(ErrorReply, String),
}

type Handler = Box<dyn Fn(Ctx, &Parts<'_>) -> Result<Serving, Faults> + Send + Sync>;

/// Room for most replies, so that they are written without moving.
const REPLY: usize = 1_024;

/// The handlers of the operations that are served, by their numbers.
#[derive(Default)]
pub(crate) struct Table {
    handlers: Vec<Option<Handler>>,
}

impl Table {
    /// Adds the handler of operation `O`.
    pub(super) fn on<O, F, Fut>(&mut self, handler: F)
    where
        O: Operation,
        F: Fn(Ctx, O::Input) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O::Output, Failure<O::Error>>> + Send + 'static,
    {
        let serve: Handler = Box::new(move |ctx, parts| {
            let mut faults = Faults::default();
            match O::Input::decode(parts, &mut faults) {
                Some(input) if faults.is_empty() => Ok(Box::pin(answer::<O>(handler(ctx, input)))),
                _ => Err(faults),
            }
        });
        let number = O::META.number;
        if self.handlers.len() <= number {
            self.handlers.resize_with(number + 1, || None);
        }
        let before = self.handlers[number].replace(serve);
        debug_assert!(before.is_none(), "two handlers for {}", O::META.name);
    }

    /// Calls the operation's handler. `None`: it has none. `Err`: the request does not decode.
    pub(crate) fn call(&self, meta: &Meta, ctx: Ctx, parts: &Parts<'_>) -> Option<Result<Serving, Faults>> {
        Some(self.handlers.get(meta.number)?.as_ref()?(ctx, parts))
    }

    /// Whether the operation has a handler.
    #[cfg(test)]
    pub(crate) fn has(&self, meta: &Meta) -> bool {
        self.handlers.get(meta.number).is_some_and(Option::is_some)
    }
}

async fn answer<O: Operation>(result: impl Future<Output = Result<O::Output, Failure<O::Error>>>) -> Served {
    match result.await {
        Ok(output) => {
            let mut body = Vec::with_capacity(REPLY);
            output.encode(&mut body);
            Served::Success(body)
        }
        Err(Failure::Modelled(error)) => Served::Refused(error.reply()),
        Err(Failure::Internal(error)) => {
            let message = "The service could not process the request.";
            let reply = ErrorReply::of_operation(&O::META, O::Error::INTERNAL, 500, message);
            Served::Fault(reply, error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_wire::SERVICES;

    #[test]
    fn every_served_operation_has_a_handler() {
        let table = super::super::table();
        let missing: Vec<_> =
            SERVICES.iter().copied().flatten().filter(|meta| !table.has(meta)).map(|meta| meta.name).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
