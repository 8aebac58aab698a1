//! Pages of a list: one way for every operation that has `NextToken` and `MaxResults`.

use switchboard_state::{BadToken, Page, Record, StoreError, Tx};
use switchboard_wire::connect::InvalidRequestException;

use crate::ops::{Ctx, Failure};

/// What a request says about the page it wants.
pub(super) struct Wanted<'a> {
    /// The operation with its filters: a token is good for the list it came from only.
    pub(super) list: String,
    /// `NextToken`.
    pub(super) token: Option<&'a str>,
    /// `MaxResults`, within the model's range.
    pub(super) max_results: Option<i32>,
    /// The size of a page where the request does not say.
    pub(super) default: usize,
}

impl Wanted<'_> {
    /// The page of records of one scope, in the order of their ids. A token is good for that scope only.
    pub(super) fn records<R, E>(&self, ctx: &Ctx, tx: &mut Tx, scope: &str) -> Result<Page<R>, Failure<E>>
    where
        R: Record,
        E: From<InvalidRequestException>,
    {
        let list = format!("{}/{scope}", self.list);
        self.page_of(ctx, &list, |after, limit| tx.list(scope, after, limit))
    }

    /// The page of whatever `rows` finds: at most so many after that cursor, in the order of their cursors.
    pub(super) fn page<T, E>(
        &self,
        ctx: &Ctx,
        rows: impl FnOnce(Option<&str>, usize) -> Result<Vec<(String, T)>, StoreError>,
    ) -> Result<Page<T>, Failure<E>>
    where
        E: From<InvalidRequestException>,
    {
        self.page_of(ctx, &self.list, rows)
    }

    fn page_of<T, E>(
        &self,
        ctx: &Ctx,
        list: &str,
        rows: impl FnOnce(Option<&str>, usize) -> Result<Vec<(String, T)>, StoreError>,
    ) -> Result<Page<T>, Failure<E>>
    where
        E: From<InvalidRequestException>,
    {
        let pager = &ctx.app.pager;
        let after = pager.after(list, self.token).map_err(bad_token)?;
        let limit = self.max_results.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
        let limit = limit.unwrap_or(self.default);
        Ok(pager.page(list, rows(after.as_deref(), limit + 1)?, limit))
    }
}

fn bad_token(error: BadToken) -> InvalidRequestException {
    InvalidRequestException::new(format!("NextToken: {error}"))
}
