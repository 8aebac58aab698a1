//! Timers: what is to happen, and when. A timer is a row, so it survives whoever was to act on it.
//!
//! The one rule: **act on a timer in the transaction that takes it.** Many may see that a timer is due; [`Tx::take_timer`]
//! says true to one of them, and to nobody if it was set anew or cancelled in between.
//!
//! Durable work that leaves the store (delivering an event to an outside address, say) is a timer that is due now, set in
//! the transaction that causes the work. Whoever does it first sets the same timer a little later, as its lease; cancels
//! it when the work is done; and so leaves it to be found again if it dies in between.

use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::Time;

use crate::{
    StoreError, Topic, Tx,
    engine::{Row, rows},
    tx::{from_doc, to_doc},
};

const KIND: &str = "timer";

/// A timer whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTimer {
    /// The name it was set under.
    pub id: String,
    /// When it was due.
    pub due: Time,
    doc: String,
}

impl DueTimer {
    /// What is to happen. Read one by one, so that a timer nobody understands does not hide the others.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        from_doc(KIND, &self.doc)
    }
}

impl Tx {
    /// Sets the timer `id`, in place of an earlier one. Says [`Topic::Timers`] when it is now the first to come.
    pub fn set_timer<T: Serialize + ?Sized>(&mut self, id: &str, due: Time, what: &T) -> Result<(), StoreError> {
        let doc = to_doc(KIND, what)?;
        self.execute(
            "INSERT INTO timer (id, due_ms, doc) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET due_ms = excluded.due_ms, doc = excluded.doc",
            &[id.into(), due.as_millis().into(), doc.into()],
        )?;
        if self.next_due()? == Some(due) {
            self.notify(Topic::Timers);
        }
        Ok(())
    }

    /// Sets the timer `id` unless it is set already: for work that has one keeper at a time, who looks for more before
    /// being done. False, and nothing changed, when it was set.
    pub fn set_timer_if_none<T: Serialize + ?Sized>(
        &mut self,
        id: &str,
        due: Time,
        what: &T,
    ) -> Result<bool, StoreError> {
        let doc = to_doc(KIND, what)?;
        let set = self.execute(
            "INSERT INTO timer (id, due_ms, doc) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
            &[id.into(), due.as_millis().into(), doc.into()],
        )?;
        if set == 1 && self.next_due()? == Some(due) {
            self.notify(Topic::Timers);
        }
        Ok(set == 1)
    }

    /// Forgets the timer `id`. False when there was none.
    pub fn cancel_timer(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM timer WHERE id = $1", &[id.into()])? == 1)
    }

    /// Timers due by `now`, the longest overdue first.
    pub fn due_timers(&mut self, now: Time, limit: usize) -> Result<Vec<DueTimer>, StoreError> {
        let found = self.query(
            "SELECT id, due_ms, doc FROM timer WHERE due_ms <= $1 ORDER BY due_ms, id LIMIT $2",
            &[now.as_millis().into(), rows(limit)],
        )?;
        let timer = |mut row: Row| Ok(DueTimer { id: row.text()?, due: Time(row.int()?), doc: row.text()? });
        found.into_iter().map(timer).collect()
    }

    /// Claims a due timer: true to the one caller who is to act on it, which removes it.
    pub fn take_timer(&mut self, id: &str, due: Time) -> Result<bool, StoreError> {
        let taken =
            self.execute("DELETE FROM timer WHERE id = $1 AND due_ms = $2", &[id.into(), due.as_millis().into()])?;
        Ok(taken == 1)
    }

    /// When the next timer is due, past or future.
    pub fn next_due(&mut self) -> Result<Option<Time>, StoreError> {
        let first = self.query_one("SELECT due_ms FROM timer ORDER BY due_ms, id LIMIT 1", &[])?;
        first.map(|mut row| row.int().map(Time)).transpose()
    }
}
