//! AssociateApprovedOrigin: pages of an origin may embed the instance (Amazon Connect API Reference,
//! *AssociateApprovedOrigin*).

use switchboard_domain::instance::Origin;
use switchboard_wire::connect::{AssociateApprovedOriginError, AssociateApprovedOriginInput};

use super::{
    associations::{self, Call},
    lookup::out_of_form,
};
use crate::ops::{Ctx, Failure};

/// Adds an origin to those the instance approves.
pub(super) async fn associate_approved_origin(
    ctx: Ctx,
    input: AssociateApprovedOriginInput,
) -> Result<(), Failure<AssociateApprovedOriginError>> {
    let origin = Origin::parse(&input.origin).map_err(out_of_form)?;
    let call =
        Call { operation: "AssociateApprovedOrigin", instance_id: input.instance_id, client_token: input.client_token };
    associations::add(ctx, call, origin).await
}
