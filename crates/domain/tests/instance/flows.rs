//! The flows of a new instance, held to the rules of *Amazon Connect Flow language*.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use switchboard_domain::instance::{
    ConnectResource, Resource, ResourceKind,
    contents::{Flow, FlowState, FlowStatus, FlowType},
};

use crate::{contents::contents, home, instance_id};

/// Types that end a flow and lead nowhere.
const TERMINAL: [&str; 3] = ["DisconnectParticipant", "EndFlowExecution", "TransferContactToAgent"];

/// What each type must wire, and may: errors that are needed, and whether conditions are.
#[rustfmt::skip]
const TYPES: [(&str, &[&str], bool); 23] = [
    ("CheckHoursOfOperation", &["NoMatchingError"], true),
    ("CheckMetricData", &["NoMatchingCondition", "NoMatchingError"], true),
    ("Compare", &["NoMatchingCondition"], true),
    ("CreateCallbackContact", &["NoMatchingError"], false),
    ("CreateTask", &["NoMatchingError"], false),
    ("DisconnectParticipant", &[], false),
    ("DistributeByPercentage", &["NoMatchingCondition"], true),
    ("EndFlowExecution", &[], false),
    ("GetParticipantInput", &["NoMatchingError"], false),
    ("InvokeLambdaFunction", &["NoMatchingError"], false),
    ("MessageParticipant", &["NoMatchingError"], false),
    ("MessageParticipantIteratively", &[], false),
    ("TransferContactToAgent", &[], false),
    ("TransferContactToQueue", &["NoMatchingError", "QueueAtCapacity"], false),
    ("TransferToFlow", &["NoMatchingError"], false),
    ("UpdateContactAttributes", &["NoMatchingError"], false),
    ("UpdateContactCallbackNumber", &["CallbackNumberNotDialable", "InvalidCallbackNumber"], false),
    ("UpdateContactEventHooks", &["NoMatchingError"], false),
    ("UpdateContactRecordingBehavior", &[], false),
    ("UpdateContactRoutingBehavior", &[], false),
    ("UpdateContactTargetQueue", &["NoMatchingError"], false),
    ("UpdatePreviousContactParticipantState", &["NoMatchingError"], false),
    ("Wait", &["NoMatchingError"], true),
];

struct Content {
    name: String,
    start: String,
    actions: Vec<Value>,
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("{member} is no text in {value}"))
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

/// Everywhere an action leads.
fn targets(action: &Value) -> Vec<&str> {
    let transitions = &action["Transitions"];
    let branches = list(transitions, "Conditions").iter().chain(list(transitions, "Errors"));
    transitions["NextAction"].as_str().into_iter().chain(branches.map(|branch| text(branch, "NextAction"))).collect()
}

fn each(check: impl Fn(&Content)) {
    for flow in contents().flows {
        let content: Value = serde_json::from_str(flow.content(false).expect("content").0).expect("JSON");
        assert_eq!(content["Version"], "2019-10-30");
        check(&Content {
            name: flow.name().to_owned(),
            start: text(&content, "StartAction").to_owned(),
            actions: list(&content, "Actions").to_vec(),
        });
    }
}

#[test]
fn there_are_eight_default_and_twelve_sample_flows_of_the_right_types() {
    let flows = contents().flows;
    let count = |prefix| flows.iter().filter(|flow| flow.name().starts_with(prefix)).count();
    assert_eq!((count("Default "), count("Sample "), flows.len()), (8, 12, 20));

    let of_type = |flow_type: FlowType| -> Vec<&str> {
        flows.iter().filter(|flow| flow.flow_type == flow_type).map(Resource::name).collect()
    };
    assert_eq!(of_type(FlowType::AgentHold), ["Default agent hold"]);
    assert_eq!(of_type(FlowType::AgentTransfer), ["Default agent transfer"]);
    assert_eq!(of_type(FlowType::AgentWhisper), ["Default agent whisper"]);
    assert_eq!(of_type(FlowType::CustomerHold), ["Default customer hold"]);
    assert_eq!(of_type(FlowType::CustomerWhisper), ["Default customer whisper"]);
    assert_eq!(of_type(FlowType::OutboundWhisper), ["Default outbound"]);
    assert_eq!(
        of_type(FlowType::CustomerQueue),
        ["Default customer queue", "Sample interruptible queue flow with callback"]
    );
    assert_eq!(of_type(FlowType::QueueTransfer), ["Default queue transfer", "Sample secure input with agent"]);
    assert_eq!(of_type(FlowType::ContactFlow).len(), 10);
    assert_eq!(of_type(FlowType::Campaign), [""; 0]);
}

#[test]
fn names_are_unique_and_all_are_published_and_active() {
    let flows = contents().flows;
    assert_eq!(flows.iter().map(Resource::name).collect::<BTreeSet<_>>().len(), flows.len());
    let ready = |flow: &Flow| (flow.status(), flow.state) == (FlowStatus::Published, FlowState::Active);
    assert!(flows.iter().all(|flow| ready(flow) && flow.saved.is_none()));
}

#[test]
fn every_action_is_reached_and_leads_to_one_that_exists() {
    each(|flow| {
        let actions: BTreeMap<_, _> = flow.actions.iter().map(|action| (text(action, "Identifier"), action)).collect();
        assert_eq!(actions.len(), flow.actions.len(), "{}: identifiers repeat", flow.name);

        let mut reached = BTreeSet::new();
        let mut ahead = vec![flow.start.as_str()];
        while let Some(identifier) = ahead.pop() {
            let action = actions.get(identifier).unwrap_or_else(|| panic!("{}: no action {identifier}", flow.name));
            if reached.insert(identifier) {
                ahead.extend(targets(action));
            }
        }
        let unreached: Vec<_> = actions.keys().filter(|identifier| !reached.contains(*identifier)).collect();
        assert!(unreached.is_empty(), "{}: {unreached:?}", flow.name);
    });
}

#[test]
fn identifiers_are_short_and_plain() {
    each(|flow| {
        for action in &flow.actions {
            let identifier = text(action, "Identifier");
            let plain = identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            assert!(plain && identifier.len() <= 50, "{}: {identifier}", flow.name);
        }
    });
}

#[test]
fn every_action_is_wired_as_its_type_demands() {
    each(|flow| {
        for action in &flow.actions {
            let (name, action_type) = (&flow.name, text(action, "Type"));
            let &(_, needed, conditions) = TYPES
                .iter()
                .find(|(known, ..)| *known == action_type)
                .unwrap_or_else(|| panic!("{name}: unknown type {action_type}"));
            let transitions = &action["Transitions"];
            let errors: BTreeSet<_> =
                list(transitions, "Errors").iter().map(|error| text(error, "ErrorType")).collect();

            let next = transitions["NextAction"].is_string();
            let loops = action_type == "MessageParticipantIteratively";
            assert!(loops || next != TERMINAL.contains(&action_type), "{name}: {action}");
            assert!(needed.iter().all(|error| errors.contains(error)), "{name}: {action}");
            assert!(!conditions || !list(transitions, "Conditions").is_empty(), "{name}: {action}");
        }
    });
}

#[test]
fn a_menu_wires_all_that_can_come_of_it() {
    each(|flow| {
        let menus = flow.actions.iter().filter(|action| action["Parameters"]["StoreInput"] == "False");
        for menu in menus {
            let errors: BTreeSet<_> =
                list(&menu["Transitions"], "Errors").iter().map(|error| text(error, "ErrorType")).collect();
            let all = BTreeSet::from(["InputTimeLimitExceeded", "NoMatchingCondition", "NoMatchingError"]);
            assert_eq!(errors, all, "{}", flow.name);
            let choices = list(&menu["Transitions"], "Conditions").iter().map(|c| &c["Condition"]["Operands"][0]);
            assert!(choices.clone().all(|choice| choice.as_str().is_some_and(|digit| digit.len() == 1)));
        }
    });
}

#[test]
fn every_arn_in_a_flow_names_something_that_is_there() {
    let contents = contents();
    let mut there = BTreeSet::from([(ResourceKind::Queue, contents.queue.id())]);
    there.extend(contents.prompts.iter().map(|prompt| (ResourceKind::Prompt, prompt.id())));
    there.extend(contents.flows.iter().map(|flow| (ResourceKind::ContactFlow, flow.id())));

    let mut found = 0;
    for flow in &contents.flows {
        let content = flow.published.as_deref().unwrap();
        assert!(!content.contains("{{"), "{}: a name was left", flow.name());
        for arn in content.split('"').filter(|text| text.starts_with("arn:")) {
            let named = ConnectResource::parse(arn, &home()).unwrap();
            let ConnectResource::Resource(instance, kind, id) = named else { panic!("{arn}") };
            assert_eq!(instance, instance_id());
            assert!(there.contains(&(kind, id)), "{}: {arn}", flow.name());
            found += 1;
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn messages_fit_a_chat() {
    each(|flow| {
        for action in &flow.actions {
            let message = action["Parameters"]["Text"].as_str().unwrap_or_default();
            assert!(message.chars().count() <= 1_024, "{}", flow.name);
        }
    });
}
