//! Hours of operation: when a queue takes contacts.

use serde::{Deserialize, Serialize};

use super::resource;
use crate::{instance::Head, words::words};

words! {
    /// `HoursOfOperationDays`.
    Day {
        Sunday = "SUNDAY",
        Monday = "MONDAY",
        Tuesday = "TUESDAY",
        Wednesday = "WEDNESDAY",
        Thursday = "THURSDAY",
        Friday = "FRIDAY",
        Saturday = "SATURDAY",
    }
}

/// A time of day, to the minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hours: u8,
    /// 0 to 59.
    pub minutes: u8,
}

/// The open hours of a day. From midnight to midnight is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenHours {
    /// The day.
    pub day: Day,
    /// When they begin.
    pub start: TimeOfDay,
    /// When they end.
    pub end: TimeOfDay,
}

/// A week's open hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursOfOperation {
    /// Id, name and the like.
    pub head: Head,
    /// `TimeZone`, an IANA name.
    pub time_zone: String,
    /// `Config`.
    pub config: Vec<OpenHours>,
}

resource!(HoursOfOperation is HoursOfOperation);

/// Open at all hours, as published configurations of real instances show it.
pub(super) fn basic(head: Head) -> HoursOfOperation {
    let midnight = TimeOfDay::default();
    HoursOfOperation {
        head,
        time_zone: "America/New_York".to_owned(),
        config: Day::ALL.iter().map(|&day| OpenHours { day, start: midnight, end: midnight }).collect(),
    }
}
