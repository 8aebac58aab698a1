//! The operations: a folder per service, a file per operation.
//!
//! A handler reads as load, decide, save, publish. It gets its typed input and a [`Ctx`], and answers with its typed
//! output or a [`Failure`]. Only this folder sees both the wire's types and the domain's.

pub(crate) mod connect;
mod failure;
mod ivs_realtime;
pub(crate) mod participant;
mod table;

pub use failure::Failure;
pub(crate) use table::{Served, Table};

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::Time;
use switchboard_state::{Once, Tx};

use crate::app::App;

/// For how long a client token stands for its call.
// AWS does not say: for how long. A day outlasts every retry of its SDKs.
const CLIENT_TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// What every handler is given besides its input.
#[derive(Clone)]
pub struct Ctx {
    /// The server.
    pub app: Arc<App>,
    /// When the request came in: the only time its decision knows.
    pub now: Time,
    /// Who asks: an access key id, or `participant` for the bearer-authenticated service.
    pub caller: Arc<str>,
}

impl Ctx {
    /// Runs one transaction: all of it is kept, or nothing. It may run more than once, so it only reads, decides and
    /// writes.
    pub async fn write<T, E, F>(&self, transaction: F) -> Result<T, Failure<E>>
    where
        F: Fn(&Self, &mut Tx) -> Result<T, Failure<E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let ctx = self.clone();
        self.app.state.write(move |tx| transaction(&ctx, tx)).await
    }

    /// Runs one transaction once per client token: the same call again gets the first answer again.
    pub async fn write_once<T, E, F>(
        &self,
        operation: &'static str,
        client_token: Option<String>,
        transaction: F,
    ) -> Result<T, Failure<E>>
    where
        F: Fn(&Self, &mut Tx) -> Result<T, Failure<E>> + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        E: Send + 'static,
    {
        self.write(move |ctx, tx| tx.once(ctx.once(operation, client_token.as_deref()), |tx| transaction(ctx, tx)))
            .await
    }

    /// This call, for [`Tx::once`].
    pub fn once<'a>(&'a self, operation: &'a str, token: Option<&'a str>) -> Once<'a> {
        Once { caller: &self.caller, operation, token, now: self.now, window_seconds: CLIENT_TOKEN_SECONDS }
    }

    /// Runs a few reads on one consistent view, where it is called: for look-ups by key and short pages.
    ///
    /// # Errors
    /// Whatever `look` fails with.
    pub fn read<T, E>(&self, look: impl FnOnce(&mut Tx) -> Result<T, Failure<E>>) -> Result<T, Failure<E>> {
        self.app.state.read(look)
    }
}

/// Every operation's handler.
pub(crate) fn table() -> Table {
    let mut table = Table::default();
    connect::register(&mut table);
    ivs_realtime::register(&mut table);
    participant::register(&mut table);
    table
}
