use switchboard_domain::instance::{AttributeError, AttributeType, Attributes};

#[test]
fn every_attribute_has_a_value_from_the_start() {
    let attributes = Attributes::new(true, false);
    let on: Vec<_> = attributes.iter().filter(|&(_, on)| on).map(|(attribute, _)| attribute.as_str()).collect();
    assert_eq!(on, ["INBOUND_CALLS", "CONTACT_LENS", "AUTO_RESOLVE_BEST_VOICES", "EARLY_MEDIA"]);
    assert_eq!(attributes.iter().count(), 13);
}

#[test]
fn they_are_listed_in_one_order_whatever_was_set() {
    let mut attributes = Attributes::default();
    let before: Vec<_> = attributes.iter().map(|(attribute, _)| attribute).collect();
    attributes.set(AttributeType::MessageStreaming, "true").unwrap();
    attributes.set(AttributeType::InboundCalls, "true").unwrap();
    assert_eq!(attributes.iter().map(|(attribute, _)| attribute).collect::<Vec<_>>(), before);
    assert_eq!(before, AttributeType::ALL);
}

#[test]
fn what_is_set_stays_set() {
    let mut attributes = Attributes::new(true, true);
    for (attribute, value, on) in [
        (AttributeType::EarlyMedia, "false", false),
        (AttributeType::ContactflowLogs, "true", true),
        (AttributeType::InboundCalls, "false", false),
        (AttributeType::UseCustomTtsVoices, "false", false),
    ] {
        attributes.set(attribute, value).unwrap();
        assert_eq!(attributes.get(attribute), on, "{attribute}");
    }
    let stored = serde_json::to_string(&attributes).unwrap();
    assert_eq!(serde_json::from_str::<Attributes>(&stored).unwrap(), attributes);
}

#[test]
fn a_value_is_true_or_false() {
    let mut attributes = Attributes::default();
    for value in ["", "TRUE", "True", "1", "yes", " true"] {
        assert_eq!(attributes.set(AttributeType::ContactLens, value), Err(AttributeError::Value), "{value:?}");
    }
    assert!(attributes.get(AttributeType::ContactLens));
}

#[test]
fn custom_voices_are_for_those_whom_aws_lets_have_them() {
    let refused = AttributeError::NotAllowed(AttributeType::UseCustomTtsVoices);
    assert_eq!(Attributes::default().set(AttributeType::UseCustomTtsVoices, "true"), Err(refused));
}
