//! AssociateBot: the instance may use a Lex bot (Amazon Connect API Reference, *AssociateBot*).

use switchboard_wire::connect::{AssociateBotError, AssociateBotInput};

use super::{
    associations::{self, Call},
    bots,
};
use crate::ops::{Ctx, Failure};

/// Adds one bot, a V1 bot or an alias of a V2 bot, to those the instance may use.
pub(crate) async fn associate_bot(ctx: Ctx, input: AssociateBotInput) -> Result<(), Failure<AssociateBotError>> {
    let bot = bots::named(input.lex_bot, input.lex_v2_bot)?;
    let call = Call { operation: "AssociateBot", instance_id: input.instance_id, client_token: input.client_token };
    associations::add(ctx, call, bot).await
}
