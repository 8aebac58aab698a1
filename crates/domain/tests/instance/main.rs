//! The rules of instances and of everything that belongs to one.

mod account;
mod attributes;
mod bots;
mod contents;
mod flows;
mod identity;
mod life;
mod references;
mod sets;
mod storage;
mod tags;

use switchboard_domain::{Home, Ids, InstanceId, Time};
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

fn instance_id() -> InstanceId {
    InstanceId(Uuid::from_u128(0xabc))
}
