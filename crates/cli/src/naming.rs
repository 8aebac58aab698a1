//! From the names of the API to the names one types: `LexV2Bot` to `lex-v2-bot`.
//!
//! The rule is the one AWS's own Python clients share. A run of capitals that ends in a plural `s` (`ARNs`) is one
//! word; a capital followed by small letters starts a word; a capital after a small letter or a digit starts a word.
//! The handful of names for which those clients keep a list of exceptions (`iSCSI`, `PartiQL`, `HITs`) do not occur
//! in the services here.

/// The name with its words separated by hyphens, in small letters.
pub(crate) fn kebab(name: &str) -> String {
    if name.contains('-') {
        return name.to_owned();
    }
    let parted = part_plural_acronym(name);
    let parted = part_capitalised_words(&parted);
    part_small_from_capital(&parted).to_lowercase()
}

/// `TagARNs` to `Tag-arns`.
fn part_plural_acronym(name: &str) -> String {
    let Some(stem) = name.strip_suffix('s') else { return name.to_owned() };
    let start = stem.trim_end_matches(|c: char| c.is_ascii_uppercase()).len();
    if stem.len() - start < 2 {
        return name.to_owned();
    }
    format!("{}-{}", &name[..start], name[start..].to_lowercase())
}

/// A hyphen between any character and the capitalised word after it, as `s/(.)([A-Z][a-z]+)/\1-\2/g` puts it.
fn part_capitalised_words(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 8);
    let mut at = 0;
    while let Some(&before) = chars.get(at) {
        out.push(before);
        at += 1;
        let small = chars.iter().skip(at + 1).take_while(|c| c.is_ascii_lowercase()).count();
        if small > 0 && chars[at].is_ascii_uppercase() {
            out.push('-');
            out.extend(&chars[at..=at + small]);
            at += small + 1;
        }
    }
    out
}

/// A hyphen between a small letter or digit and the capital after it, as `s/([a-z0-9])([A-Z])/\1-\2/g` puts it.
fn part_small_from_capital(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut after_small = false;
    for c in name.chars() {
        if after_small && c.is_ascii_uppercase() {
            out.push('-');
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn names_part_as_in_the_python_clients() {
        for (name, expected) in [
            ("LexV2Bot", "lex-v2-bot"),
            ("InstanceId", "instance-id"),
            ("stageArn", "stage-arn"),
            ("s3", "s3"),
            ("S3Config", "s3-config"),
            ("ListQueues", "list-queues"),
            ("TagARNs", "tag-arns"),
            ("BatchGetFlowAssociation", "batch-get-flow-association"),
            ("GetCurrentMetricDataV2", "get-current-metric-data-v2"),
            ("HTTPSEndpoint", "https-endpoint"),
            ("URLExpiryInSeconds", "url-expiry-in-seconds"),
            ("AfterContactWorkTimeLimit", "after-contact-work-time-limit"),
            ("already-parted", "already-parted"),
            ("ABcDe", "a-bc-de"),
            ("s", "s"),
            ("", ""),
        ] {
            assert_eq!(kebab(name), expected, "{name}");
        }
    }
}
