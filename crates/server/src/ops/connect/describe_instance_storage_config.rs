//! DescribeInstanceStorageConfig: where the instance puts things of one type (Amazon Connect API Reference,
//! *DescribeInstanceStorageConfig*).

use switchboard_wire::connect::{
    DescribeInstanceStorageConfigError, DescribeInstanceStorageConfigInput, DescribeInstanceStorageConfigOutput,
};

use super::{lookup, storage, words::OffWire as _};
use crate::ops::{Ctx, Failure};

/// One configuration, by its id and what it is for.
pub(super) async fn describe_instance_storage_config(
    ctx: Ctx,
    input: DescribeInstanceStorageConfigInput,
) -> Result<DescribeInstanceStorageConfigOutput, Failure<DescribeInstanceStorageConfigError>> {
    let of = input.resource_type.off_wire();
    ctx.read(|tx| {
        let instance = lookup::active_instance(&ctx, tx, &input.instance_id)?;
        let association = storage::find(tx, &instance, of, &input.association_id)?;
        Ok(DescribeInstanceStorageConfigOutput { storage_config: Some(storage::shown(association)) })
    })
}
