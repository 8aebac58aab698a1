//! DisassociateApprovedOrigin: pages of an origin may no longer embed the instance (Amazon Connect API Reference,
//! *DisassociateApprovedOrigin*).

use switchboard_domain::instance::Origin;
use switchboard_wire::connect::{DisassociateApprovedOriginError, DisassociateApprovedOriginInput};

use super::{
    associations::{self, Call},
    lookup::out_of_form,
};
use crate::ops::{Ctx, Failure};

/// Takes an origin from those the instance approves.
pub(super) async fn disassociate_approved_origin(
    ctx: Ctx,
    input: DisassociateApprovedOriginInput,
) -> Result<(), Failure<DisassociateApprovedOriginError>> {
    let origin = Origin::parse(&input.origin).map_err(out_of_form)?;
    let call = Call {
        operation: "DisassociateApprovedOrigin",
        instance_id: input.instance_id,
        client_token: input.client_token,
    };
    associations::remove(ctx, call, origin).await
}
