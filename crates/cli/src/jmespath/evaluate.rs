//! What a query makes of a value. Parts of the value are lent, not copied, as long as nothing new is made.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::functions::{self, Argument};
use super::{Comparator, Node};
use crate::python;
use crate::value::{Int, Map, Value};

type Found<'v> = Result<Cow<'v, Value>, String>;

const NULL: Value = Value::Null;

/// Follows `node` from `value`.
pub(super) fn search<'v>(node: &Node, value: &'v Value) -> Found<'v> {
    match node {
        Node::Current => Ok(Cow::Borrowed(value)),
        Node::Field(name) => Ok(Cow::Borrowed(value.get(name).unwrap_or(&NULL))),
        Node::Literal(literal) => Ok(Cow::Owned(literal.clone())),
        Node::Index(index) => Ok(Cow::Borrowed(element(value, *index))),
        Node::Slice(parts) => slice(value, parts).map(Cow::Owned),
        Node::Chain(left, right) => then(search(left, value)?, right),
        Node::Projection(left, right) => match search(left, value)?.as_ref() {
            Value::List(items) => project(items, right),
            _ => Ok(Cow::Owned(NULL)),
        },
        Node::ValueProjection(left, right) => match search(left, value)?.as_ref() {
            Value::Map(map) => project(map.values(), right),
            _ => Ok(Cow::Owned(NULL)),
        },
        Node::FilterProjection(left, right, condition) => filter(search(left, value)?.as_ref(), right, condition),
        Node::Flatten(inside) => Ok(flatten(search(inside, value)?)),
        Node::Comparison(comparator, left, right) => {
            compare(*comparator, search(left, value)?.as_ref(), search(right, value)?.as_ref()).map(Cow::Owned)
        }
        Node::Or(left, right) => match search(left, value)? {
            found if is_false(&found) => search(right, value),
            found => Ok(found),
        },
        Node::And(left, right) => match search(left, value)? {
            found if is_false(&found) => Ok(found),
            _ => search(right, value),
        },
        Node::Not(inside) => Ok(Cow::Owned(Value::Bool(not(search(inside, value)?.as_ref())))),
        Node::Expression(_) => Err("An expression behind & is for functions only".to_owned()),
        Node::Call(name, arguments) => call(name, arguments, value).map(Cow::Owned),
        Node::MultiList(_) | Node::MultiMap(_) if value.is_null() => Ok(Cow::Owned(NULL)),
        Node::MultiList(items) => {
            let items = items.iter().map(|item| search(item, value).map(Cow::into_owned));
            items.collect::<Result<Vec<_>, _>>().map(|items| Cow::Owned(items.into()))
        }
        Node::MultiMap(entries) => {
            let entries = entries.iter().map(|(key, node)| Ok((key.clone(), search(node, value)?.into_owned())));
            entries.collect::<Result<Map, String>>().map(|map| Cow::Owned(map.into()))
        }
    }
}

/// Goes on from what was found.
fn then<'v>(found: Cow<'v, Value>, node: &Node) -> Found<'v> {
    match found {
        Cow::Borrowed(value) => search(node, value),
        Cow::Owned(value) => Ok(Cow::Owned(search(node, &value)?.into_owned())),
    }
}

/// Every element that leads to something.
fn project<'i, 'v>(items: impl IntoIterator<Item = &'i Value>, node: &Node) -> Found<'v> {
    let mut found = Vec::new();
    for item in items {
        let item = search(node, item)?;
        if !item.is_null() {
            found.push(item.into_owned());
        }
    }
    Ok(Cow::Owned(found.into()))
}

fn filter<'v>(value: &Value, node: &Node, condition: &Node) -> Found<'v> {
    let Value::List(items) = value else { return Ok(Cow::Owned(NULL)) };
    let mut kept = Vec::new();
    for item in items {
        if !is_false(search(condition, item)?.as_ref()) {
            kept.push(item);
        }
    }
    project(kept, node)
}

fn flatten(found: Cow<'_, Value>) -> Cow<'_, Value> {
    let Value::List(items) = found.as_ref() else { return Cow::Owned(NULL) };
    let mut flat = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::List(inner) => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Cow::Owned(flat.into())
}

fn element(value: &Value, index: i64) -> &Value {
    let Value::List(items) = value else { return &NULL };
    let from_end = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    let at = if index < 0 { items.len().checked_sub(from_end) } else { Some(from_end) };
    at.and_then(|at| items.get(at)).unwrap_or(&NULL)
}

/// `[start:stop:step]` as Python slices a list.
fn slice(value: &Value, parts: &[Option<i64>; 3]) -> Result<Value, String> {
    let Value::List(items) = value else { return Ok(NULL) };
    let [start, stop, step] = *parts;
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err("slice step cannot be zero".to_owned());
    }
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |given: Option<i64>, otherwise: i64| match given {
        None => otherwise,
        Some(at) if at < 0 => at.saturating_add(length).max(lowest),
        Some(at) => at.min(highest),
    };
    let (first, last) = if step > 0 { (0, length) } else { (length - 1, -1) };
    let (mut at, stop) = (bound(start, first), bound(stop, last));
    let mut kept = Vec::new();
    while if step > 0 { at < stop } else { at > stop } {
        kept.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Ok(kept.into())
}

/// What counts as false: nothing, `false`, and whatever is empty. Zero does not.
fn is_false(value: &Value) -> bool {
    !matches!(value, Value::Int(_) | Value::Float(_)) && !value.is_truthy()
}

fn not(value: &Value) -> bool {
    is_false(value)
}

fn compare(comparator: Comparator, left: &Value, right: &Value) -> Result<Value, String> {
    let sign = match comparator {
        Comparator::Equal => return Ok(Value::Bool(equal(left, right))),
        Comparator::NotEqual => return Ok(Value::Bool(!equal(left, right))),
        Comparator::Less => "<",
        Comparator::LessOrEqual => "<=",
        Comparator::Greater => ">",
        Comparator::GreaterOrEqual => ">=",
    };
    let has_order = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Text(_));
    if !has_order(left) || !has_order(right) {
        return Ok(NULL);
    }
    if matches!(left, Value::Text(_)) != matches!(right, Value::Text(_)) {
        return Err(unordered(sign, left, right));
    }
    let order = left.compare(right);
    Ok(Value::Bool(order.is_some_and(|order| match comparator {
        Comparator::Less => order == Ordering::Less,
        Comparator::LessOrEqual => order != Ordering::Greater,
        Comparator::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })))
}

/// The complaint about two values that have no order between them.
pub(super) fn unordered(sign: &str, left: &Value, right: &Value) -> String {
    let (left, right) = (python::type_name(left), python::type_name(right));
    format!("'{sign}' not supported between instances of '{left}' and '{right}'")
}

/// Equality, in which a boolean never equals a number.
fn equal(left: &Value, right: &Value) -> bool {
    let is_bit = |value: &Value| match value {
        Value::Int(int) => *int == Int::from(0) || *int == Int::from(1),
        Value::Float(float) => *float == 0.0 || *float == 1.0,
        _ => false,
    };
    let is_bool = |value: &Value| matches!(value, Value::Bool(_));
    let is_special = (is_bit(left) && is_bool(right)) || (is_bit(right) && is_bool(left));
    !is_special && left.equals(right)
}

fn call(name: &str, arguments: &[Node], value: &Value) -> Result<Value, String> {
    let arguments = arguments.iter().map(|argument| match argument {
        Node::Expression(inside) => Ok(Argument::Expression(inside)),
        other => search(other, value).map(Argument::Value),
    });
    functions::call(name, arguments.collect::<Result<Vec<_>, String>>()?)
}
