//! ListBots: the Lex bots of one version that the instance may use (Amazon Connect API Reference, *ListBots*).

use switchboard_domain::instance::Bot;
use switchboard_wire::connect::{ListBotsError, ListBotsInput, ListBotsOutput};

use super::{associations, bots, paging::Wanted, words::OffWire as _};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 25;

/// One page of the bots, in the order of their names.
pub(super) async fn list_bots(ctx: Ctx, input: ListBotsInput) -> Result<ListBotsOutput, Failure<ListBotsError>> {
    let family = input.lex_version.off_wire().family();
    let wanted = Wanted {
        list: "ListBots".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    let page = associations::page::<Bot, _>(&ctx, &input.instance_id, family, &wanted)?;
    Ok(ListBotsOutput { lex_bots: Some(page.items.into_iter().map(bots::shown).collect()), next_token: page.next })
}
