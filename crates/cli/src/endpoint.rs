//! The hosts of AWS: which one serves a service in a region.
//!
//! One rule: a host is the service's name, the region and the domain of the region's partition; those that are validated
//! by FIPS 140 have `-fips` behind the name, those that are reached by IPv6 too have a domain of their own. (AWS General
//! Reference, "Service endpoints"; AWS SDKs and Tools Reference Guide, "Dual-stack and FIPS endpoints".)

use crate::errors::Failure;
use crate::globals::Globals;
use crate::sources::{Sources, Wanted};

/// Which of a service's hosts is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Variant {
    fips: bool,
    dual_stack: bool,
}

impl Variant {
    /// What the user has set.
    pub(crate) fn of(globals: &Globals, sources: &Sources) -> Self {
        let is_on = |wanted| sources.find(globals, &wanted).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Self {
            fips: is_on(Wanted::new("use_fips_endpoint").variable("AWS_USE_FIPS_ENDPOINT")),
            dual_stack: is_on(Wanted::new("use_dualstack_endpoint").variable("AWS_USE_DUALSTACK_ENDPOINT")),
        }
    }
}

/// A part of AWS that shares nothing with the others.
struct Partition {
    /// What its regions begin with.
    prefix: &'static str,
    domain: &'static str,
    /// The domain of hosts with IPv6, where there are any.
    dual_stack: Option<&'static str>,
}

const PARTITIONS: [Partition; 6] = [
    Partition { prefix: "cn-", domain: "amazonaws.com.cn", dual_stack: Some("api.amazonwebservices.com.cn") },
    Partition { prefix: "us-iso-", domain: "c2s.ic.gov", dual_stack: Some("api.aws") },
    Partition { prefix: "us-isob-", domain: "sc2s.sgov.gov", dual_stack: Some("api.aws") },
    Partition { prefix: "eu-isoe-", domain: "cloud.adc-e.uk", dual_stack: None },
    Partition { prefix: "us-isof-", domain: "csp.hci.ic.gov", dual_stack: None },
    Partition { prefix: "eusc-", domain: "amazonaws.eu", dual_stack: Some("api.amazonwebservices.eu") },
];

/// All other regions, those of the government of the United States included.
const USUAL: Partition = Partition { prefix: "", domain: "amazonaws.com", dual_stack: Some("api.aws") };

/// Where all hosts are validated, and have no name of their own for it.
const ALL_FIPS: [(&str, &str); 4] = [
    ("connect", "us-gov-west-1"),
    ("participant.connect", "us-gov-west-1"),
    ("sts", "us-gov-west-1"),
    ("sts", "us-gov-east-1"),
];

/// The endpoint of a service in a region.
pub(crate) fn of_aws(service: &str, region: &str, variant: Variant) -> Result<String, Failure> {
    let partition = PARTITIONS.iter().find(|partition| region.starts_with(partition.prefix)).unwrap_or(&USUAL);
    let domain = match (variant.dual_stack, partition.dual_stack) {
        (false, _) => partition.domain,
        (true, Some(domain)) => domain,
        (true, None) => {
            return Err(Failure::Other(format!("There are no dual-stack endpoints in {region}.")));
        }
    };
    let is_plain = !variant.fips || !variant.dual_stack && ALL_FIPS.contains(&(service, region));
    // The older Lex is named before the rule.
    let name = match service {
        _ if is_plain => service.to_owned(),
        "runtime.lex" if domain == USUAL.domain => "runtime-fips.lex".to_owned(),
        service => format!("{service}-fips"),
    };
    Ok(format!("https://{name}.{region}.{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_aws() {
        let plain = Variant::default();
        let fips = Variant { fips: true, ..plain };
        let dual_stack = Variant { dual_stack: true, ..plain };
        let both = Variant { fips: true, dual_stack: true };
        for (service, region, variant, expected) in [
            ("connect", "eu-west-1", plain, "connect.eu-west-1.amazonaws.com"),
            ("connect", "eu-west-1", fips, "connect-fips.eu-west-1.amazonaws.com"),
            ("connect", "eu-west-1", dual_stack, "connect.eu-west-1.api.aws"),
            ("connect", "eu-west-1", both, "connect-fips.eu-west-1.api.aws"),
            ("connect", "us-gov-west-1", fips, "connect.us-gov-west-1.amazonaws.com"),
            ("connect", "us-gov-west-1", both, "connect-fips.us-gov-west-1.api.aws"),
            ("connect", "us-gov-east-1", fips, "connect-fips.us-gov-east-1.amazonaws.com"),
            ("participant.connect", "us-gov-west-1", fips, "participant.connect.us-gov-west-1.amazonaws.com"),
            ("participant.connect", "us-east-1", fips, "participant.connect-fips.us-east-1.amazonaws.com"),
            ("ivsrealtime", "cn-north-1", plain, "ivsrealtime.cn-north-1.amazonaws.com.cn"),
            ("ivsrealtime", "cn-north-1", both, "ivsrealtime-fips.cn-north-1.api.amazonwebservices.com.cn"),
            ("runtime.lex", "us-east-1", fips, "runtime-fips.lex.us-east-1.amazonaws.com"),
            ("runtime.lex", "us-east-1", both, "runtime.lex-fips.us-east-1.api.aws"),
            ("runtime.lex", "cn-north-1", fips, "runtime.lex-fips.cn-north-1.amazonaws.com.cn"),
            ("sts", "us-gov-east-1", fips, "sts.us-gov-east-1.amazonaws.com"),
            ("sts", "us-isob-east-1", plain, "sts.us-isob-east-1.sc2s.sgov.gov"),
            ("sts", "us-isof-south-1", fips, "sts-fips.us-isof-south-1.csp.hci.ic.gov"),
            ("sts", "eusc-de-east-1", dual_stack, "sts.eusc-de-east-1.api.amazonwebservices.eu"),
        ] {
            let expected = format!("https://{expected}");
            assert_eq!(of_aws(service, region, variant), Ok(expected), "{service} {region} {variant:?}");
        }
        assert!(of_aws("sts", "eu-isoe-west-1", dual_stack).is_err());
    }
}
