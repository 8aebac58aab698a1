//! ListLambdaFunctions: the functions that the flows of the instance may call (Amazon Connect API Reference,
//! *ListLambdaFunctions*).

use switchboard_domain::instance::{Family, FunctionArn};
use switchboard_wire::connect::{ListLambdaFunctionsError, ListLambdaFunctionsInput, ListLambdaFunctionsOutput};

use super::{associations, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 25;

/// One page of the functions, in the order of their ARNs.
pub(super) async fn list_lambda_functions(
    ctx: Ctx,
    input: ListLambdaFunctionsInput,
) -> Result<ListLambdaFunctionsOutput, Failure<ListLambdaFunctionsError>> {
    let wanted = Wanted {
        list: "ListLambdaFunctions".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    let page = associations::page::<FunctionArn, _>(&ctx, &input.instance_id, Family::LambdaFunctions, &wanted)?;
    Ok(ListLambdaFunctionsOutput {
        lambda_functions: Some(page.items.iter().map(|function| function.as_str().to_owned()).collect()),
        next_token: page.next,
    })
}
