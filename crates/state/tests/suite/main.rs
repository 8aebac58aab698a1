//! One suite, run on each engine; and what only a directory can show: it survives.
//!
//! A test gets a fresh store and knows nothing of what is under it.

mod blobs;
mod durability;
mod idempotency;
mod log;
mod paging;
mod records;
mod timers;
mod writes;

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use switchboard_domain::Time;
use switchboard_state::{Options, Record, State, StoreError, Subscription};

type Outcome = Result<(), StoreError>;

/// A record to test with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note(String);

impl Record for Note {
    const KIND: &'static str = "note";
}

fn note(text: &str) -> Note {
    Note(text.into())
}

const NOON: Time = Time(1_800_000_000_000);

/// An id of any kind, told by a number.
fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: i64) -> T {
    format!("00000000-0000-4000-8000-{number:012}").parse().expect("a uuid")
}

/// A directory that does not exist yet.
fn fresh_dir(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{name}"));
    if dir.exists() {
        fs::remove_dir_all(&dir).expect("the directory of an earlier run goes away");
    }
    dir
}

fn open_dir(dir: &std::path::Path) -> Result<State, StoreError> {
    State::open(Options { dir: Some(dir.to_owned()), ..Options::default() })
}

/// Whether a subscription has something to say at this moment.
async fn woken(subscription: &mut Subscription) -> bool {
    tokio::select! { biased; () = subscription.changed() => true, () = std::future::ready(()) => false }
}

macro_rules! suite {
    ($($area:ident: $($test:ident),+;)+) => {
        mod memory {
            $($(#[tokio::test]
            async fn $test() -> super::Outcome {
                let state = super::State::open(super::Options::default())?;
                super::$area::$test(state).await
            })+)+
        }

        mod directory {
            $($(#[tokio::test]
            async fn $test() -> super::Outcome {
                let state = super::open_dir(&super::fresh_dir(stringify!($test)))?;
                super::$area::$test(state.clone()).await?;
                state.close().await;
                Ok(())
            })+)+
        }
    };
}

suite! {
    writes: writers_that_queue_together_share_a_commit, a_failed_write_takes_nothing_with_it,
        a_read_sees_what_was_acknowledged_and_cannot_write, a_closed_store_says_so;
    records: a_record_has_one_place, a_read_sees_what_was_written_since_the_last, a_list_is_in_the_order_of_its_ids, tags_belong_to_an_arn,
        tags_go_with_everything_within_an_arn, the_first_secret_stays;
    log: sockets_read_on_from_what_they_saw, a_transcript_is_read_both_ways, an_item_is_found_by_id_time_and_rank,
        one_place_is_given_once, what_is_in_no_transcript_is_forgotten, receipts_change_a_stored_item;
    timers: timers_come_due_in_order, a_timer_is_claimed_once, a_timer_that_is_set_stays_as_it_is,
        the_first_timer_wakes_its_keeper;
    idempotency: the_same_call_has_one_answer, calls_that_differ_run, failures_are_not_remembered;
    paging: pages_are_stable_while_others_write, tokens_fit_one_list_only;
    blobs: a_blob_is_there_whole_or_not_at_all, a_blob_is_read_in_parts, a_blob_has_its_limits;
}
