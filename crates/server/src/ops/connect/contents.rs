//! What is in an instance, listed and described: one way for every kind of resource.
//!
//! The one rule: a resource is a record under its instance and its id. What all kinds tell of themselves is [`Told`];
//! each operation adds what only its kind has.

use std::collections::BTreeMap;

use switchboard_domain::instance::{Instance, Resource, UnknownReference, parse_resource_reference};
use switchboard_state::{Page, Record, StoreError, Tx};
use switchboard_wire::{
    EpochTimestamp,
    connect::{InvalidRequestException, ResourceNotFoundException},
};

use super::{lookup, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: for ListAgentStatuses and ListSecurityProfilePermissions. Its pages on all the other lists of
// contents say 100.
pub(super) const PAGE: usize = 100;

/// What every kind of resource tells of itself.
pub(super) struct Told {
    pub(super) id: Option<String>,
    pub(super) arn: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) last_modified_time: Option<EpochTimestamp>,
    pub(super) last_modified_region: Option<String>,
}

impl Told {
    pub(super) fn of<R: Resource>(ctx: &Ctx, resource: &R) -> Self {
        let head = resource.head();
        Self {
            id: Some(head.id.to_string()),
            arn: Some(resource.arn(&ctx.app.home).to_string()),
            name: Some(head.name.clone()),
            description: head.description.clone(),
            last_modified_time: Some(head.last_modified.as_millis().into()),
            last_modified_region: Some(head.last_modified_region.clone()),
        }
    }
}

/// Tags as a description shows them: absent where there are none.
pub(super) type Tags = Option<BTreeMap<String, String>>;

/// The resource of an active instance that a member such as `QueueId` names, an id or an ARN, with its tags.
pub(super) fn describe<R, E>(ctx: &Ctx, instance: &str, reference: &str) -> Result<(R, Told, Tags), Failure<E>>
where
    R: Resource + Record,
    E: From<ResourceNotFoundException> + From<InvalidRequestException>,
{
    ctx.read(|tx| {
        let instance = lookup::active_instance(ctx, tx, instance)?;
        let resource: R = find(ctx, tx, &instance, reference)?;
        let told = Told::of(ctx, &resource);
        let tags = tx.tags(told.arn.as_deref().unwrap_or_default())?;
        Ok((resource, told, (!tags.is_empty()).then_some(tags)))
    })
}

/// The resource of that instance.
pub(super) fn find<R, E>(ctx: &Ctx, tx: &mut Tx, instance: &Instance, reference: &str) -> Result<R, Failure<E>>
where
    R: Resource + Record,
    E: From<ResourceNotFoundException>,
{
    let id = parse_resource_reference(<R as Resource>::KIND, reference, instance.id, &ctx.app.home)
        .map_err(lookup::not_found)?;
    let found = tx.get(&instance.id.to_string(), &id.to_string())?;
    found.ok_or_else(|| lookup::not_found(UnknownReference(reference.to_owned())).into())
}

/// What a request says about the list it wants.
pub(super) struct List<'a> {
    /// The operation, with its filter: a token is good for one list only.
    pub(super) name: String,
    /// `InstanceId`.
    pub(super) instance: &'a str,
    /// `NextToken`.
    pub(super) token: Option<&'a str>,
    /// `MaxResults`.
    pub(super) max_results: Option<i32>,
}

impl List<'_> {
    /// A page of the resources of an active instance that `keep` holds for, in the order of their ids.
    pub(super) fn page<R, T, E>(
        &self,
        ctx: &Ctx,
        keep: impl Fn(&R) -> bool,
        show: impl Fn(R, Told) -> T,
    ) -> Result<Page<T>, Failure<E>>
    where
        R: Resource + Record,
        E: From<ResourceNotFoundException> + From<InvalidRequestException>,
    {
        let page = ctx.read(|tx| {
            let scope = lookup::active_instance(ctx, tx, self.instance)?.id.to_string();
            self.wanted(&scope).page(ctx, |after, limit| kept(tx, &scope, after, limit, &keep))
        })?;
        let show = |resource| {
            let told = Told::of(ctx, &resource);
            show(resource, told)
        };
        Ok(Page { items: page.items.into_iter().map(show).collect(), next: page.next })
    }

    /// The page that is wanted of what is in `scope`.
    pub(super) fn wanted(&self, scope: &str) -> Wanted<'_> {
        Wanted {
            list: format!("{}/{scope}", self.name),
            token: self.token,
            max_results: self.max_results,
            default: PAGE,
        }
    }
}

/// As many records after that cursor as asked for of those that `keep` holds for, or all there are.
fn kept<R: Record>(
    tx: &mut Tx,
    scope: &str,
    after: Option<&str>,
    limit: usize,
    keep: impl Fn(&R) -> bool,
) -> Result<Vec<(String, R)>, StoreError> {
    let mut found = Vec::new();
    let mut after = after.map(str::to_owned);
    loop {
        let rows = tx.list::<R>(scope, after.as_deref(), limit)?;
        let is_last = rows.len() < limit;
        after = rows.last().map(|(id, _)| id.clone());
        found.extend(rows.into_iter().filter(|(_, record)| keep(record)));
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

/// As many of those rows after that cursor as asked for, in the order of their cursors: for lists inside one record.
pub(super) fn rows_after<T>(
    rows: impl IntoIterator<Item = (String, T)>,
    after: Option<&str>,
    limit: usize,
) -> Vec<(String, T)> {
    let in_order: BTreeMap<String, T> = rows.into_iter().collect();
    in_order.into_iter().filter(|(cursor, _)| after.is_none_or(|after| cursor.as_str() > after)).take(limit).collect()
}

/// The name of a list with a filter: no other filter gives the same.
pub(super) fn filtered<W: ToString>(operation: &str, filter: Option<&[W]>) -> String {
    let words: Vec<String> = filter.unwrap_or_default().iter().map(ToString::to_string).collect();
    format!("{operation}({})", words.join(","))
}

/// Whether a filter lets `word` through: one that is absent or empty lets everything through.
pub(super) fn allows<W: PartialEq>(filter: Option<&[W]>, word: W) -> bool {
    filter.is_none_or(|words| words.is_empty() || words.contains(&word))
}
