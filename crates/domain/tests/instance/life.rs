use switchboard_domain::{
    Time,
    instance::{
        AttributeType, Identity, IdentityManagementType, Instance, InstanceStatus, Life, NewInstance, NotBeingCreated,
    },
};

use crate::{NOW, ids};

fn created() -> Instance {
    let identity = Identity::new(IdentityManagementType::ConnectManaged, Some("centre"), None).expect("an identity");
    let request = NewInstance { identity, inbound_calls: true, outbound_calls: false };
    Instance::create(request, NOW, 1_500, &mut ids())
}

const READY: Time = Time(NOW.0 + 1_500);

#[test]
fn a_new_instance_is_being_created_and_cannot_be_used() {
    let instance = created();
    assert_eq!(instance.status(), InstanceStatus::CreationInProgress);
    assert_eq!(instance.created, NOW);
    assert_eq!(instance.due_at(), Some(READY));
    assert_eq!(instance.status_reason(), None);
    let refused = instance.usable().unwrap_err();
    assert_eq!(refused.to_string(), "The instance is not active: its status is CREATION_IN_PROGRESS.");
    assert_eq!(instance.deletable(), Err(refused));
    assert!(instance.attributes.get(AttributeType::InboundCalls));
    assert!(!instance.attributes.get(AttributeType::OutboundCalls));
}

#[test]
fn it_becomes_active_when_its_time_has_come_and_not_before() {
    let early = created().when_due(Time(READY.0 - 1)).unwrap();
    assert_eq!(early, created());

    let active = created().when_due(READY).unwrap();
    assert_eq!(active.status(), InstanceStatus::Active);
    assert_eq!((active.usable(), active.deletable()), (Ok(()), Ok(())));
    assert_eq!(active.due_at(), None);
    assert_eq!(active.clone().when_due(READY.plus_minutes(1)), Some(active));
}

#[test]
fn a_failed_creation_is_listed_with_its_reason_for_a_day() {
    let failed = created().fail("The disk is full.", NOW).unwrap();
    assert_eq!(failed.status(), InstanceStatus::CreationFailed);
    assert_eq!(failed.status_reason(), Some("The disk is full."));
    assert!(failed.usable().is_err());
    assert_eq!(failed.deletable(), Ok(()));

    let day = NOW.plus_minutes(24 * 60);
    assert_eq!(failed.due_at(), Some(day));
    assert_eq!(failed.clone().when_due(Time(day.0 - 1)), Some(failed.clone()));
    assert_eq!(failed.when_due(day), None);
}

#[test]
fn only_a_creation_that_is_under_way_fails() {
    for (instance, status) in [
        (created().when_due(READY).unwrap(), InstanceStatus::Active),
        (created().fail("no", NOW).unwrap(), InstanceStatus::CreationFailed),
    ] {
        assert_eq!(instance.fail("again", NOW), Err(NotBeingCreated { status }));
    }
}

#[test]
fn a_delay_without_end_does_not_wrap_around() {
    assert_eq!(Life::creating(NOW, i64::MAX).due_at(), Some(Time(i64::MAX)));
}

#[test]
fn an_instance_survives_being_stored() {
    for instance in [created(), created().when_due(READY).unwrap(), created().fail("no", NOW).unwrap()] {
        let stored = serde_json::to_string(&instance).unwrap();
        assert_eq!(serde_json::from_str::<Instance>(&stored).unwrap(), instance);
    }
}
