//! Points in time as they are typed, sent, received and printed.
//!
//! Bodies of the JSON protocol carry whole seconds since 1970 unless the model asks for ISO 8601; headers carry the
//! HTTP date; queries carry ISO 8601 (Smithy, "timestampFormat trait" and the restJson1 protocol).

use serde_json::Value;
use time::format_description::well_known::{Iso8601, Rfc2822};
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The forms a point in time has on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    EpochSeconds,
    Iso8601,
    HttpDate,
}

impl Form {
    /// The form a model names, or else the one usual at that place.
    pub(crate) fn named(name: Option<&str>, usual: Self) -> Self {
        match name {
            Some("unixTimestamp") => Self::EpochSeconds,
            Some("iso8601") => Self::Iso8601,
            Some("rfc822") => Self::HttpDate,
            _ => usual,
        }
    }

    /// Brings what the user gave into this form. Fractions of a second are cut off, as the Python clients do, except
    /// in ISO 8601.
    pub(crate) fn encode(self, value: &Value) -> Option<Value> {
        let time = read(value)?.to_offset(UtcOffset::UTC);
        match self {
            Self::EpochSeconds => Some(time.unix_timestamp().into()),
            Self::Iso8601 => Some(format!("{}{}Z", date_and_time(time)?, fraction(time)).into()),
            Self::HttpDate => {
                let form = format_description!(
                    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
                );
                time.format(&form).ok().map(Value::from)
            }
        }
    }
}

/// Reads a point in time from a number of seconds, ISO 8601, or the HTTP date.
///
/// AWS does not say: a time without a zone is taken as UTC, so that a script means the same everywhere; `aws` takes
/// the zone of the machine.
pub(crate) fn read(value: &Value) -> Option<OffsetDateTime> {
    match value {
        Value::Number(number) => from_epoch_seconds(number.as_f64()?),
        Value::String(text) => read_text(text.trim()),
        _ => None,
    }
}

/// The form `aws` prints: ISO 8601 with a numeric offset, microseconds only when there are some.
pub(crate) fn display(time: OffsetDateTime) -> Option<String> {
    let offset = time.format(format_description!("[offset_hour sign:mandatory]:[offset_minute]")).ok()?;
    Some(format!("{}{}{offset}", date_and_time(time)?, fraction(time)))
}

fn read_text(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<f64>() {
        return from_epoch_seconds(seconds);
    }
    let iso = text.replacen(' ', "T", 1);
    OffsetDateTime::parse(&iso, &Iso8601::DEFAULT)
        .or_else(|_| PrimitiveDateTime::parse(&iso, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| Date::parse(&iso, &Iso8601::DEFAULT).map(|date| date.midnight().assume_utc()))
        .or_else(|_| OffsetDateTime::parse(text, &Rfc2822))
        .ok()
}

/// A float holds microseconds of our time; what lies beyond is noise.
fn from_epoch_seconds(seconds: f64) -> Option<OffsetDateTime> {
    let micros = (seconds * 1e6).round();
    // A cast takes what is too large to the limits of the type, and what is no number to zero.
    if micros.is_nan() {
        return None;
    }
    OffsetDateTime::from_unix_timestamp_nanos((micros as i128).saturating_mul(1000)).ok()
}

fn date_and_time(time: OffsetDateTime) -> Option<String> {
    time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]")).ok()
}

fn fraction(time: OffsetDateTime) -> String {
    match time.microsecond() {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_people_type_is_understood() {
        for (typed, expected) in [
            (json!(1_700_003_600), "2023-11-14T23:13:20+00:00"),
            (json!("1700003600"), "2023-11-14T23:13:20+00:00"),
            (json!(1_700_000_000.123), "2023-11-14T22:13:20.123000+00:00"),
            (json!("2024-01-02"), "2024-01-02T00:00:00+00:00"),
            (json!("2024-01-02 03:04:05"), "2024-01-02T03:04:05+00:00"),
            (json!("2024-01-02T03:04"), "2024-01-02T03:04:00+00:00"),
            (json!("2024-01-02T03:04:05.5Z"), "2024-01-02T03:04:05.500000+00:00"),
            (json!("2024-01-02T03:04:05+05:30"), "2024-01-02T03:04:05+05:30"),
            (json!("Tue, 14 Nov 2023 22:13:20 GMT"), "2023-11-14T22:13:20+00:00"),
        ] {
            assert_eq!(read(&typed).and_then(display).as_deref(), Some(expected), "{typed}");
        }
        for bad in [json!("yesterday"), json!(""), json!(true), json!(null), json!(1e30), json!("nan")] {
            assert_eq!(read(&bad), None, "{bad}");
        }
    }

    #[test]
    fn each_place_has_its_form() {
        let time = json!("2023-11-14T23:13:20.5+01:00");
        assert_eq!(Form::EpochSeconds.encode(&time), Some(json!(1_700_000_000)));
        assert_eq!(Form::Iso8601.encode(&time), Some(json!("2023-11-14T22:13:20.500000Z")));
        assert_eq!(Form::HttpDate.encode(&time), Some(json!("Tue, 14 Nov 2023 22:13:20 GMT")));
        assert_eq!(Form::named(Some("iso8601"), Form::EpochSeconds), Form::Iso8601);
        assert_eq!(Form::named(None, Form::HttpDate), Form::HttpDate);
    }
}
