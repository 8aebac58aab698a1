//! What a database must do for this crate, in the words that SQLite and PostgreSQL share.
//!
//! The one rule for every statement in this crate: it runs on both. So placeholders are `$1`, `$2`, … each used once and
//! in order, values are text or 64-bit integers, `INSERT … ON CONFLICT` decides between old and new, and nothing calls
//! a function that only one engine has. A statement is a constant, so that an engine can keep it prepared.

use std::borrow::Cow;

use crate::StoreError;

/// One value of a row or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Int(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// A row limit as SQL takes it.
pub(crate) fn rows(limit: usize) -> Value<'static> {
    Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// The columns of one row, taken in their order.
pub(crate) struct Row(std::vec::IntoIter<Value<'static>>);

impl Row {
    pub(crate) fn new(values: Vec<Value<'static>>) -> Self {
        Self(values.into_iter())
    }

    /// The next column, which is text.
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(text.into_owned()),
            other => Err(StoreError::Database(format!("a text column holds {other:?}"))),
        }
    }

    /// The next column, which is a number.
    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(number),
            other => Err(StoreError::Database(format!("a number column holds {other:?}"))),
        }
    }
}

/// One connection to a database.
pub(crate) trait Engine: Send {
    /// Begins a transaction: for writing on a connection that writes, else on a snapshot for reading.
    fn begin(&mut self) -> Result<(), StoreError>;
    /// The rows that a statement finds.
    fn query(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError>;
    /// The number of rows that a statement changed.
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError>;
    /// Runs the statements of a migration.
    fn script(&mut self, sql: &str) -> Result<(), StoreError>;
}
