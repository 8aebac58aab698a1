//! From JSON values to Rust, noting every broken constraint on the way.
//!
//! Two kinds of fault. A value of the wrong JSON type cannot be read at all: the request is answered
//! `SerializationException`. A value that breaks a constraint of the model is noted with its place, and all of them
//! are named in one reply.

use std::{fmt, str::FromStr, sync::OnceLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fancy_regex::{Regex, RegexBuilder};
pub use serde_json::Value;

use crate::shape::{Blob, Map, parse_iso};

/// Violations named in one reply; more are counted only.
const MOST_NAMED: usize = 50;

/// Where a value stands in the input.
#[derive(Clone, Copy)]
pub enum Path<'a> {
    /// The input itself.
    Root,
    /// A member of a structure.
    Member(&'a Path<'a>, &'a str),
    /// An element of a list, counted from one as AWS does.
    Element(&'a Path<'a>, usize),
    /// A value of a map.
    Key(&'a Path<'a>, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Member(parent, _) | Self::Element(parent, _) | Self::Key(parent, _)) = self else { return Ok(()) };
        if !matches!(parent, Path::Root) {
            write!(f, "{parent}.")?;
        }
        match self {
            Self::Root => Ok(()),
            Self::Element(_, index) => write!(f, "{index}.member"),
            Self::Key(_, key) => write!(f, "{}.member", key.escape_debug()),
            Self::Member(_, name) => {
                let first = name.chars().next().map(|c| c.to_ascii_lowercase());
                write!(f, "{}{}", first.map(String::from).unwrap_or_default(), name.get(1..).unwrap_or_default())
            }
        }
    }
}

/// What is wrong with a request.
#[derive(Debug, Default)]
pub struct Faults {
    malformed: Option<String>,
    violations: Vec<String>,
    unnamed: usize,
}

impl Faults {
    /// None found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.malformed.is_none() && self.violations.is_empty()
    }

    /// The first value that could not be read at all.
    #[must_use]
    pub fn malformed(&self) -> Option<&str> {
        self.malformed.as_deref()
    }

    /// All violations in one sentence each, counted, as AWS words it.
    #[must_use]
    pub fn message(&self) -> String {
        let count = self.violations.len() + self.unnamed;
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} validation error{plural} detected: {}", self.violations.join("; "))
    }

    /// Notes something that cannot be read.
    pub fn unreadable(&mut self, message: String) {
        self.malformed.get_or_insert(message);
    }

    fn wrong_type(&mut self, value: &Value, at: &Path<'_>, wanted: &str) {
        let found = match value {
            Value::Null => "NULL_VALUE",
            Value::Bool(_) => "BOOLEAN_VALUE",
            Value::Number(_) => "NUMBER_VALUE",
            Value::String(_) => "STRING_VALUE",
            Value::Array(_) => "START_ARRAY",
            Value::Object(_) => "START_OBJECT",
        };
        self.unreadable(format!("{found} can not be converted to {wanted} at '{at}'"));
    }

    fn violation(&mut self, at: &Path<'_>, constraint: fmt::Arguments<'_>) {
        if self.violations.len() == MOST_NAMED {
            self.unnamed += 1;
            return;
        }
        self.violations.push(format!("Value at '{at}' failed to satisfy constraint: {constraint}"));
    }

    fn missing(&mut self, at: &Path<'_>) {
        self.violations.push(format!("Value null at '{at}' failed to satisfy constraint: Member must not be null"));
    }
}

/// Repeated classes of all of Unicode grow large.
const LARGEST_PATTERN_BYTES: usize = 64 << 20;
/// Steps one match may take before it counts as none.
const BACKTRACK_LIMIT: usize = 100_000;

type Decoder<T> = fn(&Value, &Path<'_>, &mut Faults) -> Option<T>;

pub fn required<T>(
    value: Option<&Value>,
    at: &Path<'_>,
    name: &str,
    faults: &mut Faults,
    decode: Decoder<T>,
) -> Option<T> {
    let at = Path::Member(at, name);
    match value {
        None | Some(Value::Null) => {
            faults.missing(&at);
            None
        }
        Some(value) => decode(value, &at, faults),
    }
}

pub fn optional<T>(
    value: Option<&Value>,
    at: &Path<'_>,
    name: &str,
    faults: &mut Faults,
    decode: Decoder<T>,
) -> Option<T> {
    match value {
        None | Some(Value::Null) => None,
        Some(value) => decode(value, &Path::Member(at, name), faults),
    }
}

pub fn object<'v>(value: &'v Value, at: &Path<'_>, faults: &mut Faults) -> Option<&'v serde_json::Map<String, Value>> {
    value.as_object().or_else(|| {
        faults.wrong_type(value, at, "an object");
        None
    })
}

/// The limits of a text.
pub struct Text {
    pub min: Option<usize>,
    pub max: Option<usize>,
    pub pattern: Option<&'static Pattern>,
}

/// A pattern of the model, compiled at its first use.
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// Whether the whole text matches. A pattern that this dialect cannot read refuses nothing.
    fn matches(&self, text: &str) -> bool {
        let regex = self.compiled.get_or_init(|| compile_pattern(self.source).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }
}

/// A pattern of the models, which are Java's, compiled to match a whole text in this dialect.
///
/// # Errors
/// When this dialect cannot read it. No pattern of the models is such a one: a test sees to it.
pub fn compile_pattern(source: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    RegexBuilder::new(&format!("\\A(?:{source})\\z"))
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(LARGEST_PATTERN_BYTES)
        .build()
        .map_err(Box::new)
}

pub fn string(value: &Value, at: &Path<'_>, faults: &mut Faults, limits: &Text) -> Option<String> {
    let Some(text) = value.as_str() else {
        faults.wrong_type(value, at, "a string");
        return None;
    };
    let mut fits = true;
    if limits.min.is_some() || limits.max.is_some() {
        fits = within_length(text.chars().count(), at, faults, (limits.min, limits.max));
    }
    // A pattern is only tried on text of a length that was bounded: cost stays bounded too.
    if let Some(pattern) = limits.pattern.filter(|pattern| fits && !pattern.matches(text)) {
        faults.violation(at, format_args!("Member must satisfy regular expression pattern: {}", pattern.source));
        fits = false;
    }
    fits.then(|| text.to_owned())
}

/// A generated enum.
pub trait Choice: FromStr + Copy {
    fn values() -> Vec<&'static str>;
}

pub fn choice<T: Choice>(value: &Value, at: &Path<'_>, faults: &mut Faults) -> Option<T> {
    let Some(text) = value.as_str() else {
        faults.wrong_type(value, at, "a string");
        return None;
    };
    chosen(text, at, faults)
}

/// An enum whose words are all in capitals, and which clients do not always write so.
pub fn choice_in_any_case<T: Choice>(value: &Value, at: &Path<'_>, faults: &mut Faults) -> Option<T> {
    let Some(text) = value.as_str() else {
        faults.wrong_type(value, at, "a string");
        return None;
    };
    chosen(&text.to_ascii_uppercase(), at, faults)
}

fn chosen<T: Choice>(text: &str, at: &Path<'_>, faults: &mut Faults) -> Option<T> {
    text.parse().ok().or_else(|| {
        faults.violation(at, format_args!("Member must satisfy enum value set: [{}]", T::values().join(", ")));
        None
    })
}

pub fn integer(value: &Value, at: &Path<'_>, faults: &mut Faults, limits: (Option<i64>, Option<i64>)) -> Option<i64> {
    let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    let Some(number) = value.as_i64().or_else(|| value.as_f64().and_then(whole)) else {
        faults.wrong_type(value, at, "an integer");
        return None;
    };
    within_range(number, at, faults, limits).then_some(number)
}

pub fn float(value: &Value, at: &Path<'_>, faults: &mut Faults, limits: (Option<f64>, Option<f64>)) -> Option<f64> {
    let Some(number) = value.as_f64() else {
        faults.wrong_type(value, at, "a number");
        return None;
    };
    within_range(number, at, faults, limits).then_some(number)
}

pub fn boolean(value: &Value, at: &Path<'_>, faults: &mut Faults) -> Option<bool> {
    value.as_bool().or_else(|| {
        faults.wrong_type(value, at, "a boolean");
        None
    })
}

/// Milliseconds since the epoch, from epoch seconds or ISO 8601 text.
pub fn timestamp(value: &Value, at: &Path<'_>, faults: &mut Faults) -> Option<i64> {
    let from_seconds = |seconds: f64| (seconds.abs() < 1e12).then_some((seconds * 1e3).round() as i64);
    let millis = value.as_f64().and_then(from_seconds).or_else(|| value.as_str().and_then(parse_iso));
    millis.or_else(|| {
        faults.wrong_type(value, at, "a timestamp");
        None
    })
}

pub fn blob(value: &Value, at: &Path<'_>, faults: &mut Faults, limits: (Option<usize>, Option<usize>)) -> Option<Blob> {
    let Some(bytes) = value.as_str().and_then(|text| STANDARD.decode(text).ok()) else {
        faults.wrong_type(value, at, "base64 text");
        return None;
    };
    within_length(bytes.len(), at, faults, limits).then_some(Blob(bytes))
}

pub fn list<T>(
    value: &Value,
    at: &Path<'_>,
    faults: &mut Faults,
    limits: (Option<usize>, Option<usize>),
    element: Decoder<T>,
) -> Option<Vec<T>> {
    let Some(values) = value.as_array() else {
        faults.wrong_type(value, at, "a list");
        return None;
    };
    if !within_length(values.len(), at, faults, limits) {
        return None;
    }
    // Collect after the loop: one bad element must not hide the next.
    let items: Vec<_> =
        values.iter().enumerate().map(|(i, value)| element(value, &Path::Element(at, i + 1), faults)).collect();
    items.into_iter().collect()
}

pub fn map<T>(
    value: &Value,
    at: &Path<'_>,
    faults: &mut Faults,
    limits: (Option<usize>, Option<usize>),
    key: Decoder<impl ToString>,
    element: Decoder<T>,
) -> Option<Map<T>> {
    let values = object(value, at, faults)?;
    if !within_length(values.len(), at, faults, limits) {
        return None;
    }
    let items: Vec<_> = values
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let at = Path::Key(at, name);
            let name = key(&Value::String(name.clone()), &at, faults);
            let value = element(value, &at, faults);
            Some((name?.to_string(), value?))
        })
        .collect();
    items.into_iter().collect()
}

fn within_length(length: usize, at: &Path<'_>, faults: &mut Faults, limits: (Option<usize>, Option<usize>)) -> bool {
    if let Some(min) = limits.0.filter(|min| length < *min) {
        faults.violation(at, format_args!("Member must have length greater than or equal to {min}"));
        return false;
    }
    if let Some(max) = limits.1.filter(|max| length > *max) {
        faults.violation(at, format_args!("Member must have length less than or equal to {max}"));
        return false;
    }
    true
}

fn within_range<N: PartialOrd + fmt::Display + Copy>(
    number: N,
    at: &Path<'_>,
    faults: &mut Faults,
    limits: (Option<N>, Option<N>),
) -> bool {
    if let Some(min) = limits.0.filter(|min| number < *min) {
        faults.violation(at, format_args!("Member must have value greater than or equal to {min}"));
        return false;
    }
    if let Some(max) = limits.1.filter(|max| number > *max) {
        faults.violation(at, format_args!("Member must have value less than or equal to {max}"));
        return false;
    }
    true
}

/// How text in a path, a query or a header becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// As it is.
    Text,
    /// A JSON number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Repeated in a query: one element each.
    List,
}

impl TextKind {
    /// The value that the text stands for; text that is no such value stays text and is refused by the decoder.
    pub fn value(self, text: &str) -> Value {
        let parsed = match self {
            Self::Text | Self::List => None,
            Self::Number => text.parse::<serde_json::Number>().ok().map(Value::Number),
            Self::Boolean => text.parse().ok().map(Value::Bool),
        };
        parsed.unwrap_or_else(|| Value::String(text.to_owned()))
    }
}
