use switchboard_domain::{
    ContactId, Home, InstanceId, ResourceId,
    instance::{
        ConnectResource, FlowReference, ResourceKind, UnknownReference, parse_id, parse_instance_reference,
        parse_resource_reference,
    },
};
use uuid::Uuid;

use crate::{home, instance_id};

const INSTANCE: &str = "00000000-0000-0000-0000-000000000abc";
const THING: &str = "00000000-0000-0000-0000-000000000def";

fn arn(path: &str) -> String {
    format!("arn:aws:connect:us-east-1:123456789012:{path}")
}

fn thing() -> ResourceId {
    ResourceId(Uuid::from_u128(0xdef))
}

#[test]
fn an_instance_goes_by_its_id_or_its_arn() {
    for text in [INSTANCE.to_owned(), INSTANCE.to_uppercase(), arn(&format!("instance/{INSTANCE}"))] {
        assert_eq!(parse_instance_reference(&text, &home()), Ok(instance_id()), "{text}");
    }
}

#[test]
fn other_places_and_other_things_are_unknown() {
    let bare = INSTANCE.replace('-', "");
    for text in [
        "".to_owned(),
        "centre".to_owned(),
        bare,
        format!("{{{INSTANCE}}}"),
        format!("urn:uuid:{INSTANCE}"),
        format!("arn:aws:connect:eu-west-1:123456789012:instance/{INSTANCE}"),
        format!("arn:aws:connect:us-east-1:000000000000:instance/{INSTANCE}"),
        format!("arn:aws:lex:us-east-1:123456789012:instance/{INSTANCE}"),
        arn("instance/"),
        arn("instance/centre"),
        arn(&format!("instance/{INSTANCE}/")),
        arn(&format!("instance/{INSTANCE}/queue/{THING}")),
    ] {
        assert_eq!(parse_instance_reference(&text, &home()), Err(UnknownReference(text.clone())), "{text}");
    }
}

#[test]
fn every_kind_has_its_word_in_an_arn() {
    for (kind, word) in [
        (ResourceKind::Queue, "queue"),
        (ResourceKind::RoutingProfile, "routing-profile"),
        (ResourceKind::HoursOfOperation, "operating-hours"),
        (ResourceKind::ContactFlow, "contact-flow"),
        (ResourceKind::ContactFlowModule, "flow-module"),
        (ResourceKind::Prompt, "prompt"),
        (ResourceKind::User, "agent"),
        (ResourceKind::AgentStatus, "agent-state"),
        (ResourceKind::HierarchyGroup, "agent-group"),
        (ResourceKind::SecurityProfile, "security-profile"),
        (ResourceKind::QuickConnect, "transfer-destination"),
        (ResourceKind::TaskTemplate, "task-template"),
    ] {
        let text = arn(&format!("instance/{INSTANCE}/{word}/{THING}"));
        let named = ConnectResource::Resource(instance_id(), kind, thing());
        assert_eq!(ConnectResource::parse(&text, &home()), Ok(named));
        assert_eq!(named.arn(&home()).to_string(), text);
        assert_eq!(parse_resource_reference(kind, &text, instance_id(), &home()), Ok(thing()));
        assert_eq!(parse_resource_reference(kind, THING, instance_id(), &home()), Ok(thing()));
        assert!(named.is_taggable());
    }
}

#[test]
fn a_resource_of_another_kind_or_instance_is_unknown() {
    let queue = arn(&format!("instance/{INSTANCE}/queue/{THING}"));
    let other = InstanceId(Uuid::from_u128(1));
    assert!(parse_resource_reference(ResourceKind::Queue, &queue, other, &home()).is_err());
    assert!(parse_resource_reference(ResourceKind::Prompt, &queue, instance_id(), &home()).is_err());
    assert!(parse_resource_reference(ResourceKind::Queue, "queue", instance_id(), &home()).is_err());
}

#[test]
fn instances_contacts_and_agent_queues_have_arns_too() {
    let contact = ContactId(Uuid::from_u128(0xdef));
    for (path, named, taggable) in [
        (format!("instance/{INSTANCE}"), ConnectResource::Instance(instance_id()), true),
        (format!("instance/{INSTANCE}/contact/{THING}"), ConnectResource::Contact(instance_id(), contact), false),
        (
            format!("instance/{INSTANCE}/queue/agent/{THING}"),
            ConnectResource::AgentQueue(instance_id(), thing()),
            false,
        ),
    ] {
        assert_eq!(ConnectResource::parse(&arn(&path), &home()), Ok(named));
        assert_eq!(named.arn(&home()).to_string(), arn(&path));
        assert_eq!(named.is_taggable(), taggable);
        assert_eq!(named.instance_id(), instance_id());
    }
}

#[test]
fn what_is_no_arn_of_ours_names_nothing() {
    let elsewhere = Home { region: "eu-west-1".to_owned(), account: "123456789012".to_owned() };
    let queue = arn(&format!("instance/{INSTANCE}/queue/{THING}"));
    assert!(ConnectResource::parse(&queue, &elsewhere).is_err());
    for path in [
        format!("phone-number/{THING}"),
        format!("instance/{INSTANCE}/nothing/{THING}"),
        format!("instance/{INSTANCE}/queue/x"),
        format!("instance/{INSTANCE}/queue/{THING}/more"),
        format!("instance/{INSTANCE}/queue"),
    ] {
        assert!(ConnectResource::parse(&arn(&path), &home()).is_err(), "{path}");
    }
    assert!(ConnectResource::parse(INSTANCE, &home()).is_err());
}

#[test]
fn a_flow_may_be_asked_for_its_draft() {
    let flow = arn(&format!("instance/{INSTANCE}/contact-flow/{THING}"));
    for (text, saved) in [
        (THING.to_owned(), false),
        (format!("{THING}:$SAVED"), true),
        (flow.clone(), false),
        (format!("{flow}:$SAVED"), true),
    ] {
        let found = FlowReference::parse(&text, instance_id(), &home());
        assert_eq!(found, Ok(FlowReference { id: thing(), saved }), "{text}");
    }
    for text in [format!("{THING}:"), format!("{THING}:$saved"), format!("{THING}$SAVED"), ":$SAVED".to_owned()] {
        assert_eq!(FlowReference::parse(&text, instance_id(), &home()), Err(UnknownReference(text.clone())));
    }
}

#[test]
fn ids_of_any_type_are_read_the_same_way() {
    assert_eq!(parse_id(THING, ResourceId), Ok(thing()));
    assert_eq!(parse_id(THING, ContactId), Ok(ContactId(Uuid::from_u128(0xdef))));
    let error = parse_id("nothing", ContactId).unwrap_err();
    assert_eq!(error.to_string(), "The resource was not found: nothing");
}
