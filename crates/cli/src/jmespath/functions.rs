//! The functions of the language (specification, "Built-in Functions"), with the checks of their arguments.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Node;
use super::evaluate::{search, unordered};
use crate::python;
use crate::value::{Int, Map, Value};

/// What a function is given.
pub(super) enum Argument<'a> {
    Value(Cow<'a, Value>),
    Expression(&'a Node),
}

/// The name of a function, the types each of its arguments may have, and whether the last may be repeated.
struct Signature {
    name: &'static str,
    arguments: &'static [&'static [&'static str]],
    repeats: bool,
}

const fn one(name: &'static str, arguments: &'static [&'static [&'static str]]) -> Signature {
    Signature { name, arguments, repeats: false }
}

const fn many(name: &'static str, arguments: &'static [&'static [&'static str]]) -> Signature {
    Signature { name, arguments, repeats: true }
}

const ANY: &[&str] = &[];
const NUMBER: &[&str] = &["number"];
const STRING: &[&str] = &["string"];
const ARRAY: &[&str] = &["array"];
const OBJECT: &[&str] = &["object"];
const EXPRESSION: &[&str] = &["expref"];

const SIGNATURES: [Signature; 26] = [
    one("abs", &[NUMBER]),
    one("avg", &[&["array-number"]]),
    one("ceil", &[NUMBER]),
    one("contains", &[&["array", "string"], ANY]),
    one("ends_with", &[STRING, STRING]),
    one("floor", &[NUMBER]),
    one("join", &[STRING, &["array-string"]]),
    one("keys", &[OBJECT]),
    one("length", &[&["string", "array", "object"]]),
    one("map", &[EXPRESSION, ARRAY]),
    one("max", &[&["array-number", "array-string"]]),
    one("max_by", &[ARRAY, EXPRESSION]),
    many("merge", &[OBJECT]),
    one("min", &[&["array-number", "array-string"]]),
    one("min_by", &[ARRAY, EXPRESSION]),
    many("not_null", &[ANY]),
    one("reverse", &[&["array", "string"]]),
    one("sort", &[&["array-string", "array-number"]]),
    one("sort_by", &[ARRAY, EXPRESSION]),
    one("starts_with", &[STRING, STRING]),
    one("sum", &[&["array-number"]]),
    one("to_array", &[ANY]),
    one("to_number", &[ANY]),
    one("to_string", &[ANY]),
    one("type", &[ANY]),
    one("values", &[OBJECT]),
];

/// Calls a function by its name.
pub(super) fn call(name: &str, arguments: Vec<Argument<'_>>) -> Result<Value, String> {
    let signature = SIGNATURES.iter().find(|signature| signature.name == name);
    let signature = signature.ok_or_else(|| format!("Unknown function: {name}()"))?;
    signature.check(&arguments)?;
    let mut values = Vec::new();
    let mut expression = None;
    for argument in arguments {
        match argument {
            Argument::Value(value) => values.push(value),
            Argument::Expression(node) => expression = Some(node),
        }
    }
    match (expression, values.as_slice()) {
        (Some(node), [value]) => by_expression(name, items(value), node),
        (Some(_), _) => Err(format!("The function {name}() takes no expression")),
        (None, [only]) if !signature.repeats => of_one(name, only),
        (None, [first, second]) if !signature.repeats => of_two(name, first, second),
        (None, all) => Ok(of_many(name, all)),
    }
}

impl Signature {
    fn check(&self, arguments: &[Argument<'_>]) -> Result<(), String> {
        let (wanted, given) = (self.arguments.len(), arguments.len());
        if given < wanted || (given > wanted && !self.repeats) {
            let least = if self.repeats { "at least " } else { "" };
            let plural = if wanted == 1 { "" } else { "s" };
            let name = self.name;
            return Err(format!("Expected {least}{wanted} argument{plural} for function {name}(), received {given}"));
        }
        // Of a repeated argument only the first is looked at, as in the Python library.
        self.arguments.iter().zip(arguments).try_for_each(|(types, argument)| self.check_one(argument, types))
    }

    fn check_one(&self, argument: &Argument<'_>, types: &[&str]) -> Result<(), String> {
        if types.is_empty() {
            return Ok(());
        }
        let (actual, shown) = match argument {
            Argument::Expression(_) => ("expref", "&".to_owned()),
            Argument::Value(value) => (type_of(value), python::display(value)),
        };
        if !types.iter().any(|wanted| wanted.split('-').next() == Some(actual)) {
            return Err(type_error(self.name, &shown, types, actual));
        }
        match argument {
            Argument::Value(value) => self.check_elements(value, types),
            Argument::Expression(_) => Ok(()),
        }
    }

    /// The elements of a list may be asked to be all numbers or all texts; the first one says which.
    fn check_elements(&self, value: &Value, types: &[&str]) -> Result<(), String> {
        let wanted: Vec<&str> = types.iter().filter_map(|wanted| Some(wanted.split_once('-')?.1)).collect();
        let (Value::List(items), Some(only)) = (value, wanted.first()) else { return Ok(()) };
        let first = items.first().map(type_of);
        let fits = if wanted.len() == 1 { Some(*only) } else { wanted.iter().find(|&&t| Some(t) == first).copied() };
        match items.iter().find(|item| Some(type_of(item)) != fits) {
            None => Ok(()),
            Some(odd) => Err(type_error(self.name, &python::display(odd), types, python::type_name(odd))),
        }
    }
}

fn type_error(function: &str, shown: &str, wanted: &[&str], actual: &str) -> String {
    let wanted: Vec<String> = wanted.iter().map(|wanted| format!("'{wanted}'")).collect();
    format!(
        "In function {function}(), invalid type for value: {shown}, expected one of: [{}], received: \"{actual}\"",
        wanted.join(", ")
    )
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Bytes(_) | Value::Time(_) => "unknown",
    }
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}

fn of_one(name: &str, value: &Value) -> Result<Value, String> {
    Ok(match name {
        "abs" => abs(value),
        "avg" => average(items(value)),
        "ceil" => rounded(value, f64::ceil),
        "floor" => rounded(value, f64::floor),
        "keys" => {
            value.as_map().into_iter().flatten().map(|(key, _)| Value::from(key.as_str())).collect::<Vec<_>>().into()
        }
        "values" => value.as_map().into_iter().flatten().map(|(_, value)| value.clone()).collect::<Vec<_>>().into(),
        "length" => length(value),
        "max" => extreme(items(value), Ordering::Greater),
        "min" => extreme(items(value), Ordering::Less),
        "reverse" => reversed(value),
        "sort" => sorted(items(value)),
        "sum" => sum(items(value)),
        "to_array" => match value {
            Value::List(_) => value.clone(),
            other => vec![other.clone()].into(),
        },
        "to_number" => to_number(value),
        "to_string" => match value {
            Value::Text(_) => value.clone(),
            other => python::compact_json(other).into(),
        },
        "type" => type_of(value).into(),
        _ => Value::Null,
    })
}

fn of_two(name: &str, first: &Value, second: &Value) -> Result<Value, String> {
    if name == "contains" {
        return contains(first, second).map(Value::Bool);
    }
    let text = first.as_text().unwrap_or_default();
    Ok(match name {
        "ends_with" => text.ends_with(second.as_text().unwrap_or_default()).into(),
        "starts_with" => text.starts_with(second.as_text().unwrap_or_default()).into(),
        "join" => items(second).iter().filter_map(Value::as_text).collect::<Vec<_>>().join(text).into(),
        _ => Value::Null,
    })
}

fn of_many(name: &str, values: &[Cow<'_, Value>]) -> Value {
    if name == "not_null" {
        return values.iter().find(|value| !value.is_null()).map_or(Value::Null, |value| value.as_ref().clone());
    }
    let entries = values.iter().filter_map(|value| value.as_map()).flatten();
    entries.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>().into()
}

/// `map`, and what chooses or sorts by a key.
fn by_expression(name: &str, items: &[Value], node: &Node) -> Result<Value, String> {
    let found = items.iter().map(|item| search(node, item).map(Cow::into_owned));
    let keys = found.collect::<Result<Vec<_>, _>>()?;
    if name == "map" {
        return Ok(keys.into());
    }
    let Some(first) = keys.first() else {
        return Ok(if name == "sort_by" { Value::List(Vec::new()) } else { Value::Null });
    };
    let wanted: &[&str] = match (name, type_of(first)) {
        ("sort_by", "number") => NUMBER,
        ("sort_by", "string") => STRING,
        ("sort_by", other) => {
            return Err(type_error(name, &python::display(&items[0]), &["string", "number"], other));
        }
        _ => &["number", "string"],
    };
    if let Some(odd) = keys.iter().find(|key| !wanted.contains(&type_of(key))) {
        return Err(type_error(name, &python::display(odd), wanted, type_of(odd)));
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    let compare = |&a: &usize, &b: &usize| keys[a].compare(&keys[b]).unwrap_or(Ordering::Equal);
    if name == "sort_by" {
        order.sort_by(compare);
        return Ok(order.into_iter().map(|at| items[at].clone()).collect::<Vec<_>>().into());
    }
    let sign = if name == "max_by" { ">" } else { "<" };
    if let Some(odd) = keys.iter().find(|key| type_of(key) != type_of(first)) {
        return Err(unordered(sign, odd, first));
    }
    let wanted = if name == "max_by" { Ordering::Greater } else { Ordering::Less };
    let best = order.into_iter().reduce(|best, at| if compare(&at, &best) == wanted { at } else { best });
    Ok(best.map_or(Value::Null, |at| items[at].clone()))
}

fn abs(value: &Value) -> Value {
    match value {
        Value::Int(int) => int.abs().into(),
        Value::Float(float) => float.abs().into(),
        other => other.clone(),
    }
}

fn rounded(value: &Value, round: fn(f64) -> f64) -> Value {
    match value {
        Value::Float(float) => Int::truncate(round(*float)).map_or(Value::Float(*float), Value::Int),
        other => other.clone(),
    }
}

fn to_f64(value: &Value) -> f64 {
    match value {
        Value::Int(int) => int.to_f64(),
        Value::Float(float) => *float,
        _ => 0.0,
    }
}

/// Whole numbers add up to a whole one, as long as it can be held.
fn sum(items: &[Value]) -> Value {
    let whole = items.iter().try_fold(0_i64, |sum, item| match item {
        Value::Int(int) => sum.checked_add(int.to_i64()?),
        _ => None,
    });
    whole.map_or_else(|| Value::Float(items.iter().map(to_f64).sum()), Value::from)
}

#[allow(clippy::cast_precision_loss, reason = "a list of 2^52 elements does not occur")]
fn average(items: &[Value]) -> Value {
    if items.is_empty() {
        return Value::Null;
    }
    Value::Float(to_f64(&sum(items)) / items.len() as f64)
}

fn length(value: &Value) -> Value {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        _ => 0,
    };
    Value::from(i64::try_from(length).unwrap_or(i64::MAX))
}

fn extreme(items: &[Value], wanted: Ordering) -> Value {
    let best = items.iter().reduce(|best, item| if item.compare(best) == Some(wanted) { item } else { best });
    best.cloned().unwrap_or_default()
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Text(text) => text.chars().rev().collect::<String>().into(),
        other => items(other).iter().rev().cloned().collect::<Vec<_>>().into(),
    }
}

fn sorted(items: &[Value]) -> Value {
    let mut items = items.to_vec();
    items.sort_by(|a, b| a.compare(b).unwrap_or(Ordering::Equal));
    items.into()
}

fn contains(subject: &Value, wanted: &Value) -> Result<bool, String> {
    match (subject, wanted) {
        (Value::Text(text), Value::Text(part)) => Ok(text.contains(part.as_str())),
        (Value::Text(_), other) => {
            Err(format!("'in <string>' requires string as left operand, not {}", python::type_name(other)))
        }
        (list, wanted) => Ok(items(list).iter().any(|item| item.equals(wanted))),
    }
}

fn to_number(value: &Value) -> Value {
    match value {
        Value::Int(_) | Value::Float(_) => value.clone(),
        Value::Text(text) => {
            let int = python::int(text).map(Value::Int);
            int.or_else(|| python::float(text).map(Value::Float)).unwrap_or_default()
        }
        _ => Value::Null,
    }
}
