//! What a command carries from the words typed to the wire and from the wire to the screen: the values Python has.
//!
//! JSON alone would not do. `aws` is written in Python, so whole numbers have no limit, bytes and points in time are
//! values of their own (they look different in JSON, in YAML and in a table), and a map keeps the order it was made in.

use std::cmp::Ordering;
use std::fmt;

use indexmap::IndexMap;

use crate::timestamps::Moment;

/// A map in the order of its making.
pub(crate) type Map = IndexMap<String, Value>;

/// One value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(Int),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Time(Moment),
    List(Vec<Value>),
    Map(Map),
}

impl Value {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub(crate) fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entry of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// What does not hold other values.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What Python's `bool()` says.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(on) => *on,
            Self::Int(int) => *int != Int::from(0),
            Self::Float(float) => *float != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::Time(_) => true,
            Self::List(items) => !items.is_empty(),
            Self::Map(map) => !map.is_empty(),
        }
    }

    /// What Python's `==` says: 1, 1.0 and `True` are equal, and the order of a map's keys does not count.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b)),
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| a.equals(b)))
            }
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.compare(&b) == Some(Ordering::Equal),
                _ => self == other,
            },
        }
    }

    /// The number that this is to Python, to which a boolean is one as well.
    fn number(&self) -> Option<Number<'_>> {
        match self {
            Self::Bool(on) => Some(Number::Owned(Int::from(i64::from(*on)))),
            Self::Int(int) => Some(Number::Int(int)),
            Self::Float(float) => Some(Number::Float(*float)),
            _ => None,
        }
    }

    /// The order of two numbers or of two texts; nothing else has one.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            _ => self.number()?.compare(&other.number()?),
        }
    }
}

/// A number while it is compared.
enum Number<'v> {
    Int(&'v Int),
    Owned(Int),
    Float(f64),
}

impl Number<'_> {
    fn int(&self) -> Option<&Int> {
        match self {
            Self::Int(int) => Some(int),
            Self::Owned(int) => Some(int),
            Self::Float(_) => None,
        }
    }

    fn float(&self) -> f64 {
        match self {
            Self::Float(float) => *float,
            Self::Int(int) => int.to_f64(),
            Self::Owned(int) => int.to_f64(),
        }
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self.int(), other.int()) {
            (Some(a), Some(b)) => Some(a.cmp(b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Bool(on)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number.into())
    }
}

impl From<Int> for Value {
    fn from(int: Int) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

/// The facts of `models/` hold plain JSON in a few places.
impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(on) => Self::Bool(*on),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(int), _) => Self::from(int),
                (None, Some(float)) => Self::Float(float),
                (None, None) => Self::Null,
            },
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

/// Test data is easiest to write as JSON.
#[cfg(test)]
impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        Self::from(&value)
    }
}

/// What is not there is null, which is enough to compare with.
#[cfg(test)]
impl std::ops::Index<&str> for Value {
    type Output = Self;

    fn index(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&Self::Null)
    }
}

/// A whole number of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Int {
    /// The usual case.
    Small(i64),
    /// Decimal digits without leading zeros, perhaps behind a minus sign; never what would fit above.
    Big(Box<str>),
}

impl Int {
    /// Reads an optional sign and decimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if let Ok(small) = text.parse() {
            return Some(Self::Small(small));
        }
        let digits = digits.trim_start_matches('0');
        Some(Self::Big(if negative { format!("-{digits}") } else { digits.to_owned() }.into()))
    }

    /// The whole part of a float; `None` for infinities and for what is no number.
    pub(crate) fn truncate(float: f64) -> Option<Self> {
        if !float.is_finite() {
            return None;
        }
        // Written out, a whole float shows all its digits and no fraction.
        Self::parse(&format!("{:.0}", float.trunc())).map(|int| if int.is_minus_zero() { Self::Small(0) } else { int })
    }

    fn is_minus_zero(&self) -> bool {
        matches!(self, Self::Big(digits) if &**digits == "-")
    }

    /// The nearest float.
    #[allow(clippy::cast_precision_loss, reason = "a float is the nearest there is, as in Python")]
    pub(crate) fn to_f64(&self) -> f64 {
        match self {
            Self::Small(int) => *int as f64,
            Self::Big(digits) => digits.parse().unwrap_or(f64::INFINITY),
        }
    }

    /// The number, if it fits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Small(int) => Some(*int),
            Self::Big(_) => None,
        }
    }

    /// Without its sign.
    pub(crate) fn abs(&self) -> Self {
        let text = self.to_string();
        Self::parse(text.strip_prefix('-').unwrap_or(&text)).unwrap_or_else(|| self.clone())
    }
}

impl From<i64> for Int {
    fn from(int: i64) -> Self {
        Self::Small(int)
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(int) => int.fmt(f),
            Self::Big(digits) => f.write_str(digits),
        }
    }
}

impl PartialOrd for Int {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Int {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Self::Small(a), Self::Small(b)) = (self, other) {
            return a.cmp(b);
        }
        let parts = |int: &Self| {
            let text = int.to_string();
            let negative = text.starts_with('-');
            (negative, text.trim_start_matches('-').to_owned())
        };
        let ((a_negative, a), (b_negative, b)) = (parts(self), parts(other));
        match (a_negative, b_negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => a.len().cmp(&b.len()).then_with(|| a.cmp(&b)),
            (true, true) => b.len().cmp(&a.len()).then_with(|| b.cmp(&a)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn int(text: &str) -> Int {
        Int::parse(text).expect("it is one")
    }

    #[test]
    fn whole_numbers_have_no_limit() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("+007", "7"),
            ("9223372036854775807", "9223372036854775807"),
            ("00123456789012345678901234567890", "123456789012345678901234567890"),
            ("-123456789012345678901234567890", "-123456789012345678901234567890"),
        ] {
            assert_eq!(int(text).to_string(), expected);
        }
        for bad in ["", "-", "1.5", "x", "--1"] {
            assert_eq!(Int::parse(bad), None, "{bad}");
        }
        assert_eq!(Int::truncate(-1.9), Some(int("-1")));
        assert_eq!(Int::truncate(-0.5), Some(int("0")));
        assert_eq!(Int::truncate(1e20), Some(int("100000000000000000000")));
        assert_eq!(Int::truncate(f64::NAN), None);
        assert_eq!(int("-123456789012345678901234567890").abs(), int("123456789012345678901234567890"));
    }

    #[test]
    fn whole_numbers_have_an_order() {
        let sorted = ["-123456789012345678901", "-99999999999999999999", "-1", "0", "5", "99999999999999999999"];
        let mut numbers: Vec<Int> = sorted.iter().rev().map(|text| int(text)).collect();
        numbers.sort();
        assert_eq!(numbers.iter().map(ToString::to_string).collect::<Vec<_>>(), sorted);
    }

    #[test]
    fn equality_is_pythons() {
        let equal = |a: serde_json::Value, b: serde_json::Value| Value::from(a).equals(&Value::from(b));
        assert!(equal(json!([1, true]), json!([1.0, 1])));
        assert!(equal(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})));
        assert!(!equal(json!("1"), json!(1)));
        assert!(!equal(json!(null), json!(false)));
    }
}
