//! ListBots: the Lex bots of one version that the instance may use (Amazon Connect API Reference, *ListBots*).

use switchboard_domain::instance::{Bot, Family};
use switchboard_wire::connect::{LexVersion, ListBotsError, ListBotsInput, ListBotsOutput};

use super::{bots, lookup, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// The most a page holds, and what it holds where the request does not say.
const PAGE: usize = 25;

/// One page of the bots, in the order of their names.
pub(super) async fn list_bots(ctx: Ctx, input: ListBotsInput) -> Result<ListBotsOutput, Failure<ListBotsError>> {
    let family = match input.lex_version {
        LexVersion::V1 => Family::LexV1Bots,
        LexVersion::V2 => Family::LexV2Bots,
    };
    ctx.read(|tx| {
        let instance = lookup::active_instance(&ctx, tx, &input.instance_id)?;
        let scope = family.scope(instance.id);
        let wanted = Wanted {
            list: format!("ListBots/{scope}"),
            token: input.next_token.as_deref(),
            max_results: input.max_results,
            default: PAGE,
        };
        let page = wanted.records::<Bot, _>(&ctx, tx, &scope)?;
        Ok(ListBotsOutput {
            lex_bots: Some(page.items.into_iter().map(bots::shown).collect()),
            next_token: page.next,
        })
    })
}
