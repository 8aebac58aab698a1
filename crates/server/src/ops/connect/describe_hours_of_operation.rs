//! DescribeHoursOfOperation: one week's open hours (Amazon Connect API Reference, *DescribeHoursOfOperation*).

use switchboard_domain::instance::contents::{HoursOfOperation as Record, OpenHours, TimeOfDay};
use switchboard_wire::connect::{
    DescribeHoursOfOperationError, DescribeHoursOfOperationInput, DescribeHoursOfOperationOutput, HoursOfOperation,
    HoursOfOperationConfig, HoursOfOperationTimeSlice,
};

use super::{contents, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// The hours of operation that an id or an ARN names.
pub(super) async fn describe_hours_of_operation(
    ctx: Ctx,
    input: DescribeHoursOfOperationInput,
) -> Result<DescribeHoursOfOperationOutput, Failure<DescribeHoursOfOperationError>> {
    let (hours, told, tags) = contents::describe::<Record, _>(&ctx, &input.instance_id, &input.hours_of_operation_id)?;
    Ok(DescribeHoursOfOperationOutput {
        hours_of_operation: Some(HoursOfOperation {
            hours_of_operation_id: told.id,
            hours_of_operation_arn: told.arn,
            name: told.name,
            description: told.description,
            tags,
            time_zone: Some(hours.time_zone),
            config: Some(hours.config.into_iter().map(open).collect()),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
            ..HoursOfOperation::default()
        }),
    })
}

fn open(hours: OpenHours) -> HoursOfOperationConfig {
    HoursOfOperationConfig {
        day: hours.day.on_wire(),
        start_time: time_of_day(hours.start),
        end_time: time_of_day(hours.end),
    }
}

fn time_of_day(time: TimeOfDay) -> HoursOfOperationTimeSlice {
    HoursOfOperationTimeSlice { hours: time.hours.into(), minutes: time.minutes.into() }
}
