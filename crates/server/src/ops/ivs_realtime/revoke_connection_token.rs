//! RevokeConnectionToken: a shared network connection, and every stage riding on it, ends for good (Amazon IVS Real-Time
//! API Reference, *RevokeConnectionToken*).

use switchboard_domain::stage::token::RevokedConnection;
use switchboard_wire::ivs_realtime::{
    RevokeConnectionTokenError, RevokeConnectionTokenInput, RevokeConnectionTokenOutput,
};

use crate::ops::{Ctx, Failure};

/// Remembers that the token is revoked. Customers make these tokens themselves, so any id may be one: none is unknown.
pub(super) async fn revoke_connection_token(
    ctx: Ctx,
    input: RevokeConnectionTokenInput,
) -> Result<RevokeConnectionTokenOutput, Failure<RevokeConnectionTokenError>> {
    ctx.write(move |ctx, tx| {
        tx.put("", &input.token_id, &RevokedConnection { since: ctx.now })?;
        Ok(RevokeConnectionTokenOutput {})
    })
    .await
}
