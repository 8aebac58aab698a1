//! Brings a database to the shape this program knows, one numbered file of `migrations/` after the other.
//!
//! The one rule: a migration that was released is never changed; the next one is added. All that are missing are applied
//! in one transaction, so a database is never between two shapes.

use crate::{StoreError, engine::Engine};

const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_start.sql")];

/// Applies what is missing. Refuses a database that a newer program has changed.
pub(crate) fn migrate(engine: &mut dyn Engine) -> Result<(), StoreError> {
    engine.begin()?;
    // An error leaves the transaction open; it goes with the connection, which the caller drops.
    engine.script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY);")?;
    let newest = engine.query("SELECT version FROM schema_version ORDER BY version DESC LIMIT 1", &[])?.pop();
    let found = newest.map_or(Ok(0), |mut row| row.int())?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, migration) in (1..).zip(MIGRATIONS).skip_while(|(version, _)| *version <= found) {
        engine.script(migration)?;
        engine.execute("INSERT INTO schema_version (version) VALUES ($1)", &[version.into()])?;
    }
    engine.execute("COMMIT", &[]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, migrate};
    use crate::{StoreError, engine::Engine, sqlite::Sqlite};

    #[test]
    fn a_migrated_database_is_left_alone() -> Result<(), StoreError> {
        let mut engine = Sqlite::memory()?;
        migrate(&mut engine)?;
        migrate(&mut engine)
    }

    #[test]
    fn a_newer_database_is_refused() -> Result<(), StoreError> {
        let mut engine = Sqlite::memory()?;
        migrate(&mut engine)?;
        let known = MIGRATIONS.len() as i64;
        engine.execute("INSERT INTO schema_version (version) VALUES ($1)", &[(known + 1).into()])?;
        assert_eq!(migrate(&mut engine), Err(StoreError::Newer { found: known + 1, known }));
        Ok(())
    }
}
