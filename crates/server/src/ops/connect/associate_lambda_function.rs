//! AssociateLambdaFunction: the flows of the instance may call a function (Amazon Connect API Reference,
//! *AssociateLambdaFunction*).

use switchboard_domain::instance::FunctionArn;
use switchboard_wire::connect::{AssociateLambdaFunctionError, AssociateLambdaFunctionInput};

use super::{
    associations::{self, Call},
    lookup::out_of_form,
};
use crate::ops::{Ctx, Failure};

/// Adds a function to those the instance may call.
pub(super) async fn associate_lambda_function(
    ctx: Ctx,
    input: AssociateLambdaFunctionInput,
) -> Result<(), Failure<AssociateLambdaFunctionError>> {
    let function = FunctionArn::parse(&input.function_arn).map_err(out_of_form)?;
    let call =
        Call { operation: "AssociateLambdaFunction", instance_id: input.instance_id, client_token: input.client_token };
    associations::add(ctx, call, function).await
}
