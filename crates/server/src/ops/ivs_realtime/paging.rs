//! Pages of a list: one way for every operation that has `nextToken` and `maxResults`.
//!
//! A page begins after a row, never at a count, and is filled before it is given out: rows that a filter leaves out do
//! not make it shorter.

use switchboard_state::{Page, Record, StoreError, Tx};
use switchboard_wire::ivs_realtime::ValidationException;

use super::lookup::invalid;
use crate::ops::{Ctx, Failure};

/// What a page holds where neither the request nor the operation says.
pub(super) const PAGE: usize = 50;
/// Rows read at once while a filter looks for its own.
const CHUNK: usize = 200;

/// What a request says about the page it wants.
pub(super) struct Wanted<'a> {
    /// The operation with its filters: a token is good for the list it came from only.
    pub(super) list: String,
    /// `nextToken`.
    pub(super) token: Option<&'a str>,
    /// `maxResults`, within the model's range.
    pub(super) max_results: Option<i32>,
    /// The size of a page where the request does not say.
    pub(super) default: usize,
}

impl Wanted<'_> {
    /// The page of a scope's records that `takes` takes, of those whose ids begin with `prefix`, in the order of ids.
    pub(super) fn page<R, E>(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        (scope, prefix): (&str, &str),
        takes: impl Fn(&R) -> bool,
    ) -> Result<Page<(String, R)>, Failure<E>>
    where
        R: Record,
        E: From<ValidationException>,
    {
        let (pager, list) = (&ctx.app.pager, format!("{}/{scope}/{prefix}", self.list));
        let token = self.token.filter(|token| !token.is_empty());
        let after = pager.after(&list, token).map_err(|error| invalid(format!("nextToken: {error}")))?;
        let limit = self.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(self.default);
        let begin = after.unwrap_or_else(|| prefix.to_owned());
        let rows = scan(tx, (scope, prefix), begin, limit + 1, takes)?;
        let rows = rows.into_iter().map(|(id, record)| (id.clone(), (id, record))).collect();
        Ok(pager.page(&list, rows, limit))
    }
}

fn scan<R: Record>(
    tx: &mut Tx,
    (scope, prefix): (&str, &str),
    mut after: String,
    wanted: usize,
    takes: impl Fn(&R) -> bool,
) -> Result<Vec<(String, R)>, StoreError> {
    let mut taken = Vec::new();
    while taken.len() < wanted {
        let rows = tx.list::<R>(scope, Some(&after), CHUNK)?;
        let is_last = rows.len() < CHUNK;
        for (id, record) in rows {
            if !id.starts_with(prefix) || taken.len() == wanted {
                return Ok(taken);
            }
            after.clone_from(&id);
            if takes(&record) {
                taken.push((id, record));
            }
        }
        if is_last {
            break;
        }
    }
    Ok(taken)
}

/// Takes every record.
pub(super) const fn everything<R>(_: &R) -> bool {
    true
}
