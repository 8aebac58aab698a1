//! ListLexBots: the Lex V1 bots that the instance may use; the older form of ListBots (Amazon Connect API Reference,
//! *ListLexBots*).

use switchboard_domain::instance::{Bot, Family};
use switchboard_wire::connect::{LexBot, ListLexBotsError, ListLexBotsInput, ListLexBotsOutput};

use super::{associations, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
const PAGE: usize = 10;

/// One page of the V1 bots, in the order of their names.
pub(super) async fn list_lex_bots(
    ctx: Ctx,
    input: ListLexBotsInput,
) -> Result<ListLexBotsOutput, Failure<ListLexBotsError>> {
    let wanted = Wanted {
        list: "ListLexBots".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    let page = associations::page::<Bot, _>(&ctx, &input.instance_id, Family::LexV1Bots, &wanted)?;
    let lex_bots = page.items.into_iter().filter_map(|bot| match bot {
        Bot::V1 { name, region } => Some(LexBot { name, lex_region: region }),
        // None is in this set.
        Bot::V2 { .. } => None,
    });
    Ok(ListLexBotsOutput { lex_bots: Some(lex_bots.collect()), next_token: page.next })
}
