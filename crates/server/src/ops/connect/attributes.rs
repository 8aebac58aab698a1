//! An attribute of an instance as the operations on attributes show it.

use switchboard_domain::instance::AttributeType;
use switchboard_wire::connect::Attribute;

use super::words::OnWire as _;

/// The attribute with its value, which is the text `true` or `false`.
pub(super) fn shown(attribute: AttributeType, on: bool) -> Attribute {
    Attribute { attribute_type: Some(attribute.on_wire()), value: Some(on.to_string()) }
}
