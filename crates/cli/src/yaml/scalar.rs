//! What a plain YAML scalar means: `12` is a number, `yes` a text, `2024-01-02` a date.
//!
//! The rules are those of the Python library behind `aws` (ruamel.yaml, YAML 1.2): those of the core schema, with
//! underscores in numbers, and the dates of YAML 1.1.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::timestamps::Moment;
use crate::value::{Int, Value};

/// What a plain scalar is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    /// `<<`, which takes over the entries of another map.
    Merge,
    /// `=`, which means nothing any more.
    Default,
}

/// Tells what a plain scalar is taken for.
pub(super) fn kind(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Bool,
        "<<" => Kind::Merge,
        "=" => Kind::Default,
        _ if is_float(text) => Kind::Float,
        _ if is_int(text) => Kind::Int,
        _ if Parts::read(text).is_some() => Kind::Timestamp,
        _ => Kind::Text,
    }
}

/// The value of a plain scalar; `None` where it has the form of one and is none, such as the 31st of February.
pub(super) fn value(text: &str) -> Option<Value> {
    Some(match kind(text) {
        Kind::Text | Kind::Merge | Kind::Default => Value::from(text),
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(text.eq_ignore_ascii_case("true")),
        Kind::Int => Value::Int(int(text)?),
        Kind::Float => Value::Float(float(text)?),
        Kind::Timestamp => Value::Time(Parts::read(text)?.moment()?),
    })
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'_' || fits(b))
}

fn is_int(text: &str) -> bool {
    let digits = unsigned(text);
    let based = |prefix: &str, fits: fn(u8) -> bool| digits.strip_prefix(prefix).is_some_and(|rest| all(rest, fits));
    let starts_well = text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    starts_well
        && (all(digits, |b| b.is_ascii_digit())
            || based("0b", |b| matches!(b, b'0' | b'1'))
            || based("0o", |b| matches!(b, b'0'..=b'7'))
            || based("0x", |b| b.is_ascii_hexdigit()))
}

fn int(text: &str) -> Option<Int> {
    let plain = text.replace('_', "");
    let digits = unsigned(&plain);
    let based = [("0b", 2), ("0o", 8), ("0x", 16)].into_iter().find_map(|(prefix, base)| {
        let digits = digits.strip_prefix(prefix)?;
        i64::from_str_radix(digits, base).ok()
    });
    match based {
        Some(number) => Some(Int::from(if plain.starts_with('-') { -number } else { number })),
        None => Int::parse(&plain),
    }
}

fn is_float(text: &str) -> bool {
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| digits(unsigned(exponent)));
    let Some((whole, fraction)) = mantissa.split_once('.') else {
        return exponent.is_some()
            && exponent_fits
            && starts_with_digit(mantissa)
            && all(mantissa, |b| b.is_ascii_digit());
    };
    if !fraction.bytes().all(|b| b == b'_' || b.is_ascii_digit()) {
        return false;
    }
    if whole.is_empty() {
        // Here the exponent must have a sign.
        return !fraction.is_empty()
            && exponent_fits
            && exponent.is_none_or(|exponent| exponent.starts_with(['+', '-']));
    }
    exponent_fits && starts_with_digit(whole) && all(whole, |b| b.is_ascii_digit())
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn float(text: &str) -> Option<f64> {
    let plain = text.replace('_', "").to_lowercase();
    match unsigned(&plain) {
        ".inf" => Some(if plain.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        ".nan" => Some(f64::NAN),
        // A lone dot, once the underscores are gone.
        "." => None,
        _ => plain.parse().ok(),
    }
}

/// The numbers of a date and, where there is one, of a time.
struct Parts {
    date: [u32; 3],
    time: Option<[u32; 4]>,
    /// Minutes east of UTC.
    zone: Option<i32>,
}

impl Parts {
    fn read(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let year = reader.number(4, 4)?;
        reader.sign('-')?;
        let month_at = reader.rest;
        let month = reader.number(1, 2)?;
        reader.sign('-')?;
        let day_at = reader.rest;
        let day = reader.number(1, 2)?;
        let date = [year, month, day];
        if reader.rest.is_empty() {
            // A date alone has two digits for the month and for the day.
            let is_full = month_at.len() - day_at.len() == 3 && day_at.len() == 2;
            return is_full.then_some(Self { date, time: None, zone: None });
        }
        if reader.sign('T').or_else(|| reader.sign('t')).is_none() && reader.blanks() == 0 {
            return None;
        }
        let hour = reader.number(1, 2)?;
        reader.sign(':')?;
        let minute = reader.number(2, 2)?;
        reader.sign(':')?;
        let second = reader.number(2, 2)?;
        let micros = reader.fraction();
        reader.blanks();
        let zone = reader.zone()?;
        Some(Self { date, time: Some([hour, minute, second, micros]), zone })
    }

    fn moment(&self) -> Option<Moment> {
        let [year, month, day] = self.date;
        let small = |number: u32| u8::try_from(number).ok();
        let month = Month::try_from(small(month)?).ok()?;
        let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, small(day)?).ok()?;
        let Some([hour, minute, second, micros]) = self.time else { return Some(Moment::Date(date)) };
        let time = Time::from_hms_micro(small(hour)?, small(minute)?, small(second)?, micros).ok()?;
        let local = PrimitiveDateTime::new(date, time);
        let Some(minutes) = self.zone else { return Some(Moment::Local(local)) };
        let offset = UtcOffset::from_whole_seconds(minutes * 60).ok()?;
        Some(Moment::Zoned(OffsetDateTime::new_in_offset(local.date(), local.time(), offset)))
    }
}

/// What is left of a timestamp.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count().min(most);
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().ok()
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    fn blanks(&mut self) -> usize {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let count = self.rest.len() - rest.len();
        self.rest = rest;
        count
    }

    /// Microseconds; the seventh digit rounds.
    fn fraction(&mut self) -> u32 {
        let Some(rest) = self.rest.strip_prefix('.') else { return 0 };
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = rest.split_at(count);
        self.rest = rest;
        let micros = format!("{digits:0<6.6}").parse().unwrap_or(0);
        let rounds_up = digits.as_bytes().get(6).is_some_and(|digit| *digit > b'4');
        (micros + u32::from(rounds_up)).min(999_999)
    }

    /// `Z`, `+5`, `-05:30`, or nothing; then the text must be at its end.
    fn zone(&mut self) -> Option<Option<i32>> {
        if self.rest.is_empty() {
            return Some(None);
        }
        if self.sign('Z').is_some() {
            return self.rest.is_empty().then_some(Some(0));
        }
        let sign = if self.sign('-').is_some() { -1 } else { self.sign('+').map(|()| 1)? };
        let hours = self.number(1, 2)?;
        let minutes = if self.sign(':').is_some() { self.number(2, 2)? } else { 0 };
        let minutes = i32::try_from(hours * 60 + minutes).ok()?;
        self.rest.is_empty().then_some(Some(sign * minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python;

    /// As ruamel.yaml 0.18 takes them.
    #[test]
    fn plain_scalars_have_meanings() {
        for (text, expected) in [
            ("", "None"),
            ("~", "None"),
            ("null", "None"),
            ("nUll", "'nUll'"),
            ("yes", "'yes'"),
            ("True", "True"),
            ("tRue", "'tRue'"),
            ("012", "12"),
            ("0o14", "12"),
            ("0x_ff", "255"),
            ("-0b11", "-3"),
            ("1_000", "1000"),
            ("99999999999999999999", "99999999999999999999"),
            ("1.5", "1.5"),
            ("1.", "1.0"),
            ("1e3", "1000.0"),
            ("+1.5E-3", "0.0015"),
            (".5", "0.5"),
            (".5e3", "'.5e3'"),
            (".5e+3", "500.0"),
            ("-.inf", "-inf"),
            (".NaN", "nan"),
            ("1e", "'1e'"),
            ("1:30", "'1:30'"),
            ("2024-01-02", "datetime.date(2024, 1, 2)"),
            ("2024-1-2", "'2024-1-2'"),
            ("2024-1-2T3:04:05", "datetime.datetime(2024, 1, 2, 3, 4, 5)"),
            (
                "2024-01-02 03:04:05.1234567 +5:30",
                "datetime.datetime(2024, 1, 2, 3, 4, 5, 123457, tzinfo=datetime.timezone.utc)",
            ),
            ("2024-01-02T03:04:05Z", "datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)"),
            ("2024-01-02T03:04", "'2024-01-02T03:04'"),
            ("=", "'='"),
        ] {
            assert_eq!(value(text).map(|value| python::repr(&value)).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(value("2024-02-31"), None);
    }
}
