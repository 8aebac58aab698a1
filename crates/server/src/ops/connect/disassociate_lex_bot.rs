//! DisassociateLexBot: the instance may no longer use a Lex V1 bot; the older form of DisassociateBot (Amazon Connect
//! API Reference, *DisassociateLexBot*).

use switchboard_wire::connect::{DisassociateLexBotError, DisassociateLexBotInput};

use super::{
    associations::{self, Call},
    bots,
};
use crate::ops::{Ctx, Failure};

/// Takes a V1 bot from those the instance may use: the same set as DisassociateBot's.
pub(super) async fn disassociate_lex_bot(
    ctx: Ctx,
    input: DisassociateLexBotInput,
) -> Result<(), Failure<DisassociateLexBotError>> {
    let bot = bots::named_v1(input.bot_name, input.lex_region)?;
    let call =
        Call { operation: "DisassociateLexBot", instance_id: input.instance_id, client_token: input.client_token };
    associations::remove(ctx, call, bot).await
}
