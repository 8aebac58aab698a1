//! AssociateLexBot: the instance may use a Lex V1 bot; the older form of AssociateBot (Amazon Connect API Reference,
//! *AssociateLexBot*).

use switchboard_wire::connect::{AssociateLexBotError, AssociateLexBotInput};

use super::{
    associations::{self, Call},
    bots,
};
use crate::ops::{Ctx, Failure};

/// Adds a V1 bot to those the instance may use: the same set as AssociateBot's.
pub(super) async fn associate_lex_bot(
    ctx: Ctx,
    input: AssociateLexBotInput,
) -> Result<(), Failure<AssociateLexBotError>> {
    let bot = bots::named_v1(input.lex_bot.name, input.lex_bot.lex_region)?;
    let call = Call { operation: "AssociateLexBot", instance_id: input.instance_id, client_token: input.client_token };
    associations::add(ctx, call, bot).await
}
