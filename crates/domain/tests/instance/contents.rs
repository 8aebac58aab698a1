use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::instance::{
    Head, Resource,
    contents::{
        AgentStatusState, AgentStatusType, Channel, Contents, Day, Flow, FlowStatus, NotPublished, QueueStatus,
        TimeOfDay,
    },
};

use crate::{NOW, home, ids, instance_id};

pub fn contents() -> Contents {
    Contents::new(instance_id(), &home(), NOW, &mut ids())
}

fn names<R: Resource>(resources: &[R]) -> Vec<&str> {
    resources.iter().map(Resource::name).collect()
}

fn heads(contents: &Contents) -> Vec<&Head> {
    fn of<R: Resource>(resources: &[R]) -> impl Iterator<Item = &Head> {
        resources.iter().map(Resource::head)
    }
    let Contents { hours_of_operation, queue, routing_profile, security_profiles, agent_statuses, prompts, flows } =
        contents;
    [hours_of_operation.head(), queue.head(), routing_profile.head()]
        .into_iter()
        .chain(of(security_profiles))
        .chain(of(agent_statuses))
        .chain(of(prompts))
        .chain(of(flows))
        .collect()
}

#[test]
fn everything_has_an_id_of_its_own_and_the_time_and_place_of_its_making() {
    let contents = contents();
    let heads = heads(&contents);
    assert_eq!(heads.iter().map(|head| head.id).collect::<BTreeSet<_>>().len(), heads.len());
    for head in heads {
        assert_eq!((head.instance_id, head.last_modified), (instance_id(), NOW));
        assert_eq!(head.last_modified_region, "us-east-1");
        assert!((1..=127).contains(&head.name.len()), "{}", head.name);
        let described = head.description.as_deref().is_none_or(|text| (1..=250).contains(&text.len()));
        assert!(described, "{}", head.name);
    }
}

#[test]
fn the_queue_is_open_at_all_hours() {
    let Contents { hours_of_operation, queue, .. } = contents();
    assert_eq!((queue.name(), hours_of_operation.name()), ("BasicQueue", "Basic Hours"));
    assert_eq!(queue.hours_of_operation_id, hours_of_operation.id());
    assert_eq!((queue.status, queue.max_contacts), (QueueStatus::Enabled, None));

    let days: Vec<_> = hours_of_operation.config.iter().map(|hours| hours.day).collect();
    assert_eq!(days, Day::ALL);
    let midnight = TimeOfDay { hours: 0, minutes: 0 };
    assert!(hours_of_operation.config.iter().all(|hours| (hours.start, hours.end) == (midnight, midnight)));
}

#[test]
fn the_routing_profile_takes_two_chats_from_the_queue() {
    let Contents { queue, routing_profile, .. } = contents();
    assert_eq!(routing_profile.name(), "Basic Routing Profile");
    let concurrencies: Vec<_> =
        routing_profile.media_concurrencies.iter().map(|media| (media.channel, media.concurrency)).collect();
    assert_eq!(concurrencies, [(Channel::Voice, 1), (Channel::Chat, 2), (Channel::Task, 1)]);
    assert_eq!(routing_profile.queue_ids(), BTreeSet::from([queue.id()]));
    assert!(routing_profile.queues.iter().all(|config| (config.priority, config.delay_seconds) == (1, 0)));
    assert_eq!(routing_profile.default_outbound_queue_id, queue.id());
    assert!(routing_profile.is_default);
}

#[test]
fn four_security_profiles_grant_what_their_names_say() {
    let profiles = contents().security_profiles;
    assert_eq!(names(&profiles), ["Admin", "Agent", "CallCenterManager", "QualityAnalyst"]);
    let all: BTreeSet<_> = profiles[0].permissions.iter().collect();
    for profile in &profiles {
        assert!(profile.permissions.is_sorted(), "{}", profile.name());
        assert_eq!(profile.permissions.iter().collect::<BTreeSet<_>>().len(), profile.permissions.len());
        assert!(profile.permissions.iter().all(|permission| all.contains(permission)), "{}", profile.name());
    }
    assert_eq!(profiles[1].permissions, ["BasicAgentAccess", "OutboundCallAccess"]);
}

#[test]
fn agents_are_available_or_offline() {
    let statuses = contents().agent_statuses;
    let told: Vec<_> = statuses.iter().map(|s| (s.name(), s.status_type, s.display_order)).collect();
    assert_eq!(
        told,
        [("Available", AgentStatusType::Routable, Some(1)), ("Offline", AgentStatusType::Offline, Some(2))]
    );
    assert!(statuses.iter().all(|status| status.state == AgentStatusState::Enabled));
}

#[test]
fn seven_prompts_can_be_heard() {
    let prompts = contents().prompts;
    assert_eq!(prompts.len(), 7);
    for name in ["Beep.wav", "CustomerHold.wav", "CustomerQueue.wav"] {
        assert!(names(&prompts).contains(&name), "{name}");
    }
}

#[test]
fn arns_are_made_by_kind() {
    let contents = contents();
    let stem = format!("arn:aws:connect:us-east-1:123456789012:instance/{}", instance_id());
    let arn = |kind: &str, id| format!("{stem}/{kind}/{id}");
    let home = home();
    assert_eq!(contents.queue.arn(&home).to_string(), arn("queue", contents.queue.id()));
    assert_eq!(
        contents.hours_of_operation.arn(&home).to_string(),
        arn("operating-hours", contents.hours_of_operation.id())
    );
    let status = &contents.agent_statuses[0];
    assert_eq!(status.arn(&home).to_string(), arn("agent-state", status.id()));
    let flow = &contents.flows[0];
    assert_eq!(flow.arn(&home).to_string(), arn("contact-flow", flow.id()));
}

#[test]
fn a_flow_shows_what_is_published_or_the_draft_that_is_asked_for() {
    let published = contents().flows.remove(0);
    let content = published.published.clone().unwrap();
    let is_published = Ok((content.as_str(), FlowStatus::Published));
    assert_eq!(published.status(), FlowStatus::Published);
    assert_eq!((published.content(false), published.content(true)), (is_published, is_published));

    let edited = Flow { saved: Some("draft".to_owned()), ..published.clone() };
    let is_draft = Ok(("draft", FlowStatus::Saved));
    assert_eq!(edited.status(), FlowStatus::Published);
    assert_eq!((edited.content(false), edited.content(true)), (is_published, is_draft));

    let never_published = Flow { published: None, ..edited };
    assert_eq!(never_published.status(), FlowStatus::Saved);
    assert_eq!((never_published.content(false), never_published.content(true)), (Err(NotPublished), is_draft));
}

#[test]
fn all_of_it_survives_being_stored() {
    fn check<R: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(record: &R) {
        let stored = serde_json::to_string(record).unwrap();
        assert_eq!(&serde_json::from_str::<R>(&stored).unwrap(), record);
    }
    let contents = contents();
    check(&contents.hours_of_operation);
    check(&contents.queue);
    check(&contents.routing_profile);
    contents.security_profiles.iter().for_each(check);
    contents.agent_statuses.iter().for_each(check);
    contents.prompts.iter().for_each(check);
    contents.flows.iter().for_each(check);
}
