//! The ids and names of what is on the server, as values of options.
//!
//! The server is asked by a command line of our own, in a process that is given up after a while: whatever it takes
//! to find keys or to reach the server, the shell goes on.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use switchboard_model::Service;

use super::candidates::Candidate;
use super::position::Position;
use crate::naming::kebab;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Options that say where the server is and whose key it is; they go with the question.
const CARRIED: [&str; 4] = ["region", "profile", "endpoint-url", "ca-bundle"];
const CARRIED_SWITCHES: [&str; 2] = ["no-sign-request", "no-verify-ssl"];

/// A listing that has the values of a member.
struct Listing {
    service: &'static str,
    /// The member. An empty name is that of `arn`, which every operation uses for something else.
    member: &'static str,
    command: &'static str,
    /// The options that the listing needs; their values must have been typed already.
    needs: &'static [&'static str],
    /// Where in the answer the list is, and what of each entry is the value; nothing means the entry itself.
    list: &'static str,
    value: &'static str,
    name: &'static str,
}

const fn listing(
    service: &'static str,
    member: &'static str,
    command: &'static str,
    needs: &'static [&'static str],
    [list, value, name]: [&'static str; 3],
) -> Listing {
    Listing { service, member, command, needs, list, value, name }
}

const INSTANCE: &[&str] = &["instance-id"];

const LISTINGS: [Listing; 25] = [
    listing("connect", "InstanceId", "list-instances", &[], ["InstanceSummaryList", "Id", "InstanceAlias"]),
    listing("connect", "ContactFlowId", "list-contact-flows", INSTANCE, ["ContactFlowSummaryList", "Id", "Name"]),
    listing("connect", "QueueId", "list-queues", INSTANCE, ["QueueSummaryList", "Id", "Name"]),
    listing("connect", "PromptId", "list-prompts", INSTANCE, ["PromptSummaryList", "Id", "Name"]),
    listing(
        "connect",
        "HoursOfOperationId",
        "list-hours-of-operations",
        INSTANCE,
        ["HoursOfOperationSummaryList", "Id", "Name"],
    ),
    listing(
        "connect",
        "RoutingProfileId",
        "list-routing-profiles",
        INSTANCE,
        ["RoutingProfileSummaryList", "Id", "Name"],
    ),
    listing(
        "connect",
        "SecurityProfileId",
        "list-security-profiles",
        INSTANCE,
        ["SecurityProfileSummaryList", "Id", "Name"],
    ),
    listing("connect", "AgentStatusId", "list-agent-statuses", INSTANCE, ["AgentStatusSummaryList", "Id", "Name"]),
    listing("connect", "Origin", "list-approved-origins", INSTANCE, ["Origins", "", ""]),
    listing("connect", "FunctionArn", "list-lambda-functions", INSTANCE, ["LambdaFunctions", "", ""]),
    listing("connect", "BotName", "list-lex-bots", INSTANCE, ["LexBots", "Name", "LexRegion"]),
    listing(
        "connect",
        "AssociationId",
        "list-instance-storage-configs",
        &["instance-id", "resource-type"],
        ["StorageConfigs", "AssociationId", "StorageType"],
    ),
    listing("connect", "AssociationId", "list-security-keys", INSTANCE, ["SecurityKeys", "AssociationId", ""]),
    listing("ivs-realtime", "stageArn", "list-stages", &[], ["stages", "arn", "name"]),
    listing("ivs-realtime", "sourceStageArn", "list-stages", &[], ["stages", "arn", "name"]),
    listing("ivs-realtime", "destinationStageArn", "list-stages", &[], ["stages", "arn", "name"]),
    listing("ivs-realtime", "filterByStageArn", "list-stages", &[], ["stages", "arn", "name"]),
    listing("ivs-realtime", "resourceArn", "list-stages", &[], ["stages", "arn", "name"]),
    listing(
        "ivs-realtime",
        "sessionId",
        "list-stage-sessions",
        &["stage-arn"],
        ["stageSessions", "sessionId", "startTime"],
    ),
    listing(
        "ivs-realtime",
        "participantId",
        "list-participants",
        &["stage-arn", "session-id"],
        ["participants", "participantId", "userId"],
    ),
    listing("lexv2-models", "botId", "list-bots", &[], ["botSummaries", "botId", "botName"]),
    listing(
        "lexv2-models",
        "botAliasId",
        "list-bot-aliases",
        &["bot-id"],
        ["botAliasSummaries", "botAliasId", "botAliasName"],
    ),
    listing("lexv2-runtime", "botId", "list-bots", &[], ["botSummaries", "botId", "botName"]),
    listing(
        "lexv2-runtime",
        "botAliasId",
        "list-bot-aliases",
        &["bot-id"],
        ["botAliasSummaries", "botAliasId", "botAliasName"],
    ),
    listing("connect", "resourceArn", "list-instances", &[], ["InstanceSummaryList", "Arn", "InstanceAlias"]),
];

/// What the word `Stage` of `GetStage` and the like is listed by, where the member is only called `arn`.
const BY_ARN: [(&str, &str, &str); 6] = [
    ("Stage", "list-stages", "stages"),
    ("EncoderConfiguration", "list-encoder-configurations", "encoderConfigurations"),
    ("IngestConfiguration", "list-ingest-configurations", "ingestConfigurations"),
    ("StorageConfiguration", "list-storage-configurations", "storageConfigurations"),
    ("PublicKey", "list-public-keys", "publicKeys"),
    ("Composition", "list-compositions", "compositions"),
];

/// The values on the server that a member may have.
pub(super) fn of(service: &Service, operation: &str, member: &str, position: &Position) -> Vec<Candidate> {
    let Some(listing) = find(&service.name, operation, member, position) else { return Vec::new() };
    // The runtime of Lex has no listings of its own.
    let asked = if listing.service == "lexv2-runtime" { "lexv2-models" } else { listing.service };
    let mut words = vec![asked.to_owned(), listing.command.to_owned()];
    for option in listing.needs.iter().chain(&CARRIED) {
        words.extend(position.value(option).map(|value| format!("--{option}={value}")));
    }
    words.extend(CARRIED_SWITCHES.iter().filter(|name| position.is_given(name)).map(|name| format!("--{name}")));
    words.extend(["--output", "json", "--no-cli-pager"].map(str::to_owned));
    let Some(answer) = ask(&words).and_then(|text| serde_json::from_str::<Value>(&text).ok()) else {
        return Vec::new();
    };
    let entries = answer.get(listing.list).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| candidate(&listing, entry)).collect()
}

/// The listing for a member, if what it needs was typed already.
fn find(service: &str, operation: &str, member: &str, position: &Position) -> Option<Listing> {
    if service == "ivs-realtime" && member == "arn" {
        let (_, command, list) = BY_ARN.into_iter().find(|(what, ..)| operation.ends_with(what))?;
        return Some(listing("ivs-realtime", "arn", command, &[], [list, "arn", "name"]));
    }
    LISTINGS.into_iter().find(|listing| {
        let has_needs = listing.needs.iter().all(|option| position.value(option).is_some());
        listing.service == service && listing.member == member && has_needs && listing.command != kebab(operation)
    })
}

fn candidate(listing: &Listing, entry: &Value) -> Option<Candidate> {
    let text = |key: &str| if key.is_empty() { entry.as_str() } else { entry.get(key)?.as_str() };
    let name = if listing.name.is_empty() { None } else { text(listing.name) };
    Some(Candidate::new(text(listing.value)?, name.unwrap_or_default()))
}

/// The options of one of the server's commands, from what its `--help` says.
pub(super) fn flags(verb: &str) -> Vec<Candidate> {
    let text = ask(&[verb.to_owned(), "--help".to_owned()]).unwrap_or_default();
    let flag = |line: &str| {
        let line = line.trim_start();
        let at = if line.starts_with("--") { 0 } else { line.strip_prefix('-')?.find(" --")? + 2 };
        let name = line.get(at..)?.split([' ', '=', '[']).next()?;
        name.strip_prefix("--").filter(|name| !name.is_empty())?;
        Some(Candidate::new(name, ""))
    };
    text.lines().filter_map(flag).collect()
}

/// Runs this program with other words and returns what it prints, if it does so soon and well.
fn ask(words: &[String]) -> Option<String> {
    let mut question = Command::new(std::env::current_exe().ok()?)
        .args(words)
        .env("AWS_MAX_ATTEMPTS", "1")
        .env_remove("COMP_LINE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdout = question.stdout.take()?;
    let (done, answer) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let whole = stdout.read_to_string(&mut text).is_ok();
        // Nobody may be waiting any more.
        let _ = done.send(whole.then_some(text));
    });
    let text = answer.recv_timeout(PATIENCE).ok().flatten();
    if text.is_none() {
        // It may have ended by itself meanwhile.
        let _ = question.kill();
    }
    let status = question.wait().ok()?;
    text.filter(|_| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::shapes;

    #[test]
    fn every_listing_is_one() {
        for listing in LISTINGS {
            let name = if listing.service == "lexv2-runtime" { "lexv2-models" } else { listing.service };
            let service = catalog::service(name).expect("it exists");
            let (_, operation) = catalog::operation(&service, listing.command).expect("it exists");
            let output = shapes::output(&service, operation).expect("it answers");
            assert!(output.members.contains_key(listing.list), "{}", listing.command);
            let input = shapes::input(&service, operation).expect("it asks");
            for option in listing.needs {
                assert!(input.members.keys().any(|member| kebab(member) == *option), "{}", listing.command);
            }
        }
    }

    #[test]
    fn what_a_listing_needs_comes_first() {
        let mut position = Position::default();
        assert!(find("connect", "DescribeQueue", "QueueId", &position).is_none());
        position.given.push(("instance-id".to_owned(), vec!["x".to_owned()]));
        assert_eq!(find("connect", "DescribeQueue", "QueueId", &position).expect("it does").command, "list-queues");
        assert_eq!(find("ivs-realtime", "DeleteStage", "arn", &position).expect("it does").list, "stages");
        assert!(find("connect", "DescribeQueue", "ContactId", &position).is_none());
    }

    #[test]
    fn an_entry_is_a_value_with_a_name() {
        let listing = &LISTINGS[0];
        let entry = serde_json::json!({ "Id": "i", "InstanceAlias": "shop" });
        assert_eq!(candidate(listing, &entry), Some(Candidate::new("i", "shop")));
        assert_eq!(candidate(listing, &serde_json::json!({})), None);
    }
}
