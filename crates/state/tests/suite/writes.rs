use std::sync::{Arc, Mutex, mpsc};

use switchboard_state::{State, StoreError, Topic, Tx};
use tokio::{sync::Notify, task::JoinHandle};

use crate::{Note, Outcome, id, note, woken};

/// What the writes of these tests answer.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    Refused,
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Keeps the writer busy until it is let go, so that others queue behind.
async fn hold(state: &State) -> (mpsc::Sender<()>, JoinHandle<Result<(), Fault>>) {
    let (let_go, held) = mpsc::channel();
    let (held, entered) = (Mutex::new(held), Arc::new(Notify::new()));
    let inside = Arc::clone(&entered);
    let write = queue(state, move |_| {
        inside.notify_one();
        held.lock().expect("one holder").recv().expect("somebody lets go");
        Ok(())
    });
    entered.notified().await;
    (let_go, write)
}

fn queue<T: Send + 'static>(
    state: &State,
    work: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
) -> JoinHandle<Result<T, Fault>> {
    let state = state.clone();
    tokio::spawn(async move { state.write(work).await })
}

async fn queued(state: &State, writes: usize) {
    while state.stats().queued < writes {
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn writers_that_queue_together_share_a_commit(state: State) -> Outcome {
    let (let_go, held) = hold(&state).await;
    let writes: Vec<_> =
        (0..10).map(|n| queue(&state, move |tx| Ok(tx.put("", &n.to_string(), &note("together"))?))).collect();
    queued(&state, 10).await;
    let_go.send(()).expect("the writer waits");
    assert_eq!(held.await.expect("no panic"), Ok(()));
    for write in writes {
        assert_eq!(write.await.expect("no panic"), Ok(()));
    }
    let stats = state.stats();
    assert_eq!((stats.writes, stats.commits, stats.queued), (11, 2, 0));
    assert_eq!(state.read(|tx| tx.count::<Note>(""))?, 10);
    Ok(())
}

pub(crate) async fn a_failed_write_takes_nothing_with_it(state: State) -> Outcome {
    let [kept, refused] = [1, 2].map(|chat| Topic::Chat(id(chat)));
    let mut hears_kept = state.bus().subscribe(kept);
    let mut hears_refused = state.bus().subscribe(refused);

    let (let_go, _held) = hold(&state).await;
    let first = queue(&state, move |tx| {
        tx.notify(kept);
        Ok(tx.insert("", "first", &note("kept"))?)
    });
    let second = queue(&state, move |tx| {
        tx.notify(refused);
        tx.put("", "second", &note("undone"))?;
        tx.put("", "first", &note("undone"))?;
        Err::<(), _>(Fault::Refused)
    });
    let third = queue(&state, |tx| {
        tx.put("", "third", &note("undone"))?;
        let numbers: [u8; 0] = [];
        Ok(numbers[tx.count::<Note>("")? as usize])
    });
    let fourth = queue(&state, |tx| Ok(tx.insert("", "first", &note("too late"))?));
    queued(&state, 4).await;
    assert!(!woken(&mut hears_kept).await, "nothing is committed yet");
    let_go.send(()).expect("the writer waits");

    assert_eq!(first.await.expect("answered"), Ok(true));
    assert_eq!(second.await.expect("answered"), Err(Fault::Refused));
    assert_eq!(third.await.expect("answered"), Err(Fault::Store(StoreError::Panicked)));
    assert_eq!(fourth.await.expect("answered"), Ok(false));
    assert_eq!(state.stats().commits, 2);
    assert_eq!(state.read(|tx| tx.list::<Note>("", None, 10))?, [("first".to_owned(), note("kept"))]);
    assert!(woken(&mut hears_kept).await);
    assert!(!woken(&mut hears_refused).await);
    Ok(())
}

pub(crate) async fn a_read_sees_what_was_acknowledged_and_cannot_write(state: State) -> Outcome {
    state.write(|tx| tx.put("", "a", &note("there"))).await?;
    assert_eq!(state.read(|tx| tx.get::<Note>("", "a"))?, Some(note("there")));
    assert_eq!(state.read(|tx| tx.put("", "a", &note("changed"))), Err(StoreError::ReadOnly));
    state.write(|tx| tx.put("", "a", &note("changed"))).await?;
    assert_eq!(state.read(|tx| tx.get::<Note>("", "a"))?, Some(note("changed")));
    Ok(())
}

pub(crate) async fn a_closed_store_says_so(state: State) -> Outcome {
    let (let_go, _held) = hold(&state).await;
    let last = queue(&state, |tx| Ok(tx.put("", "a", &note("queued in time"))?));
    queued(&state, 1).await;
    let closing = tokio::spawn({
        let state = state.clone();
        async move { state.close().await }
    });
    let_go.send(()).expect("the writer waits");
    closing.await.expect("no panic");
    assert_eq!(last.await.expect("answered"), Ok(()), "what was queued is finished");
    assert_eq!(state.write(|tx| tx.put("", "a", &note("late"))).await, Err(StoreError::Closed));
    assert_eq!(state.read(|tx| tx.get::<Note>("", "a")), Err(StoreError::Closed));
    state.close().await;
    Ok(())
}
