use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use switchboard_domain::Time;
use switchboard_state::{Once, State, StoreError};

use crate::{NOON, Outcome};

const CALL: Once<'static> =
    Once { caller: "account 1", operation: "StartChatContact", token: Some("token"), now: NOON, window_seconds: 60 };

/// Counts how often the call really ran: that count is its answer.
struct Calls {
    state: State,
    ran: Arc<AtomicU64>,
}

impl Calls {
    fn of(state: State) -> Self {
        Self { state, ran: Arc::default() }
    }

    async fn call(&self, call: Once<'static>) -> Result<u64, StoreError> {
        let ran = Arc::clone(&self.ran);
        self.state.write(move |tx| tx.once(call, |_| Ok(ran.fetch_add(1, Ordering::SeqCst) + 1))).await
    }
}

pub(crate) async fn the_same_call_has_one_answer(state: State) -> Outcome {
    let calls = Calls::of(state);
    let at = |seconds| Once { now: NOON.plus_seconds(seconds), ..CALL };
    assert_eq!(calls.call(CALL).await?, 1);
    assert_eq!(calls.call(at(59)).await?, 1);
    assert_eq!(calls.call(at(60)).await?, 2, "the window is over");
    assert_eq!(calls.call(at(119)).await?, 2);
    assert_eq!(calls.call(Once { now: Time(i64::MAX), ..CALL }).await?, 3);
    Ok(())
}

pub(crate) async fn calls_that_differ_run(state: State) -> Outcome {
    let calls = Calls::of(state);
    assert_eq!(calls.call(CALL).await?, 1);
    assert_eq!(calls.call(Once { caller: "account 2", ..CALL }).await?, 2);
    assert_eq!(calls.call(Once { operation: "SendMessage", ..CALL }).await?, 3);
    assert_eq!(calls.call(Once { token: Some("other"), ..CALL }).await?, 4);
    assert_eq!(calls.call(Once { caller: "account 1S", operation: "tartChatContact", ..CALL }).await?, 5);
    for (run, token) in [(6, None), (7, None), (8, Some("")), (9, Some(""))] {
        assert_eq!(calls.call(Once { token, ..CALL }).await?, run, "no token, no memory");
    }
    assert_eq!(calls.call(CALL).await?, 1);
    Ok(())
}

pub(crate) async fn failures_are_not_remembered(state: State) -> Outcome {
    let failed = state.write(|tx| tx.once(CALL, |_| Err::<u64, _>(StoreError::ReadOnly))).await;
    assert_eq!(failed, Err(StoreError::ReadOnly));
    assert_eq!(Calls::of(state).call(CALL).await?, 1);
    Ok(())
}
