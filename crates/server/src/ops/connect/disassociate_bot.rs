//! DisassociateBot: the instance may no longer use a Lex bot (Amazon Connect API Reference, *DisassociateBot*).

use switchboard_wire::connect::{DisassociateBotError, DisassociateBotInput};

use super::{
    associations::{self, Call},
    bots,
};
use crate::ops::{Ctx, Failure};

/// Takes one bot, a V1 bot or an alias of a V2 bot, from those the instance may use.
pub(super) async fn disassociate_bot(
    ctx: Ctx,
    input: DisassociateBotInput,
) -> Result<(), Failure<DisassociateBotError>> {
    let bot = bots::named(input.lex_bot, input.lex_v2_bot)?;
    let call = Call { operation: "DisassociateBot", instance_id: input.instance_id, client_token: input.client_token };
    associations::remove(ctx, call, bot).await
}
