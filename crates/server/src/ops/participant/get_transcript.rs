//! GetTranscript: what was said so far, page by page (Participant Service API Reference, *GetTranscript*).

use switchboard_domain::{
    Time,
    chat::{
        Chat, TokenKind,
        transcript::{Cursor, Page, Plan, ScanDirection, SortOrder, StartPosition, TranscriptError, TranscriptRequest},
    },
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::{
    connectparticipant::{
        self as wire, GetTranscriptError, GetTranscriptInput, GetTranscriptOutput, ValidationException,
    },
    parse_iso,
};

use super::{
    caller,
    scan::{self, ScanError},
};
use crate::{
    chat::{lookup, render},
    ops::{Ctx, Failure},
};

/// One page of the chat and, read backwards, of the chats that it continues.
pub(super) async fn get_transcript(
    ctx: Ctx,
    input: GetTranscriptInput,
) -> Result<GetTranscriptOutput, Failure<GetTranscriptError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    ctx.read(|tx| {
        let (chat, viewer) = caller.chat_as_viewer(&ctx, tx)?;
        let list = format!("GetTranscript/{}", chat.id());
        let request = asked(&ctx, &list, input)?;
        let (Page { items, next }, is_past) = match chat.transcript(viewer, &request).map_err(refused)? {
            Some(plan) => page(&ctx, tx, &chat, plan)?,
            None => (Page { items: Vec::new(), next: None }, false),
        };
        Ok(GetTranscriptOutput {
            initial_contact_id: Some(chat.id().to_string()),
            transcript: Some(items.iter().map(|item| render::transcript_item(item, is_past)).collect()),
            next_token: next.map(|cursor| token(&ctx, &list, &cursor)).transpose()?,
        })
    })
}

/// Reads the page that is planned, and says whether it is of the past: what begins before this chat is looked for in the
/// chats that it continues, one after the other.
fn page(ctx: &Ctx, tx: &mut Tx, chat: &Chat, mut plan: Plan) -> Result<(Page, bool), Failure<GetTranscriptError>> {
    let limits = &ctx.app.limits.chat;
    loop {
        let past = if plan.log == chat.id() { None } else { Some(lookup::chat(tx, plan.log)?) };
        let chat = match &past {
            None => chat,
            Some(Some(past)) => past,
            // What was to be read is gone, and so is what came before it.
            Some(None) => return Ok((plan.page(Vec::new(), None, limits), plan.in_past)),
        };
        let rows = match scan::rows(tx, &plan, chat) {
            Ok(rows) => Ok(rows),
            Err(ScanError::Request(error)) => Err(error),
            Err(ScanError::Store(error)) => return Err(error.into()),
        };
        let before = match &rows {
            Ok(rows) if !rows.is_empty() => None,
            _ => plan.before(chat.past(), limits),
        };
        match before {
            Some(before) => plan = before,
            None => return Ok((plan.page(rows.map_err(refused)?, chat.past(), limits), plan.in_past)),
        }
    }
}

fn asked(ctx: &Ctx, list: &str, input: GetTranscriptInput) -> Result<TranscriptRequest, Failure<GetTranscriptError>> {
    Ok(TranscriptRequest {
        contact: input.contact_id,
        max_results: input.max_results.map(i64::from),
        next: input.next_token.map(|token| cursor(ctx, list, &token)).transpose()?,
        scan: input.scan_direction.map(|scan| match scan {
            wire::ScanDirection::Forward => ScanDirection::Forward,
            wire::ScanDirection::Backward => ScanDirection::Backward,
        }),
        sort: input.sort_order.map(|sort| match sort {
            wire::SortKey::Ascending => SortOrder::Ascending,
            wire::SortKey::Descending => SortOrder::Descending,
        }),
        start: input.start_position.map(start).transpose()?.unwrap_or_default(),
    })
}

fn start(given: wire::StartPosition) -> Result<StartPosition, ValidationException> {
    let time = |text: String| {
        let millis = parse_iso(&text).ok_or_else(|| {
            ValidationException::new(format!("StartPosition.AbsoluteTime {text:?} is no time in ISO 8601 format"))
        });
        millis.map(Time)
    };
    Ok(StartPosition {
        id: given.id,
        absolute_time: given.absolute_time.map(time).transpose()?,
        most_recent: given.most_recent.map(i64::from),
    })
}

/// A token says how the scan goes on, and is good for the chat whose transcript it came with.
fn token(ctx: &Ctx, list: &str, cursor: &Cursor) -> Result<String, Failure<GetTranscriptError>> {
    let cursor = serde_json::to_string(cursor)
        .map_err(|error| StoreError::Document { kind: "transcript cursor", reason: error.to_string() })?;
    Ok(ctx.app.pager.encode(list, &cursor))
}

fn cursor(ctx: &Ctx, list: &str, token: &str) -> Result<Cursor, ValidationException> {
    let invalid = |why: String| ValidationException::new(format!("NextToken: {why}"));
    let cursor = ctx.app.pager.decode(list, token).map_err(|error| invalid(error.to_string()))?;
    serde_json::from_str(&cursor).map_err(|_| invalid("the token is of another version of this server".to_owned()))
}

fn refused(error: TranscriptError) -> Failure<GetTranscriptError> {
    match error {
        TranscriptError::MaxResults(_)
        | TranscriptError::ManyStarts
        | TranscriptError::MostRecent(_)
        | TranscriptError::UnknownItem
        | TranscriptError::OtherScan
        | TranscriptError::ForeignToken => ValidationException::new(error.to_string()).into(),
    }
}
