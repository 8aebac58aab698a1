//! ARNs of the service: `arn:aws:ivs:REGION:ACCOUNT:KIND/ID`.
//!
//! Facts: *Service authorization reference*, Amazon Interactive Video Service; the ARN patterns of the model.

use std::str::FromStr;

use crate::{Arn, Home, words::words};

/// The service of these ARNs and of the signatures: shared with the older, low-latency service.
pub const SERVICE: &str = "ivs";

words! {
    /// The kinds of resources that have an ARN.
    ResourceKind {
        Stage = "stage",
        PublicKey = "public-key",
        EncoderConfiguration = "encoder-configuration",
        StorageConfiguration = "storage-configuration",
        IngestConfiguration = "ingest-configuration",
        Composition = "composition",
    }
}

impl ResourceKind {
    /// The ARN of the one of that id.
    #[must_use]
    pub fn arn(self, id: &str, home: &Home) -> Arn {
        home.arn(SERVICE, format!("{self}/{id}"))
    }

    /// The id in an ARN of this kind. `None`: another kind, another Region or account, or no such id.
    #[must_use]
    pub fn id<T: FromStr>(self, arn: &str, home: &Home) -> Option<T> {
        let (kind, id) = split(arn, home)?;
        if kind == self { id.parse().ok() } else { None }
    }
}

/// The kind and the id that an ARN of this Region and account names.
#[must_use]
pub fn split(arn: &str, home: &Home) -> Option<(ResourceKind, String)> {
    let arn: Arn = arn.parse().ok()?;
    if !home.owns(SERVICE, &arn) {
        return None;
    }
    let (kind, id) = arn.resource.split_once('/')?;
    Some((kind.parse().ok()?, id.to_owned()))
}
