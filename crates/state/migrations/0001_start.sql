-- What nodes share, first shape.
--
-- Written for SQLite and PostgreSQL alike: TEXT and BIGINT only, times are milliseconds since the Unix epoch, documents
-- are JSON in TEXT. Text sorts by its bytes (on PostgreSQL: COLLATE "C"). "/* clustered */" marks a table whose rows
-- live in its primary key where the engine can do that.

-- Records: one JSON document by kind, scope and id.
CREATE TABLE record (
    kind  TEXT NOT NULL,
    scope TEXT NOT NULL,
    id    TEXT NOT NULL,
    doc   TEXT NOT NULL,
    PRIMARY KEY (kind, scope, id)
) /* clustered */;

-- The log of each chat. Items that are not stored (typing, receipts) go to sockets and stay out of transcripts;
-- several of them may carry the same item id, as the parts of a streamed message do.
CREATE TABLE chat_item (
    chat_id TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    item_id TEXT   NOT NULL,
    stored  BIGINT NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (chat_id, seq)
) /* clustered */;

CREATE UNIQUE INDEX chat_item_by_id ON chat_item (chat_id, item_id) WHERE stored = 1;

-- What is to happen, and when.
CREATE TABLE timer (
    id     TEXT   NOT NULL PRIMARY KEY,
    due_ms BIGINT NOT NULL,
    doc    TEXT   NOT NULL
) /* clustered */;

CREATE INDEX timer_by_due ON timer (due_ms, id);

-- First answers to calls that carried a client token. The key is a hash of caller, operation and token.
CREATE TABLE answer (
    key        TEXT   NOT NULL PRIMARY KEY,
    expires_ms BIGINT NOT NULL,
    doc        TEXT   NOT NULL
) /* clustered */;

CREATE INDEX answer_by_expiry ON answer (expires_ms);

-- Random keys made once, in base64.
CREATE TABLE secret (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) /* clustered */;

CREATE TABLE tag (
    arn   TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) /* clustered */;
