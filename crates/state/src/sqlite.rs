//! The embedded engine: SQLite, as a file in WAL mode or in memory.
//!
//! The one rule: a commit that returned is on disk. `synchronous=FULL` flushes the write-ahead log at every commit
//! (*Write-Ahead Logging*, sqlite.org), so a killed process and a lost power supply lose nothing that was answered.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path};

use rusqlite::{
    CachedStatement, Connection, OpenFlags, ToSql,
    config::DbConfig,
    types::{ToSqlOutput, ValueRef},
};

use crate::{
    StoreError,
    engine::{Engine, Row, Value},
};

/// Every statement of this crate stays prepared on every connection.
const STATEMENTS: usize = 128;

pub(crate) struct Sqlite {
    connection: Connection,
    begin: &'static str,
}

impl Sqlite {
    /// The only connection to a database in memory.
    pub(crate) fn memory() -> Result<Self, StoreError> {
        Self::new(Connection::open_in_memory()?, "BEGIN")
    }

    /// The connection that writes. The file is made readable for its owner only: it holds signing keys.
    pub(crate) fn writer(file: &Path) -> Result<Self, StoreError> {
        OpenOptions::new().append(true).create(true).mode(0o600).open(file).map_err(StoreError::file(file))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let writer = Self::new(Connection::open_with_flags(file, flags)?, "BEGIN IMMEDIATE")?;
        let mode =
            writer.connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
        if mode != "wal" {
            return Err(StoreError::Database(format!("{} cannot be used in WAL mode, only {mode}", file.display())));
        }
        writer.connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(writer)
    }

    /// A connection that reads what the writer has committed.
    pub(crate) fn reader(file: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::new(Connection::open_with_flags(file, flags)?, "BEGIN")
    }

    fn new(connection: Connection, begin: &'static str) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without it SQLite plans a statement anew whenever a bound value changes: 16 % of a request, seen in a profile.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // What a savepoint would undo is remembered in memory, not in a temporary file.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(Self { connection, begin })
    }

    fn prepare(&self, sql: &str, params: &[Value<'_>]) -> rusqlite::Result<CachedStatement<'_>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        for (index, param) in (1..).zip(params) {
            // SQLite takes $1 for a name and counts names as they come, hence the rule that they come in order.
            debug_assert_eq!(statement.parameter_name(index), Some(format!("${index}").as_str()), "{sql}");
            statement.raw_bind_parameter(index, param)?;
        }
        Ok(statement)
    }
}

impl Engine for Sqlite {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.execute(self.begin, &[]).map(drop)
    }

    fn query(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.prepare(sql, params)?;
        let columns = statement.column_count();
        let mut found = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let values = (0..columns).map(|column| owned(row.get_ref(column)?)).collect::<Result<_, _>>()?;
            rows.push(Row::new(values));
        }
        Ok(rows)
    }

    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        Ok(self.prepare(sql, params)?.raw_execute()? as u64)
    }

    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch(&sql.replace("/* clustered */", "WITHOUT ROWID"))?)
    }
}

fn owned(value: ValueRef<'_>) -> Result<Value<'static>, StoreError> {
    match value {
        ValueRef::Text(text) => String::from_utf8(text.to_vec())
            .map(Value::from)
            .map_err(|_| StoreError::Database("a text column holds something that is not UTF-8".into())),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        other => Err(StoreError::Database(format!("a column holds {:?}", other.data_type()))),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Int(number) => ValueRef::Integer(*number),
        }))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Sqlite;
    use crate::{StoreError, engine::Engine};

    #[test]
    fn the_writer_flushes_every_commit() -> Result<(), StoreError> {
        let dir = std::env::temp_dir().join(format!("switchboard-sqlite-{}", std::process::id()));
        std::fs::create_dir_all(&dir).map_err(StoreError::file(&dir))?;
        let mut writer = Sqlite::writer(&dir.join("test.db"))?;
        const FULL: i64 = 2;
        assert_eq!(writer.query("PRAGMA synchronous", &[])?.remove(0).int()?, FULL);
        std::fs::remove_dir_all(&dir).map_err(StoreError::file(&dir))
    }
}
