//! Records: JSON documents by kind, scope and id.
//!
//! The one rule: a record has one place, told by its type's kind, the scope that holds it (an instance, a chat, or `""`
//! for the whole server) and its id. Whatever must be found another way gets a small record of its own that points.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    StoreError, Tx,
    engine::rows,
    tx::{from_doc, to_doc},
};

/// A type that is kept as a record.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// What it is called in the database. Never changes, and no two types share one.
    const KIND: &'static str;
}

impl Tx {
    /// The record, if there is one.
    pub fn get<R: Record>(&mut self, scope: &str, id: &str) -> Result<Option<R>, StoreError> {
        self.once_a_snapshot([R::KIND, scope, id], |tx| {
            let found = tx.query_one(
                "SELECT doc FROM record WHERE kind = $1 AND scope = $2 AND id = $3",
                &[R::KIND.into(), scope.into(), id.into()],
            )?;
            found.map(|mut row| from_doc(R::KIND, &row.text()?)).transpose()
        })
    }

    /// Keeps a new record. False, and nothing changed, when there is one already.
    pub fn insert<R: Record>(&mut self, scope: &str, id: &str, record: &R) -> Result<bool, StoreError> {
        let doc = to_doc(R::KIND, record)?;
        let inserted = self.execute(
            "INSERT INTO record (kind, scope, id, doc) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, scope, id) DO NOTHING",
            &[R::KIND.into(), scope.into(), id.into(), doc.into()],
        )?;
        Ok(inserted == 1)
    }

    /// Keeps a record, in place of the one that was there.
    pub fn put<R: Record>(&mut self, scope: &str, id: &str, record: &R) -> Result<(), StoreError> {
        let doc = to_doc(R::KIND, record)?;
        self.execute(
            "INSERT INTO record (kind, scope, id, doc) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, scope, id) DO UPDATE SET doc = excluded.doc",
            &[R::KIND.into(), scope.into(), id.into(), doc.into()],
        )?;
        Ok(())
    }

    /// Forgets a record. False when there was none.
    pub fn delete<R: Record>(&mut self, scope: &str, id: &str) -> Result<bool, StoreError> {
        let deleted = self.execute(
            "DELETE FROM record WHERE kind = $1 AND scope = $2 AND id = $3",
            &[R::KIND.into(), scope.into(), id.into()],
        )?;
        Ok(deleted == 1)
    }

    /// The records of a scope in the order of their ids, those after `after` only.
    pub fn list<R: Record>(
        &mut self,
        scope: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, R)>, StoreError> {
        let found = self.query(
            "SELECT id, doc FROM record WHERE kind = $1 AND scope = $2 AND id > $3 ORDER BY id LIMIT $4",
            &[R::KIND.into(), scope.into(), after.unwrap_or_default().into(), rows(limit)],
        )?;
        found.into_iter().map(|mut row| Ok((row.text()?, from_doc(R::KIND, &row.text()?)?))).collect()
    }

    /// How many records a scope holds.
    pub fn count<R: Record>(&mut self, scope: &str) -> Result<u64, StoreError> {
        let found = self
            .query_one("SELECT COUNT(*) FROM record WHERE kind = $1 AND scope = $2", &[R::KIND.into(), scope.into()])?;
        Ok(found.map_or(Ok(0), |mut row| row.int())?.unsigned_abs())
    }

    /// Forgets every record of this kind in a scope, and says how many there were.
    pub fn delete_all<R: Record>(&mut self, scope: &str) -> Result<u64, StoreError> {
        self.execute("DELETE FROM record WHERE kind = $1 AND scope = $2", &[R::KIND.into(), scope.into()])
    }
}
