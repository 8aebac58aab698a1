//! DescribeView: what a step of a guide looks like (Participant Service API Reference, *DescribeView*).

use switchboard_domain::chat::TokenKind;
use switchboard_wire::connectparticipant::{
    DescribeViewError, DescribeViewInput, DescribeViewOutput, ResourceNotFoundException,
};

use super::caller;
use crate::ops::{Ctx, Failure};

/// Always an error: a ViewToken comes with a view that a flow shows, and no flow of this server shows one.
pub(super) async fn describe_view(
    ctx: Ctx,
    input: DescribeViewInput,
) -> Result<DescribeViewOutput, Failure<DescribeViewError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    ctx.read(|tx| {
        caller.chat::<DescribeViewError>(&ctx, tx)?;
        Err(ResourceNotFoundException::new("ViewToken names no view that this chat has been shown.").into())
    })
}
