//! Segment attributes on the wire: a structure with one member of five, where the domain has one value of five kinds.

use std::collections::BTreeMap;

use switchboard_domain::chat::segment_attributes::SegmentValue;
use switchboard_wire::{
    Map,
    connect::{InvalidRequestException, SegmentAttributeValue},
};

/// What `SegmentAttributes` says.
pub(super) fn given(
    attributes: Map<SegmentAttributeValue>,
) -> Result<BTreeMap<String, SegmentValue>, InvalidRequestException> {
    attributes.into_iter().map(|(key, value)| Ok((key.clone(), read(&key, value)?))).collect()
}

/// Them as `SegmentAttributes` shows them; absent where there are none.
pub(super) fn shown(attributes: BTreeMap<String, SegmentValue>) -> Option<Map<SegmentAttributeValue>> {
    (!attributes.is_empty()).then(|| show_all(attributes))
}

/// AWS does not say: what becomes of a value with no member or with two. It is refused, since it has no one meaning.
fn read(key: &str, value: SegmentAttributeValue) -> Result<SegmentValue, InvalidRequestException> {
    let SegmentAttributeValue { value_string, value_map, value_integer, value_list, value_arn } = value;
    let members = [
        value_string.map(|text| Ok(SegmentValue::String(text))),
        value_map.map(|values| given(values).map(SegmentValue::Map)),
        value_integer.map(|number| Ok(SegmentValue::Integer(number.into()))),
        value_list.map(|values| {
            values.into_iter().map(|value| read(key, value)).collect::<Result<_, _>>().map(SegmentValue::List)
        }),
        value_arn.map(|arn| Ok(SegmentValue::Arn(arn))),
    ];
    let mut members = members.into_iter().flatten();
    match (members.next(), members.next()) {
        (Some(only), None) => only,
        _ => Err(InvalidRequestException::new(format!("SegmentAttributes {key:?} must have exactly one value."))),
    }
}

fn show_all(attributes: BTreeMap<String, SegmentValue>) -> Map<SegmentAttributeValue> {
    attributes.into_iter().map(|(key, value)| (key, show(value))).collect()
}

fn show(value: SegmentValue) -> SegmentAttributeValue {
    let none = SegmentAttributeValue::default();
    match value {
        SegmentValue::String(text) => SegmentAttributeValue { value_string: Some(text), ..none },
        SegmentValue::Map(values) => SegmentAttributeValue { value_map: Some(show_all(values)), ..none },
        // The wire has 32 bits, and so has whatever came over it.
        SegmentValue::Integer(number) => SegmentAttributeValue { value_integer: i32::try_from(number).ok(), ..none },
        SegmentValue::List(values) => {
            SegmentAttributeValue { value_list: Some(values.into_iter().map(show).collect()), ..none }
        }
        SegmentValue::Arn(arn) => SegmentAttributeValue { value_arn: Some(arn), ..none },
    }
}
