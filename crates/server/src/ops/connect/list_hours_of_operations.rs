//! ListHoursOfOperations: the hours of operation of an instance (Amazon Connect API Reference, *ListHoursOfOperations*).

use switchboard_domain::instance::contents::HoursOfOperation;
use switchboard_wire::connect::{
    HoursOfOperationSummary, ListHoursOfOperationsError, ListHoursOfOperationsInput, ListHoursOfOperationsOutput,
};

use super::contents::List;
use crate::ops::{Ctx, Failure};

/// One page of the hours of operation, in the order of their ids.
pub(super) async fn list_hours_of_operations(
    ctx: Ctx,
    input: ListHoursOfOperationsInput,
) -> Result<ListHoursOfOperationsOutput, Failure<ListHoursOfOperationsError>> {
    let list = List {
        name: "ListHoursOfOperations".to_owned(),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |_: &HoursOfOperation| true,
        |_, told| HoursOfOperationSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        },
    )?;
    Ok(ListHoursOfOperationsOutput { hours_of_operation_summary_list: Some(page.items), next_token: page.next })
}
