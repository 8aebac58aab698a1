//! The rules of stages: tokens, who is there, sessions, replication, and the resources around them.

mod attendance;
mod clients;
mod configurations;
mod ids;
mod replication;
mod tokens;

use switchboard_domain::{Home, Ids, Time};
use uuid::Uuid;

const NOW: Time = Time(1_700_000_000_000);

fn home() -> Home {
    Home { region: "us-east-1".to_owned(), account: "123456789012".to_owned() }
}

/// Ids that count up from one.
fn ids() -> impl Ids {
    let mut last = 0;
    move || {
        last += 1;
        Uuid::from_u128(last)
    }
}

fn later(seconds: i64) -> Time {
    NOW.plus_seconds(seconds)
}
