use switchboard_domain::Time;
use switchboard_state::{State, Topic};

use crate::{NOON, Outcome, woken};

fn minutes(minutes: i64) -> Time {
    NOON.plus_minutes(minutes)
}

pub(crate) async fn timers_come_due_in_order(state: State) -> Outcome {
    assert_eq!(state.read(|tx| tx.next_due())?, None);
    state
        .write(|tx| {
            tx.set_timer("idle/2", minutes(2), "later")?;
            tx.set_timer("idle/1", minutes(1), "sooner")?;
            tx.set_timer("idle/9", minutes(9), "last")?;
            tx.set_timer("gone", minutes(0), "cancelled")
        })
        .await?;
    assert!(state.write(|tx| tx.cancel_timer("gone")).await?);
    assert!(!state.write(|tx| tx.cancel_timer("gone")).await?);
    let due = state.read(|tx| tx.due_timers(minutes(2), 10))?;
    let ids: Vec<_> = due.iter().map(|timer| (timer.id.as_str(), timer.due)).collect();
    assert_eq!(ids, [("idle/1", minutes(1)), ("idle/2", minutes(2))]);
    assert_eq!(due[0].read::<String>()?, "sooner");
    assert!(due[0].read::<u64>().is_err());
    assert_eq!(state.read(|tx| tx.due_timers(minutes(2), 1))?.len(), 1);
    assert_eq!(state.read(|tx| tx.next_due())?, Some(minutes(1)));
    Ok(())
}

pub(crate) async fn a_timer_is_claimed_once(state: State) -> Outcome {
    let take = |due| state.write(move |tx| tx.take_timer("idle", due));
    state.write(|tx| tx.set_timer("idle", minutes(1), &())).await?;
    state.write(|tx| tx.set_timer("idle", minutes(5), &())).await?;
    assert!(!take(minutes(1)).await?, "it was set anew");
    assert!(take(minutes(5)).await?);
    assert!(!take(minutes(5)).await?, "somebody has it");
    Ok(())
}

pub(crate) async fn a_timer_that_is_set_stays_as_it_is(state: State) -> Outcome {
    let mut keeper = state.bus().subscribe(Topic::Timers);
    let set = |due, what: &'static str| state.write(move |tx| tx.set_timer_if_none("stream", due, what));
    assert!(set(minutes(5), "first").await?);
    assert!(woken(&mut keeper).await);
    assert!(!set(minutes(1), "second").await?);
    assert!(!woken(&mut keeper).await);
    let due = state.read(|tx| tx.due_timers(minutes(9), 10))?;
    assert_eq!((due.len(), due[0].due, due[0].read::<String>()?.as_str()), (1, minutes(5), "first"));
    Ok(())
}

pub(crate) async fn the_first_timer_wakes_its_keeper(state: State) -> Outcome {
    let mut keeper = state.bus().subscribe(Topic::Timers);
    let set = |id: &'static str, due| state.write(move |tx| tx.set_timer(id, due, &()));
    set("a", minutes(5)).await?;
    assert!(woken(&mut keeper).await);
    set("b", minutes(7)).await?;
    assert!(!woken(&mut keeper).await, "the first is still the first");
    set("b", minutes(3)).await?;
    assert!(woken(&mut keeper).await);
    Ok(())
}
