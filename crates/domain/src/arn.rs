//! Amazon Resource Names: `arn:aws:service:region:account:resource`.
//!
//! The resource part keeps its slashes; which kind of thing it names is told by its words
//! (`instance/IID/contact/CID`, …), as in AWS's *Service Authorization Reference*.

use std::{fmt, str::FromStr};

/// One ARN, split at its first five colons.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Arn {
    /// The service, such as `connect`.
    pub service: String,
    /// The region, such as `us-east-1`; empty for global services.
    pub region: String,
    /// The twelve digits of the account.
    pub account: String,
    /// Everything after the fifth colon.
    pub resource: String,
}

/// The text is not an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ARN")]
pub struct NotAnArn;

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, NotAnArn> {
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next().ok_or(NotAnArn);
        if part()? != "arn" || !part()?.starts_with("aws") {
            return Err(NotAnArn);
        }
        let arn = Self {
            service: part()?.to_owned(),
            region: part()?.to_owned(),
            account: part()?.to_owned(),
            resource: part()?.to_owned(),
        };
        if arn.service.is_empty() || arn.resource.is_empty() { Err(NotAnArn) } else { Ok(arn) }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, region, account, resource } = self;
        write!(f, "arn:aws:{service}:{region}:{account}:{resource}")
    }
}

/// Where this server says it is: the region and account of every ARN it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The region, such as `us-east-1`.
    pub region: String,
    /// The twelve digits of the account.
    pub account: String,
}

impl Home {
    /// The ARN of a resource of `service` here.
    #[must_use]
    pub fn arn(&self, service: &str, resource: impl Into<String>) -> Arn {
        Arn {
            service: service.to_owned(),
            region: self.region.clone(),
            account: self.account.clone(),
            resource: resource.into(),
        }
    }

    /// Whether `arn` is one of this server's, for that service.
    #[must_use]
    pub fn owns(&self, service: &str, arn: &Arn) -> bool {
        arn.service == service && arn.region == self.region && arn.account == self.account
    }
}
