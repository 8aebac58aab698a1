//! AssociateBot: the instance may use a Lex bot (Amazon Connect API Reference, *AssociateBot*).

use switchboard_wire::connect::{AssociateBotError, AssociateBotInput};

use super::{associations, bots, lookup};
use crate::ops::{Ctx, Failure};

/// Adds one bot, a V1 bot or an alias of a V2 bot, to those the instance may use.
pub(super) async fn associate_bot(ctx: Ctx, input: AssociateBotInput) -> Result<(), Failure<AssociateBotError>> {
    let bot = bots::named(input.lex_bot, input.lex_v2_bot)?;
    ctx.write_once("AssociateBot", input.client_token, move |ctx, tx| {
        let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
        associations::add(ctx, tx, &instance, &bot)
    })
    .await
}
