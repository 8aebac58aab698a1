//! Points in time as they are typed, sent, received and printed.
//!
//! Bodies of the JSON protocol carry whole seconds since 1970 unless the model asks for ISO 8601; headers carry the
//! HTTP date; queries carry ISO 8601 (Smithy, "timestampFormat trait" and the restJson1 protocol). As with `aws`, a time
//! without a zone is one in UTC, and seconds since 1970 are shown in the zone of the machine.

use std::fmt;
use std::time::SystemTime;

use time::format_description::well_known::{Iso8601, Rfc2822};
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::value::Value;

/// A point in time that is a value: read from YAML, or made up for a skeleton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Date(Date),
    /// Without a zone.
    Local(PrimitiveDateTime),
    Zoned(OffsetDateTime),
}

impl Moment {
    /// The first moment of 1970, which stands for any other in a skeleton.
    pub(crate) const EPOCH: Self =
        Self::Local(PrimitiveDateTime::new(OffsetDateTime::UNIX_EPOCH.date(), OffsetDateTime::UNIX_EPOCH.time()));

    pub(crate) fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// ISO 8601.
    pub(crate) fn iso(&self) -> String {
        self.written('T')
    }

    /// As Python writes it in source.
    pub(crate) fn repr(&self) -> String {
        let (date, time) = match self {
            Self::Date(date) => (*date, None),
            Self::Local(local) => (local.date(), Some(local.time())),
            Self::Zoned(zoned) => (zoned.date(), Some(zoned.time())),
        };
        let mut parts = vec![date.year().to_string(), u8::from(date.month()).to_string(), date.day().to_string()];
        let Some(time) = time else { return format!("datetime.date({})", parts.join(", ")) };
        parts.extend([time.hour().to_string(), time.minute().to_string()]);
        if time.second() > 0 || time.microsecond() > 0 {
            parts.push(time.second().to_string());
        }
        if time.microsecond() > 0 {
            parts.push(time.microsecond().to_string());
        }
        if matches!(self, Self::Zoned(_)) {
            parts.push("tzinfo=datetime.timezone.utc".to_owned());
        }
        format!("datetime.datetime({})", parts.join(", "))
    }

    fn written(self, separator: char) -> String {
        match self {
            Self::Date(date) => written_date(date),
            Self::Local(local) => written(local, separator),
            Self::Zoned(zoned) => {
                let minutes = zoned.offset().whole_minutes();
                let sign = if minutes < 0 { '-' } else { '+' };
                let (hours, minutes) = (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60);
                let local = PrimitiveDateTime::new(zoned.date(), zoned.time());
                format!("{}{sign}{hours:02}:{minutes:02}", written(local, separator))
            }
        }
    }

    fn to_offset(self) -> OffsetDateTime {
        match self {
            Self::Date(date) => date.midnight().assume_utc(),
            Self::Local(local) => local.assume_utc(),
            Self::Zoned(zoned) => zoned,
        }
    }
}

/// As Python's `str()` shows it.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(' '))
    }
}

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
        let local = PrimitiveDateTime::new(time.date(), time.time());
        match self {
            Self::EpochSeconds => Some(time.unix_timestamp().into()),
            Self::Iso8601 => Some(format!("{}Z", written(local, 'T')).into()),
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
pub(crate) fn read(value: &Value) -> Option<OffsetDateTime> {
    match value {
        Value::Int(seconds) => from_epoch_seconds(seconds.to_f64()),
        Value::Float(seconds) => from_epoch_seconds(*seconds),
        Value::Text(text) => read_text(text.trim()),
        Value::Time(moment) => Some(moment.to_offset()),
        _ => None,
    }
}

/// The form `aws` prints: ISO 8601 with a numeric offset, microseconds only when there are some.
pub(crate) fn display(time: OffsetDateTime) -> String {
    Moment::Zoned(time).iso()
}

/// The basic form of ISO 8601, as signatures have it.
pub(crate) fn compact(time: SystemTime) -> String {
    let utc = OffsetDateTime::from(time);
    let (hour, minute, second) = utc.to_hms();
    format!("{}T{hour:02}{minute:02}{second:02}Z", written_date(utc.date()).replace('-', ""))
}

/// The time of a line of a log, to the millisecond, as Python's logs have it.
pub(crate) fn log_time(now: SystemTime) -> String {
    let utc = OffsetDateTime::from(now);
    let here = utc.to_offset(local_offset(utc.unix_timestamp()));
    let (hour, minute, second, millis) = here.to_hms_milli();
    format!("{} {hour:02}:{minute:02}:{second:02},{millis:03}", written_date(here.date()))
}

fn read_text(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<f64>() {
        return from_epoch_seconds(seconds);
    }
    // Weeks are part of ISO 8601, and Python reads none.
    if text.contains('W') && !text.contains(',') {
        return None;
    }
    let iso = text.replacen(' ', "T", 1);
    OffsetDateTime::parse(&iso, &Iso8601::DEFAULT)
        .or_else(|_| PrimitiveDateTime::parse(&iso, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| Date::parse(&iso, &Iso8601::DEFAULT).map(|date| date.midnight().assume_utc()))
        .or_else(|_| OffsetDateTime::parse(text, &Rfc2822))
        .ok()
        .or_else(|| OffsetDateTime::parse(&mended(text)?, &Iso8601::DEFAULT).ok())
}

/// ISO 8601 for what people write almost so: one digit for two, slashes, hours alone, small letters, `UTC`, and a blank
/// before the zone. Without a zone it is in UTC.
fn mended(text: &str) -> Option<String> {
    let (date, rest) = text.split_at(text.find(['T', 't', ' ']).unwrap_or(text.len()));
    let [year, month, day]: [&str; 3] = date.split(['-', '/']).collect::<Vec<_>>().try_into().ok()?;
    if year.len() != 4 {
        return None;
    }
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let (clock, zone) =
        rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && !":.,".contains(c)).unwrap_or(rest.len()));
    let zone = match zone.trim().to_ascii_uppercase() {
        name if ["", "UTC", "GMT"].contains(&name.as_str()) => "Z".to_owned(),
        zone => zone,
    };
    let mut units = clock.split(':');
    let mut unit = || units.next().filter(|unit| !unit.is_empty()).unwrap_or("00");
    let (hour, minute, second) = (unit(), unit(), unit());
    if units.next().is_some() {
        return None;
    }
    Some(format!("{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}:{second:0>2}{zone}"))
}

/// A float holds microseconds of our time; what lies beyond is noise.
fn from_epoch_seconds(seconds: f64) -> Option<OffsetDateTime> {
    let micros = (seconds * 1e6).round();
    // A cast takes what is too large to the limits of the type, and what is no number to zero.
    if micros.is_nan() {
        return None;
    }
    let utc = OffsetDateTime::from_unix_timestamp_nanos((micros as i128).saturating_mul(1000)).ok()?;
    utc.checked_to_offset(local_offset(utc.unix_timestamp()))
}

/// What the clock on the wall is ahead of UTC at that second. A machine without a zone has UTC.
fn local_offset(epoch_seconds: i64) -> UtcOffset {
    let zone = match std::env::var("TZ") {
        Ok(name) => tz::TimeZone::from_posix_tz(&name).ok(),
        Err(_) => tz::TimeZone::local().ok(),
    };
    let seconds = zone.and_then(|zone| Some(zone.find_local_time_type(epoch_seconds).ok()?.ut_offset()));
    seconds.and_then(|seconds| UtcOffset::from_whole_seconds(seconds).ok()).unwrap_or(UtcOffset::UTC)
}

fn written_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn written(local: PrimitiveDateTime, separator: char) -> String {
    let (hour, minute, second) = local.as_hms();
    let fraction = match local.microsecond() {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!("{}{separator}{hour:02}:{minute:02}:{second:02}{fraction}", written_date(local.date()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    #[test]
    fn what_people_type_is_understood() {
        for (typed, expected) in [
            (json!("2024-01-02T03:04:05.5Z"), "2024-01-02T03:04:05.500000+00:00"),
            (json!("2024-01-02T03:04:05+05:30"), "2024-01-02T03:04:05+05:30"),
            (json!("2024-01-02 03:04:05-08:00"), "2024-01-02T03:04:05-08:00"),
            (json!("Tue, 14 Nov 2023 22:13:20 GMT"), "2023-11-14T22:13:20+00:00"),
            (json!("2024-1-2"), "2024-01-02T00:00:00+00:00"),
            (json!("2024/01/02 3:04"), "2024-01-02T03:04:00+00:00"),
            (json!("2024-01-02T03"), "2024-01-02T03:00:00+00:00"),
            (json!("2024-01-02t03:04:05.25z"), "2024-01-02T03:04:05.250000+00:00"),
            (json!("2024-01-02 03:04:05 UTC"), "2024-01-02T03:04:05+00:00"),
            (json!("2024-01-02T03:04:05 +0130"), "2024-01-02T03:04:05+01:30"),
        ] {
            assert_eq!(read(&typed.clone().into()).map(display).as_deref(), Some(expected), "{typed}");
        }
        for bad in [
            json!("yesterday"),
            json!(""),
            json!(true),
            json!(null),
            json!(1e30),
            json!("nan"),
            json!("01/02/2024"),
            json!("2024-01"),
            json!("2024-1-2T1:2:3:4"),
            json!("2024-13-1"),
            json!("2024-1-2 PST"),
            json!("-/-"),
        ] {
            assert_eq!(read(&bad.clone().into()), None, "{bad}");
        }
    }

    #[test]
    fn seconds_since_1970_are_a_point_in_time() {
        let utc = |value: serde_json::Value| read(&value.into()).map(|time| time.to_offset(UtcOffset::UTC));
        assert_eq!(utc(json!(1_700_003_600)), Some(datetime!(2023-11-14 23:13:20 UTC)));
        assert_eq!(utc(json!("1700003600")), Some(datetime!(2023-11-14 23:13:20 UTC)));
        assert_eq!(utc(json!(1_700_000_000.123)), Some(datetime!(2023-11-14 22:13:20.123 UTC)));
    }

    #[test]
    fn a_time_without_a_zone_is_in_utc() {
        let typed = |text: &str| read(&text.into()).map(display);
        assert_eq!(typed("2024-01-02").as_deref(), Some("2024-01-02T00:00:00+00:00"));
        assert_eq!(typed("2024-01-02 03:04").as_deref(), Some("2024-01-02T03:04:00+00:00"));
    }

    #[test]
    fn each_place_has_its_form() {
        let time = Value::from("2023-11-14T23:13:20.5+01:00");
        assert_eq!(Form::EpochSeconds.encode(&time), Some(json!(1_700_000_000).into()));
        assert_eq!(Form::Iso8601.encode(&time), Some("2023-11-14T22:13:20.500000Z".into()));
        assert_eq!(Form::HttpDate.encode(&time), Some("Tue, 14 Nov 2023 22:13:20 GMT".into()));
        assert_eq!(Form::named(Some("iso8601"), Form::EpochSeconds), Form::Iso8601);
        assert_eq!(Form::named(None, Form::HttpDate), Form::HttpDate);
    }

    #[test]
    fn a_moment_is_shown_as_python_shows_it() {
        assert_eq!(Moment::EPOCH.iso(), "1970-01-01T00:00:00");
        assert_eq!(Moment::EPOCH.to_string(), "1970-01-01 00:00:00");
        assert_eq!(Moment::EPOCH.repr(), "datetime.datetime(1970, 1, 1, 0, 0)");
        let zoned = Moment::Zoned(datetime!(2024-01-02 03:04:05.000006 -05:30));
        assert_eq!(zoned.to_string(), "2024-01-02 03:04:05.000006-05:30");
        assert_eq!(Moment::Date(time::macros::date!(2024 - 01 - 02)).repr(), "datetime.date(2024, 1, 2)");
    }
}
