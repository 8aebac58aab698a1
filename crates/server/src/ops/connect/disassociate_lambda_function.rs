//! DisassociateLambdaFunction: the flows of the instance may no longer call a function (Amazon Connect API Reference,
//! *DisassociateLambdaFunction*).

use switchboard_domain::instance::FunctionArn;
use switchboard_wire::connect::{DisassociateLambdaFunctionError, DisassociateLambdaFunctionInput};

use super::{
    associations::{self, Call},
    lookup::out_of_form,
};
use crate::ops::{Ctx, Failure};

/// Takes a function from those the instance may call.
pub(super) async fn disassociate_lambda_function(
    ctx: Ctx,
    input: DisassociateLambdaFunctionInput,
) -> Result<(), Failure<DisassociateLambdaFunctionError>> {
    let function = FunctionArn::parse(&input.function_arn).map_err(out_of_form)?;
    let call = Call {
        operation: "DisassociateLambdaFunction",
        instance_id: input.instance_id,
        client_token: input.client_token,
    };
    associations::remove(ctx, call, function).await
}
