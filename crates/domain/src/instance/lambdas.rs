//! The Lambda functions that the flows of an instance may call.
//!
//! Facts: *AssociateLambdaFunction* in the Amazon Connect API Reference (`FunctionArn`, at most 140 characters); the
//! forms of a function's ARN in the Lambda Developer Guide.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Arn,
    instance::{Associable, Family},
};

/// The longest `FunctionArn`, in characters.
const FUNCTION_ARN_MAX: usize = 140;

/// The ARN of a function, with its version or alias if it names one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FunctionArn(String);

/// Not the ARN of a function: an `InvalidParameterException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("FunctionArn must be the ARN of a Lambda function: arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER].")]
pub struct NotAFunction;

impl FunctionArn {
    /// Reads the ARN of a function.
    ///
    /// # Errors
    /// [`NotAFunction`].
    pub fn parse(text: &str) -> Result<Self, NotAFunction> {
        let arn = Arn::from_str(text).map_err(|_| NotAFunction)?;
        let name = arn.resource.strip_prefix("function:").ok_or(NotAFunction)?;
        let is_part = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'$'))
        };
        let fits = text.len() <= FUNCTION_ARN_MAX
            && arn.service == "lambda"
            && !arn.region.is_empty()
            && !arn.account.is_empty()
            && name.split(':').count() <= 2
            && name.split(':').all(is_part);
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAFunction) }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Associable for FunctionArn {
    fn family(&self) -> Family {
        Family::LambdaFunctions
    }

    fn key(&self) -> String {
        self.0.clone()
    }
}

impl fmt::Display for FunctionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The Lambda function {}", self.0)
    }
}
