use std::ops::Bound::{self, Excluded, Included, Unbounded};

use switchboard_domain::{ChatId, ItemId, Time};
use switchboard_state::{
    Direction::{self, Backward, Forward},
    LogEnd, LogRow, Span, State, StoreError, Topic,
};

use crate::{NOON, Outcome, id, woken};

fn chat() -> ChatId {
    id(1)
}

fn row(seq: i64, stored: bool) -> LogRow<String> {
    LogRow { seq, at: at(seq), id: id(seq), stored, doc: format!("item {seq}") }
}

/// Item `seq` happened so many seconds after noon.
fn at(seq: i64) -> Time {
    NOON.plus_seconds(seq)
}

/// A chat of ten items of which every third was typing.
async fn talk(state: &State) -> Outcome {
    state
        .write(|tx| {
            tx.append_item(id(2), &row(1, true))?;
            (1..=10).try_for_each(|seq| tx.append_item(chat(), &row(seq, seq % 3 != 0)))
        })
        .await
}

pub(crate) async fn sockets_read_on_from_what_they_saw(state: State) -> Outcome {
    let mut socket = state.bus().subscribe(Topic::Chat(chat()));
    assert_eq!(state.read(|tx| tx.log_end(chat()))?, None);
    talk(&state).await?;
    assert!(woken(&mut socket).await);
    assert!(!woken(&mut socket).await, "ten items, one look");
    assert_eq!(
        state.read(|tx| tx.items_after::<String>(chat(), 7, 100))?,
        [row(8, true), row(9, false), row(10, true)]
    );
    assert_eq!(state.read(|tx| tx.items_after::<String>(chat(), 0, 2))?, [row(1, true), row(2, true)]);
    assert_eq!(state.read(|tx| tx.log_end(chat()))?, Some(LogEnd { seq: 10, at: at(10) }));
    assert_eq!(state.write(|tx| tx.delete_log(chat())).await?, 10);
    assert_eq!(state.read(|tx| tx.items_after::<String>(chat(), 0, 2))?, []);
    Ok(())
}

pub(crate) async fn a_transcript_is_read_both_ways(state: State) -> Outcome {
    talk(&state).await?;
    let seqs = |from: Bound<i64>, direction: Direction, limit: usize| -> Result<Vec<i64>, StoreError> {
        let found = state.read(|tx| tx.transcript::<String>(chat(), Span { from, direction, limit }))?;
        Ok(found.into_iter().map(|row| row.seq).collect())
    };
    assert_eq!(seqs(Unbounded, Backward, 3)?, [10, 8, 7]);
    assert_eq!(seqs(Excluded(7), Backward, 3)?, [5, 4, 2]);
    assert_eq!(seqs(Included(7), Backward, 2)?, [7, 5]);
    assert_eq!(seqs(Excluded(2), Backward, 3)?, [1]);
    assert_eq!(seqs(Unbounded, Forward, 3)?, [1, 2, 4]);
    assert_eq!(seqs(Excluded(4), Forward, 2)?, [5, 7]);
    assert_eq!(seqs(Included(6), Forward, 9)?, [7, 8, 10]);
    assert_eq!(seqs(Excluded(10), Forward, 9)?, [0; 0]);
    Ok(())
}

pub(crate) async fn an_item_is_found_by_id_time_and_rank(state: State) -> Outcome {
    talk(&state).await?;
    state.read(|tx| {
        assert_eq!(tx.item::<String>(chat(), id(4))?, Some(row(4, true)));
        assert_eq!(tx.item::<String>(chat(), id(3))?, None, "typing is in no transcript");
        assert_eq!(tx.item::<String>(chat(), id(11))?, None);
        assert_eq!(tx.seq_at_or_after(chat(), at(5))?, Some(5));
        assert_eq!(tx.seq_at_or_after(chat(), at(6))?, Some(7));
        assert_eq!(tx.seq_at_or_after(chat(), at(11))?, None);
        assert_eq!(tx.seq_at_or_before(chat(), at(6))?, Some(5));
        assert_eq!(tx.seq_at_or_before(chat(), at(0))?, None);
        assert_eq!(tx.seq_of_nth_latest(chat(), 1)?, Some(10));
        assert_eq!(tx.seq_of_nth_latest(chat(), 3)?, Some(7));
        assert_eq!(tx.seq_of_nth_latest(chat(), 8)?, None);
        Ok(())
    })
}

pub(crate) async fn one_place_is_given_once(state: State) -> Outcome {
    talk(&state).await?;
    let again = |seq, item, stored| {
        let item: ItemId = id(item);
        state.write(move |tx| tx.append_item(chat(), &LogRow { id: item, ..row(seq, stored) }))
    };
    assert!(matches!(again(10, 99, true).await, Err(StoreError::Database(_))), "a place that is taken");
    assert!(matches!(again(11, 4, true).await, Err(StoreError::Database(_))), "an item that is there");
    again(11, 4, false).await?;
    again(12, 4, false).await?;
    assert_eq!(state.read(|tx| tx.item::<String>(chat(), id(4)))?, Some(row(4, true)), "parts do not hide the whole");
    Ok(())
}

pub(crate) async fn what_is_in_no_transcript_is_forgotten(state: State) -> Outcome {
    talk(&state).await?;
    state.write(|tx| tx.append_item(chat(), &row(11, false))).await?;
    let seqs = |from| -> Result<Vec<i64>, StoreError> {
        let found = state.read(|tx| tx.items_after::<String>(chat(), from, 100))?;
        Ok(found.into_iter().map(|row| row.seq).collect())
    };
    assert!(state.write(|tx| tx.forget_passing(chat(), 5, at(100))).await?, "up to a place");
    assert_eq!(seqs(0)?, [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert!(state.write(|tx| tx.forget_passing(chat(), i64::MAX, at(9))).await?, "before a time");
    assert_eq!(seqs(0)?, [1, 2, 4, 5, 7, 8, 9, 10, 11]);
    assert!(!state.write(|tx| tx.forget_passing(chat(), i64::MAX, at(100))).await?, "all of them");
    assert_eq!(seqs(0)?, [1, 2, 4, 5, 7, 8, 10]);

    // Who had read to a place that is gone reads on from there; the last place is taken by nobody else.
    assert_eq!(seqs(9)?, [10]);
    state.write(|tx| tx.append_item(chat(), &row(12, true))).await?;
    assert_eq!(seqs(11)?, [12]);
    assert_eq!(state.read(|tx| tx.item::<String>(chat(), id(4)))?, Some(row(4, true)));
    Ok(())
}

pub(crate) async fn receipts_change_a_stored_item(state: State) -> Outcome {
    talk(&state).await?;
    let read = "item 4, read".to_owned();
    assert!(state.write(|tx| tx.update_item_doc(chat(), id(4), "item 4, read")).await?);
    assert!(!state.write(|tx| tx.update_item_doc(chat(), id(3), "typing, read")).await?);
    assert_eq!(state.read(|tx| tx.item(chat(), id(4)))?, Some(LogRow { doc: read, ..row(4, true) }));
    Ok(())
}
